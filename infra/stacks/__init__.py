"""The two stacks: what must outlive a deployment, and what every deployment replaces."""
