"""`edsr policy`: writing policies, checking them, and asking what they would do; offline, with nothing able to act."""
