"""What is asked in turn in case the bus dropped it: one module by poll; each gives events as the bus would have."""
