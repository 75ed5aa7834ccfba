"""act: the only hands that write, one Lambda and one role for each action."""
