"""The whole way of one event: the real state machine with the real handlers."""
