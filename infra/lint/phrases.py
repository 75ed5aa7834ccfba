"""How lint says things: what is allowed, and what was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def meant(given: str, allowed: Iterable[str]) -> str:
    """`, did you mean 'x'?` when something allowed is close."""
    close = nearest(given, allowed)
    return f", did you mean {close[0]!r}?" if close else ""


def nearest(given: str, allowed: Iterable[str], n: int = 1) -> list[str]:
    """What is spelled much like it, the closest first; small and capital letters count as the same."""
    lowered = {known.lower(): known for known in sorted(allowed, reverse=True)}
    return [lowered[close] for close in get_close_matches(given.lower(), lowered, n=n)]


def none_such(kind: str, given: str, allowed: Iterable[str]) -> str:
    """`there is no playbook 'x', did you mean ...?; there are: ...`."""
    known = sorted(allowed)
    return f"there is no {kind} {given!r}{meant(given, known)}; there are: {', '.join(known) or 'none'}"
