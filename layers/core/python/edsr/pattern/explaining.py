"""Says which parts of a pattern an event satisfies, and what the event had there."""

from collections.abc import Iterator
from typing import NamedTuple

from edsr.pattern.branches import Branch, Field
from edsr.pattern.events import View


class Row(NamedTuple):
    """One part of a pattern against one event.

    path: the field in the pattern, dotted, with `$or[n]` where an alternative begins.
    wanted: the list the pattern has there.
    found: the values the event has there, empty when it has none.
    matched: whether one of them is wanted (or their absence is).
    """

    path: str
    wanted: list[object]
    found: list[object]
    matched: bool


def explain(branches: list[Branch], view: View) -> list[Row]:
    """A row per field; where all fields of a branch match but not in one array element, a row that says so.

    The event matches when every row outside `$or` is matched and one alternative of every `$or` is.
    """
    satisfied = {field.label for branch in branches if branch.matches(view) for field in branch.fields}
    fields = {field.label: field for branch in branches for field in branch.fields}
    rows = [_row(field, view, matched=field.label in satisfied) for field in fields.values()]
    unmatched = {row.path for row in rows if not row.matched}
    disagreements = (
        _disagreement(branch, view)
        for branch in branches
        if unmatched.isdisjoint(field.label for field in branch.fields) and not branch.matches(view)
    )
    return [*rows, *disagreements]


def _row(field: Field, view: View, *, matched: bool) -> Row:
    values = [leaf.value for leaf in view.leaves(field.path)]
    alone = any(field.takes(value) for value in values) or (not values and field.takes_absence())
    return Row(field.label, field.wanted, values, matched or alone)


def _disagreement(branch: Branch, view: View) -> Row:
    sharing = list(_sharing(branch, view))
    deepest = max((array for _, array in sharing), key=len, default="")
    labels = sorted({label for label, array in sharing if array == deepest})
    wanted: list[object] = [f"one element that has all of: {', '.join(labels)}"]
    return Row(deepest, wanted, ["no such element"], matched=False)


def _sharing(branch: Branch, view: View) -> Iterator[tuple[str, str]]:
    """Each field's label with the dotted name of each array its values stand in, where another field's do too."""
    users: dict[str, set[str]] = {}
    for field in branch.fields:
        for leaf in view.leaves(field.path):
            for array, _ in leaf.positions:
                users.setdefault(str(array[-1]), set()).add(field.label)
    return ((label, array) for array, labels in users.items() if len(labels) > 1 for label in labels)
