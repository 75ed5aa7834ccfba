"""What auditors ask with: the named queries and the tables they are about, the same for Athena and for a laptop."""
