"""Tests of game days, but for playing them: `make gamedays` does that."""
