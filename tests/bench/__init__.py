"""Figures, measured: each module has `run()`, which returns them; `python -m tests.bench` prints them all."""
