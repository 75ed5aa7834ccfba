"""What policies would have done about recorded events, and what a change of them changes; with nothing able to act."""
