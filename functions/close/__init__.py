"""close: an incident ends, once, with its reason."""
