"""Notices: what people are told, as events on the suite's bus."""

SOURCE, KIND = "edsr.notify", "Notice"
"""Who puts them there, and their detail type: rules, commands and the test of the channels go by these."""
