"""anchor: what was exported is signed, so that nobody can rewrite it and say it was always so."""
