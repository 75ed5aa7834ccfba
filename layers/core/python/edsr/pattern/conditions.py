"""One condition of a pattern: what a field may be, as a test on one value of the event."""

from collections.abc import Callable, Collection, Hashable
from operator import ge, gt, le, lt
from typing import Literal, NamedTuple

from edsr.pattern import texts
from edsr.pattern.addresses import Address, Block, block
from edsr.pattern.invalid import kind, refuse
from edsr.pattern.scalars import LARGEST, comparable, exact, literal

MAX_WILDCARD_COMPLEXITY = 10

Kind = Literal["exact", "prefix", "present", "absent", "test"]


class Condition(NamedTuple):
    """A test on one value. `key` is equal for equal conditions; for `exact` it is the key of the wanted value."""

    kind: Kind
    key: Hashable
    holds: Callable[[object], bool]


def read(wanted: object, path: str) -> Condition:
    """The condition an element of a field's list stands for; PatternInvalid when it stands for none."""
    if isinstance(wanted, dict):
        operator, operand = _only_entry(wanted, path, OPERATORS)
        return OPERATORS[operator](operand, f"{path}.{operator}")
    if wanted is not None and not isinstance(wanted, str | bool | int | float):
        refuse(path, f"must be a string, number, true, false, null or an object with an operator, not {kind(wanted)}")
    if isinstance(wanted, float) and comparable(wanted) is None:
        refuse(path, "must be a number that a 64-bit float can hold")
    return _equal_to(exact(wanted))


def _equal_to(key: Hashable) -> Condition:
    if isinstance(key, Address):
        return Condition("exact", key, Block(key.digits, key.digits).holds)
    return Condition("exact", key, lambda value: literal(value) == key)


def _test(operator: str, operand: object, holds: Callable[[object], bool]) -> Condition:
    return Condition("test", f"{operator} {operand!r}", holds)


def _exactly(operand: object, path: str) -> Condition:
    text = _text(operand, path)
    return _test("exactly", text, lambda value: value == text)


def _prefix(operand: object, path: str) -> Condition:
    if isinstance(operand, dict):
        return _test("prefix", operand, texts.starts_in_any_case(_any_case(operand, path)))
    text = _text(operand, path)
    holds = texts.starts(text)
    return _test("prefix", text, holds) if text.endswith('"') else Condition("prefix", text, holds)


def _suffix(operand: object, path: str) -> Condition:
    if isinstance(operand, dict):
        return _test("suffix", operand, texts.ends_in_any_case(_any_case(operand, path)))
    return _test("suffix", operand, texts.ends(_text(operand, path)))


def _equals_ignore_case(operand: object, path: str) -> Condition:
    return _test("equals-ignore-case", operand, texts.equals_in_any_case(_text(operand, path)))


def _wildcard(operand: object, path: str) -> Condition:
    return _test("wildcard", operand, _fits(_text(operand, path), path))


def _exists(operand: object, path: str) -> Condition:
    if operand is True:
        return Condition("present", "exists", lambda _: True)
    if operand is not False:
        refuse(path, f"must be true or false, not {kind(operand)}")
    return Condition("absent", "exists not", lambda _: False)


def _cidr(operand: object, path: str) -> Condition:
    try:
        return _test("cidr", operand, block(_text(operand, path)).holds)
    except ValueError as wrong:
        refuse(path, str(wrong))


def _numeric(operand: object, path: str) -> Condition:
    if not isinstance(operand, list) or len(operand) not in {2, 4}:
        refuse(path, 'must be a list such as ["=", 5], ["<", 5] or [">", 0, "<=", 5]')
    if operand[0] not in ("=", "<", "<=", ">", ">="):
        refuse(f"{path}[0]", "must be one of =, <, <=, >, >=")
    numbers = [_number(operand[index], f"{path}[{index}]") for index in range(1, len(operand), 2)]
    if len(operand) == 2:
        return _test("numeric", operand, _one_sided(operand[0], numbers[0]))
    if operand[0] not in (">", ">=") or operand[2] not in ("<", "<="):
        refuse(path, "a range starts with > or >= and ends with < or <=")
    if numbers[0] >= numbers[1]:
        refuse(path, "the lower end of a range must be less than the upper end")
    return _test("numeric", operand, _between(operand[0], numbers[0], operand[2], numbers[1]))


def _one_sided(operator: str, number: float) -> Callable[[object], bool]:
    if operator == "=":
        return _between(">=", number, "<=", number)
    return _between(operator, number) if operator in {">", ">="} else _between(above=operator, upper=number)


def _between(
    below: str = ">=", lower: float = -LARGEST, above: str = "<=", upper: float = LARGEST
) -> Callable[[object], bool]:
    over, under = (gt if below == ">" else ge), (lt if above == "<" else le)

    def test(value: object) -> bool:
        number = comparable(value)
        return number is not None and over(number, lower) and under(number, upper)

    return test


def _anything_but(operand: object, path: str) -> Condition:
    if isinstance(operand, dict):
        operator, inner = _only_entry(operand, path, _EXCLUDERS)
        items = inner if isinstance(inner, list) else [inner]
        if not items:
            refuse(f"{path}.{operator}", "must not be empty: list at least one string")
        tests = [_EXCLUDERS[operator](item, f"{path}.{operator}") for item in items]
        return _test("anything-but", operand, lambda value: not any(test(value) for test in tests))
    items = operand if isinstance(operand, list) else [operand]
    excluded = frozenset(_excluded(item, path) for item in items)
    if len({isinstance(item, str) for item in items}) != 1:
        refuse(path, "must list strings only or numbers only, and at least one")
    return _test("anything-but", operand, lambda value: literal(value) not in excluded)


def _excluded(item: object, path: str) -> Hashable:
    return item if isinstance(item, str) else _number(item, path, "a string or a number")


def _filled(operand: object, path: str) -> str:
    return _text(operand, path) or refuse(path, "must not be empty inside anything-but")


def _fits(text: str, path: str) -> Callable[[object], bool]:
    try:
        pieces = texts.wildcard_pieces(text)
    except ValueError as wrong:
        refuse(path, str(wrong))
    if len(pieces) > 1 and texts.wildcard_complexity(pieces) > MAX_WILDCARD_COMPLEXITY:
        refuse(path, "is too complex: use fewer stars, or fewer repetitions of the text that follows a star")
    return texts.fits(pieces)


def _any_case(operand: dict[str, object], path: str) -> str:
    operator, text = _only_entry(operand, path, ("equals-ignore-case",))
    return _text(text, f"{path}.{operator}")


def _only_entry(given: dict[str, object], path: str, allowed: Collection[str]) -> tuple[str, object]:
    names = ", ".join(sorted(allowed))
    if len(given) != 1:
        refuse(path, f"must have exactly one operator, one of {names}; this has {len(given)}")
    ((operator, operand),) = given.items()
    if operator not in allowed:
        refuse(path, f"unknown operator {operator!r}; allowed: {names}")
    return operator, operand


def _text(operand: object, path: str) -> str:
    return operand if isinstance(operand, str) else refuse(path, f"must be a string, not {kind(operand)}")


def _number(operand: object, path: str, allowed: str = "a number") -> float:
    if isinstance(operand, bool) or not isinstance(operand, int | float):
        refuse(path, f"must be {allowed}, not {kind(operand)}")
    number = comparable(operand)
    return number if number is not None else refuse(path, "must be a number that a 64-bit float can hold exactly")


_Excluder = Callable[[object, str], Callable[[object], bool]]
_EXCLUDERS: dict[str, _Excluder] = {
    "equals-ignore-case": lambda operand, path: texts.equals_in_any_case(_text(operand, path)),
    "prefix": lambda operand, path: texts.starts(_filled(operand, path)),
    "suffix": lambda operand, path: texts.ends(_filled(operand, path)),
    "wildcard": lambda operand, path: _fits(_text(operand, path), path),
}

OPERATORS: dict[str, Callable[[object, str], Condition]] = {
    "anything-but": _anything_but,
    "cidr": _cidr,
    "equals-ignore-case": _equals_ignore_case,
    "exactly": _exactly,
    "exists": _exists,
    "numeric": _numeric,
    "prefix": _prefix,
    "suffix": _suffix,
    "wildcard": _wildcard,
}
