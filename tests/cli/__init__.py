"""What people ask of the suite, and how it answers."""
