"""EventBridge event patterns, as AWS matches them: compile one, match and explain events, index many.

    pattern.compile({"detail": {"state": [{"anything-but": "stopped"}]}}).matches(event)

Exact against the reference implementation; what differs, and why, is listed in the tests.
"""

from edsr.pattern.explaining import Row
from edsr.pattern.index import Index
from edsr.pattern.invalid import PatternInvalid
from edsr.pattern.matching import Pattern, compile  # noqa: A004 - the word for it, always written pattern.compile

__all__ = ["Index", "Pattern", "PatternInvalid", "Row", "compile"]
