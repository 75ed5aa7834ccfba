"""Chaos: the real handlers through every crash point and interleaving within a bound, on references of AWS."""
