"""The shape of events: the fields they have, and a document of the same shape that patterns take."""

from collections.abc import Collection, Iterator
from copy import deepcopy
from itertools import islice, product
from typing import Any

from edsr.pattern import Pattern
from edsr.pattern.branches import Branch, Field
from edsr.pattern.events import View
from infra.lint.phrases import nearest

Document = dict[str, Any]

MOST_BRANCHES = 100
"""How many combinations of alternatives are tried; patterns with `$or` may have very many."""


def paths(document: Document) -> Iterator[str]:
    """The dotted path of every scalar in a document; the elements of an array have their array's path."""
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend((f"{path}.{name}" if path else name, inner) for name, inner in value.items())
        elif isinstance(value, list):
            waiting.extend((path, inner) for inner in value)
        else:
            yield path


def near(path: str, known: Collection[str]) -> list[str]:
    """The paths that were probably meant: a neighbour spelled much like it, or the same name elsewhere."""
    parent, _, name = path.rpartition(".")
    neighbours = {_last(one): one for one in known if one.rpartition(".")[0] == parent}
    found = [neighbours[close] for close in nearest(name, neighbours, 2)]
    elsewhere = [one for one in known if _last(one).lower() == name.lower()]
    return list(dict.fromkeys([*found, *nearest(path, elsewhere, 2)]))


def inside(path: str, known: Collection[str]) -> tuple[str, list[str]]:
    """The longest beginning of a path that is known, and the names that are found in it."""
    parent = path.rpartition(".")[0]
    while parent and not any(one.startswith(f"{parent}.") for one in known):
        parent = parent.rpartition(".")[0]
    begun = f"{parent}." if parent else ""
    return parent, sorted({one.removeprefix(begun).split(".")[0] for one in known if one.startswith(begun)})


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def fitted(document: Document, *patterns: Pattern, fixed: Collection[str] = ()) -> Document | None:
    """The document with as few values changed as it takes for all patterns to match; None when no way was found.

    Only values that are there are changed, and none at a `fixed` path. What is given was matched: it is a witness.
    """
    for branches in islice(product(*(pattern.branches for pattern in patterns)), MOST_BRANCHES):
        made = _filled(document, branches, fixed)
        if made is not None and all(pattern.matches(made) for pattern in patterns):
            return made
    return None


def _filled(document: Document, branches: tuple[Branch, ...], fixed: Collection[str]) -> Document | None:
    asked: dict[str, list[Field]] = {}
    for branch in branches:
        for field in branch.fields:
            asked.setdefault(field.path, []).append(field)
    view, changes = View(document), dict[str, Any]()
    for path, fields in asked.items():
        if _satisfied(fields, view):
            continue
        before = next((leaf.value for leaf in view.leaves(path)), None)
        value = next((one for one in _candidates(fields, before) if all(field.takes(one) for field in fields)), None)
        if value is None or path in fixed:
            return None
        changes[path] = value
    made = deepcopy(document)
    return made if all(_put(made, path, value) for path, value in changes.items()) else None


def _satisfied(fields: list[Field], view: View) -> bool:
    leaves = view.leaves(fields[0].path)
    if not leaves:
        return all(field.takes_absence() for field in fields)
    return any(all(field.takes(leaf.value) for field in fields) for leaf in leaves)


def _put(made: Document, path: str, value: Any) -> bool:
    """Put a value where there is one already; whether there was."""
    *way, last = path.split(".")
    node: Any = made
    for name in way:
        node = node.get(name) if isinstance(node, dict) else None
    if not isinstance(node, dict) or last not in node:
        return False
    node[last] = [value] if isinstance(node[last], list) else value
    return not isinstance(node[last], dict)


def _candidates(fields: list[Field], before: Any) -> Iterator[Any]:
    """Values that the fields might all take: what each names, its limits, and pieces of text put together.

    Text that was there before is kept where a beginning or an end will do, so that the value stays a likely one.
    """
    named = [(value, whole) for field in fields for wanted in field.wanted for value, whole in _named(wanted)]
    texts = [value for value, _ in named if isinstance(value, str)]
    if isinstance(before, str):
        pieces = [value for value, whole in named if isinstance(value, str) and not whole]
        yield from (made for piece in pieces for made in (piece + before, before + piece))
    yield from (value for value, _ in named)
    yield from (first + second for first in texts for second in texts)


def _named(wanted: Any) -> Iterator[tuple[Any, bool]]:
    """What one element of a field's list names, and whether it is all of a value or only a piece."""
    if not isinstance(wanted, dict):
        yield wanted, True
        return
    ((operator, operand),) = wanted.items()
    if isinstance(operand, dict):
        operand = next(iter(operand.values()))
    if operator in ("prefix", "suffix"):
        yield operand, False
    else:
        yield from ((value, True) for value in _worked_out(operator, operand))


def _worked_out(operator: str, operand: Any) -> Iterator[Any]:
    match operator:
        case "numeric":
            limits = [value for value in operand if not isinstance(value, str)]
            yield from (*limits, *(value + 1 for value in limits), *(value - 1 for value in limits))
            yield sum(limits) / len(limits)
        case "anything-but" | "exists":
            yield from ("x", "other", 0)
        case "wildcard":
            yield operand.replace("*", "")
            yield operand.replace("*", "x")
        case "cidr":
            yield operand.split("/")[0]
        case _:
            yield operand
