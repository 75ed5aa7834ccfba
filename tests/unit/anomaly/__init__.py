"""What is held of a series of numbers."""
