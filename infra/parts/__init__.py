"""The parts the stacks are put together from."""
