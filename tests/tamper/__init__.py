"""Tampering: every way to tamper with the audit, at every position of a chain, and what finds it."""
