"""Tests as documentation: what each part promises, in sentences."""
