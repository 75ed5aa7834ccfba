"""DynamoDB's condition expressions: each text is parsed once, and held against items as DynamoDB spells them."""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

Typed = dict[str, Any]
"""A value with its type, such as {"S": "text"}; an item is a map of them."""


class ExpressionInvalid(ValueError):
    """An expression that DynamoDB would not take."""


class Given(NamedTuple):
    """What an expression is held against."""

    item: Mapping[str, Typed]
    names: Mapping[str, str]
    values: Mapping[str, Typed]


Path = tuple[str | int, ...]
Operand = Callable[[Given], Typed | None]
Test = Callable[[Given], bool]

_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),.+\-\[\]]|[#:]?[A-Za-z0-9_]+)")
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


class Words:
    """The tokens of an expression, taken one after the other; `used` collects its placeholders."""

    def __init__(self, text: str) -> None:
        self._left = list(reversed(list(_tokens(text))))
        self.used = {word for word in self._left if word[0] in "#:"}

    def peek(self) -> str:
        return self._left[-1] if self._left else ""

    def take(self, *wanted: str) -> str:
        """The next word; it has to be one of those wanted, where any are."""
        if not self._left or (wanted and self.peek().upper() not in wanted):
            raise ExpressionInvalid(f"Syntax error; token: {self.peek() or '<EOF>'}, expected {wanted or 'more'}")
        return self._left.pop()

    def skip(self, wanted: str) -> bool:
        """Take the next word if it is this one."""
        found = self.peek().upper() == wanted
        if found:
            self._left.pop()
        return found


def _tokens(text: str) -> Iterator[str]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise ExpressionInvalid(f"Syntax error; token: {text[at:]}")
        yield match[1]
        at = match.end()


@cache
def condition(text: str) -> tuple[Test, frozenset[str]]:
    """A condition as a function, and the placeholders it uses."""
    words = Words(text)
    test = _any(words)
    if words.peek():
        raise ExpressionInvalid(f"Syntax error; token: {words.peek()}")
    return test, frozenset(words.used)


def _any(words: Words) -> Test:
    tests = [_all(words)]
    while words.skip("OR"):
        tests.append(_all(words))
    return tests[0] if len(tests) == 1 else lambda given: any(test(given) for test in tests)


def _all(words: Words) -> Test:
    tests = [_one(words)]
    while words.skip("AND"):
        tests.append(_one(words))
    return tests[0] if len(tests) == 1 else lambda given: all(test(given) for test in tests)


def _one(words: Words) -> Test:
    if words.skip("NOT"):
        inner = _one(words)
        return lambda given: not inner(given)
    if words.skip("("):
        inner = _any(words)
        words.take(")")
        return inner
    if words.peek() in _FUNCTIONS:
        return _FUNCTIONS[words.take()](words)
    return _comparison(words)


def _comparison(words: Words) -> Test:
    left = operand(words)
    sign = words.take("=", "<>", "<", ">", "<=", ">=", "IN", "BETWEEN").upper()
    if sign == "IN":
        choices = _arguments(words)
        return lambda given: any(equal(left(given), choice(given)) for choice in choices)
    right = operand(words)
    if sign == "BETWEEN":
        words.take("AND")
        last = operand(words)
        return lambda given: _ordered(">=", left(given), right(given)) and _ordered("<=", left(given), last(given))
    if sign == "=":
        return lambda given: equal(left(given), right(given))
    if sign == "<>":
        return lambda given: not equal(left(given), right(given))
    return lambda given: _ordered(sign, left(given), right(given))


def _arguments(words: Words) -> list[Operand]:
    words.take("(")
    found = [operand(words)]
    while words.skip(","):
        found.append(operand(words))
    words.take(")")
    return found


def _exists(words: Words) -> Test:
    (path,) = _arguments(words)
    return lambda given: path(given) is not None


def _absent(words: Words) -> Test:
    (path,) = _arguments(words)
    return lambda given: path(given) is None


def _contains(words: Words) -> Test:
    whole, part = _arguments(words)
    return lambda given: _within(whole(given), part(given))


def _begins(words: Words) -> Test:
    whole, start = _arguments(words)
    return lambda given: str((whole(given) or {}).get("S", "\0")).startswith(str((start(given) or {}).get("S")))


_FUNCTIONS: dict[str, Callable[[Words], Test]] = {
    "attribute_exists": _exists,
    "attribute_not_exists": _absent,
    "contains": _contains,
    "begins_with": _begins,
}


def operand(words: Words) -> Operand:
    """A value, an attribute, or the size of one."""
    if words.skip("SIZE"):
        (sized,) = _arguments(words)
        return lambda given: _size(sized(given))
    if words.peek().startswith(":"):
        name = words.take()
        return lambda given: given.values[name]
    parts = path(words)
    return lambda given: find(given.item, resolved(parts, given.names))


def path(words: Words) -> Path:
    """An attribute's path, its placeholders unresolved."""
    parts: list[str | int] = [words.take()]
    while words.peek() in (".", "["):
        if words.take() == ".":
            parts.append(words.take())
        else:
            parts.append(int(words.take()))
            words.take("]")
    return tuple(parts)


def resolved(parts: Path, names: Mapping[str, str]) -> Path:
    """A path with its placeholders filled in."""
    return tuple(names[part] if isinstance(part, str) and part[0] == "#" else part for part in parts)


def find(item: Mapping[str, Typed], parts: Path) -> Typed | None:
    """What stands at a path; None when nothing does."""
    value: Any = {"M": item}
    for part in parts:
        inner = value.get("L" if isinstance(part, int) else "M")
        if inner is None or (part not in inner if isinstance(part, str) else part >= len(inner)):
            return None
        value = inner[part]
    found: Typed = value
    return found


def equal(left: Typed | None, right: Typed | None) -> bool:
    """Of one type and value; numbers by value, sets in any order."""
    if left is None or right is None:
        return False
    ((kind, a),), ((other, b),) = left.items(), right.items()
    same = _SAME.get(kind, lambda x, y: bool(x == y))
    return kind == other and same(a, b)


_SAME: dict[str, Callable[[Any, Any], bool]] = {
    "N": lambda a, b: Decimal(a) == Decimal(b),
    "SS": lambda a, b: sorted(a) == sorted(b),
    "NS": lambda a, b: sorted(a) == sorted(b),
    "L": lambda a, b: len(a) == len(b) and all(map(equal, a, b)),
    "M": lambda a, b: a.keys() == b.keys() and all(equal(a[name], b[name]) for name in a),
}


def _ordered(sign: str, left: Typed | None, right: Typed | None) -> bool:
    if left is None or right is None:
        return False
    ((kind, a),), ((other, b),) = left.items(), right.items()
    if kind != other or kind not in ("N", "S", "B"):
        return False
    return _ORDER[sign](Decimal(a), Decimal(b)) if kind == "N" else _ORDER[sign](a, b)


def _within(whole: Typed | None, part: Typed | None) -> bool:
    if whole is None or part is None:
        return False
    ((kind, a),), ((other, b),) = whole.items(), part.items()
    if kind == "L":
        return any(equal(inner, part) for inner in a)
    return kind in (other, f"{other}S") and b in a


def _size(value: Typed | None) -> Typed | None:
    if value is None:
        return None
    ((kind, inner),) = value.items()
    if kind not in ("S", "B", "L", "M", "SS", "NS", "BS"):
        return None
    return {"N": str(len(inner.encode()) if kind == "S" else len(inner))}
