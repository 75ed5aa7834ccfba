"""The probes, one module for each condition; each reads, and says what it saw."""
