"""approve: a person is asked about a plan, and their answer reaches the task that waits for it."""
