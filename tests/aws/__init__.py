"""Each adapter and stage against an AWS that answers."""
