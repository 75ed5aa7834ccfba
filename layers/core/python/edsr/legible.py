"""Text that others wrote, as people may look at it: what would steer a terminal, or turn a line around, is shown."""

import re

_STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but for tab and line feed, marks of direction, and halves of surrogate pairs."""


def legible(text: str) -> str:
    """The text with each character that steers, and is not read, as its escape: `\\x1b`, `\\u202e`."""
    return _STEERS.sub(_shown, text)


def line(text: str) -> str:
    """The same in one line: who wrote it begins no other, such as one that says where to look for help."""
    return legible(" ".join(text.split()))


def escape(text: str) -> str:
    """The same as it may stand in a page, also within quotes: nothing in it is markup."""
    import html  # with every character's name, which who only detects has no use for

    return html.escape(legible(text))


def _shown(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"
