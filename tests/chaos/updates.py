"""DynamoDB's update expressions: SET, REMOVE, ADD and DELETE, on a copy of the item."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from tests.chaos.expressions import ExpressionInvalid, Given, Operand, Path, Typed, Words, find, operand, path, resolved

_CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")


class Change(NamedTuple):
    """One change of one attribute."""

    clause: str
    path: Path
    value: Operand | None


@cache
def update(text: str) -> tuple[tuple[Change, ...], frozenset[str]]:
    """The changes an expression asks for, and the placeholders it uses."""
    words = Words(text)
    changes: list[Change] = []
    seen: set[str] = set()
    while words.peek():
        clause = words.take(*_CLAUSES).upper()
        if clause in seen:
            raise ExpressionInvalid(f'The "{clause}" section can only be used once in an update expression;')
        seen.add(clause)
        changes.append(_change(clause, words))
        while words.skip(","):
            changes.append(_change(clause, words))
    return tuple(changes), frozenset(words.used)


def _change(clause: str, words: Words) -> Change:
    at = path(words)
    if clause == "REMOVE":
        return Change(clause, at, None)
    if clause == "SET":
        words.take("=")
        return Change(clause, at, _sum(words))
    return Change(clause, at, operand(words))


def _sum(words: Words) -> Operand:
    left = _term(words)
    if words.peek() not in ("+", "-"):
        return left
    sign, right = words.take(), _term(words)
    return lambda given: _added(left(given), right(given), -1 if sign == "-" else 1)


def _term(words: Words) -> Operand:
    if words.skip("IF_NOT_EXISTS"):
        words.take("(")
        first = operand(words)
        words.take(",")
        second = _term(words)
        words.take(")")
        return lambda given: first(given) or second(given)
    return operand(words)


def _added(left: Typed | None, right: Typed | None, sign: int) -> Typed:
    if not left or not right or "N" not in left or "N" not in right:
        raise ExpressionInvalid("An operand in the update expression has an incorrect data type")
    return {"N": str(Decimal(left["N"]) + sign * Decimal(right["N"]))}


def refuse_overlap(changes: Iterable[Change], names: Mapping[str, str]) -> None:
    """Two changes of one attribute, or of one within the other, are one too many."""
    seen: list[Path] = []
    for change in changes:
        at = resolved(change.path, names)
        for other in seen:
            if at[: len(other)] == other or other[: len(at)] == at:
                raise ExpressionInvalid(
                    "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one"
                )
        seen.append(at)


def changed(changes: Iterable[Change], given: Given) -> dict[str, Typed]:
    """The item after the changes; every value is worked out from the item before them."""
    made = dict(given.item)
    for change in changes:
        at = resolved(change.path, given.names)
        value = change.value(given) if change.value else None
        if change.clause == "SET" and value is None:
            raise ExpressionInvalid("The provided expression refers to an attribute that does not exist in the item")
        if change.clause in ("ADD", "DELETE"):
            value = _combined(change.clause, find(given.item, at), value)
        made = _put(made, at, value)
    return made


def _combined(clause: str, old: Typed | None, value: Typed | None) -> Typed | None:
    """ADD and DELETE: numbers add up, sets grow and shrink; an empty set is no attribute."""
    if value is None:
        raise ExpressionInvalid("An operand in the update expression has an incorrect data type")
    ((kind, said),) = value.items()
    if clause == "ADD" and kind == "N":
        return _added(old or {"N": "0"}, value, 1)
    if kind not in ("SS", "NS") or (old and kind not in old):
        raise ExpressionInvalid("An operand in the update expression has an incorrect data type")
    there = set(old[kind]) if old else set()
    left = there | set(said) if clause == "ADD" else there - set(said)
    return {kind: sorted(left)} if left else None


def _put(item: dict[str, Any], at: Path, value: Typed | None) -> dict[str, Any]:
    """A copy of a map with this value at a path, or without what stands there."""
    first, rest = at[0], at[1:]
    made = dict(item)
    if rest:
        inner = made.get(str(first), {})
        if "M" not in inner or isinstance(rest[0], int):
            raise ExpressionInvalid("The document path provided in the update expression is invalid for update")
        made[str(first)] = {"M": _put(inner["M"], rest, value)}
    elif value is None:
        made.pop(str(first), None)
    else:
        made[str(first)] = value
    return made
