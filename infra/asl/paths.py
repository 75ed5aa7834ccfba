"""The JSONPath of Amazon States Language: whether a path can be read, and whether a function it calls exists."""

import re
from typing import Any

_NAME = r"[^\W\d][\w-]*"
_QUOTED = r"'(?:[^'\\]|\\.)*'" + r'|"(?:[^"\\]|\\.)*"'
_INDEX = r"-?\d+"
_SLICE = r"-?\d*:-?\d*(?::-?\d+)?"
_FILTER = r"\?\([^()]*(?:\([^()]*\)[^()]*)*\)"
_MANY = "|".join((rf"(?:{_QUOTED})(?:\s*,\s*(?:{_QUOTED}))*", rf"{_INDEX}(?:\s*,\s*{_INDEX})*", _SLICE, _FILTER, r"\*"))

PATH = re.compile(rf"\$\$?(?:\.\.?(?:{_NAME}|\*)|(?:\.\.)?\[(?:{_MANY})\])*")
REFERENCE = re.compile(rf"\$(?:\.{_NAME}|\[(?:{_QUOTED}|\d+)\])*")
_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|null|true|false")
_CALL = re.compile(r"(States\.\w+)\(")
_SPACE = re.compile(r"\s*")

ARGUMENTS = {
    "States.Array": (0, None),
    "States.ArrayContains": (2, 2),
    "States.ArrayGetItem": (2, 2),
    "States.ArrayLength": (1, 1),
    "States.ArrayPartition": (2, 2),
    "States.ArrayRange": (3, 3),
    "States.ArrayUnique": (1, 1),
    "States.Base64Decode": (1, 1),
    "States.Base64Encode": (1, 1),
    "States.Format": (1, None),
    "States.Hash": (2, 2),
    "States.JsonMerge": (3, 3),
    "States.JsonToString": (1, 1),
    "States.MathAdd": (2, 2),
    "States.MathRandom": (2, 3),
    "States.StringSplit": (2, 2),
    "States.StringToJson": (1, 1),
    "States.UUID": (0, 0),
}
"""How many arguments each intrinsic function takes, at least and at most."""


class _Unreadable(Exception):
    """What is wrong with a text."""


def wrong_in(text: Any, *, reference: bool = False) -> str | None:
    """What is wrong with a path or a call of a function; None when it can be read.

    A `reference` names exactly one place: no wildcards, slices or filters, and no function.
    """
    if not isinstance(text, str):
        return f"{text!r} is not a path"
    if reference:
        return None if REFERENCE.fullmatch(text) else f"{text} does not name one place"
    try:
        end = _value(text, 0)
    except _Unreadable as exc:
        return str(exc)
    return None if end == len(text) else f"{text} cannot be read from {text[end:]!r} on"


def _value(text: str, at: int) -> int:
    """Read a path or a call that begins here; gives where it ends."""
    if call := _CALL.match(text, at):
        return _call(text, call[1], call.end())
    if path := PATH.match(text, at):
        return path.end()
    raise _Unreadable(f"{text[at:]!r} is neither a path nor a call of a function")


def _call(text: str, name: str, at: int) -> int:
    if name not in ARGUMENTS:
        raise _Unreadable(f"there is no function {name}")
    count, at = 0, _after_space(text, at)
    while text[at : at + 1] != ")":
        at = _after_space(text, _argument(text, at))
        count += 1
        if text[at : at + 1] == ",":
            at = _after_space(text, at + 1)
        elif text[at : at + 1] != ")":
            raise _Unreadable(f"{name} cannot be read from {text[at:]!r} on")
    least, most = ARGUMENTS[name]
    if count < least or (most is not None and count > most):
        raise _Unreadable(f"{name} does not take {count} arguments")
    return at + 1


def _argument(text: str, at: int) -> int:
    literal = _LITERAL.match(text, at)
    return literal.end() if literal else _value(text, at)


def _after_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at
