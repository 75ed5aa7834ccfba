"""What of the seed document is covered, by what, and what is missing: the page docs/coverage.md."""
