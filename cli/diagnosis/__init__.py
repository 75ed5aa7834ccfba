"""What keeps a policy from ever firing in an account, and quotas near their limits: one module for each question."""
