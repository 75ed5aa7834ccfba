"""Game days: incidents made on purpose, and what must be true of the suite afterwards."""
