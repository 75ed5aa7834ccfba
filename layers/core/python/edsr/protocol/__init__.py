"""The protocol: the transactions that make a remediation happen once, and be written down before it does."""
