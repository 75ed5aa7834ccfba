"""The selectors, one module each: what a step is to act on, and how much, worked out of the account, read only."""
