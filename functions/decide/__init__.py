"""decide: a Finding becomes a Decision, with every gate's reason, and at most one running incident."""
