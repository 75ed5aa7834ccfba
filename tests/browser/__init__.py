"""The console in a real browser: `make test-browser` runs these, and keeps what they look like in build/screenshots."""
