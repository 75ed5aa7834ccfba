"""The selectors, one module for each kind of target: they read a target's state, and change nothing."""
