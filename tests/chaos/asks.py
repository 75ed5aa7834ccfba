"""Writes and reads as asked for: read once, refused as AWS refuses them, and what becomes of an item."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from tests.chaos.errors import error
from tests.chaos.expressions import ExpressionInvalid, Given, Test, Typed, condition
from tests.chaos.updates import Change, changed, refuse_overlap, update

Stored = Mapping[str, Typed]
Place = tuple[str, str, str]
NO_PLACEHOLDERS: frozenset[str] = frozenset()
_SETS = ("SS", "NS", "BS")


class Table(NamedTuple):
    """A table's sort key, and the keys of its indexes by their names."""

    sort: str
    indexes: Mapping[str, tuple[str, str]] = {}


class Ask(NamedTuple):
    """One write as asked for, read once: where, under which test, and what becomes of the item."""

    place: Place
    key: dict[str, Typed]
    verb: str
    test: Test
    names: Mapping[str, str]
    values: Mapping[str, Typed]
    item: dict[str, Typed]
    changes: tuple[Change, ...]
    says_old: bool

    def holds(self, item: Stored) -> bool:
        """Whether its condition holds on what is there."""
        return self.test(Given(item, self.names, self.values))

    def becomes(self, item: Stored) -> Stored | None:
        """The item afterwards, None when it is gone."""
        if self.verb == "Put":
            return self.item
        if self.verb == "Update":
            return changed(self.changes, Given(item or self.key, self.names, self.values))
        return None if self.verb == "Delete" else item or None


def invalid(message: str) -> ClientError:
    """A request that AWS would not even look at."""
    return error("ValidationException", message)


def ask_of(tables: Mapping[str, Table], verb: str, said: dict[str, Any]) -> Ask:
    """Read one write; ValidationException when AWS would not take it."""
    names, values = said.get("ExpressionAttributeNames"), said.get("ExpressionAttributeValues")
    try:
        test, used = (
            condition(said["ConditionExpression"]) if "ConditionExpression" in said else (_always, NO_PLACEHOLDERS)
        )
        changes, more = update(said["UpdateExpression"]) if "UpdateExpression" in said else ((), NO_PLACEHOLDERS)
        refuse_placeholders(names, values, used | more)
        refuse_overlap(changes, names or {})
    except ExpressionInvalid as exc:
        raise invalid(str(exc)) from exc
    table = said["TableName"]
    item: dict[str, Typed] = said.get("Item", {})
    _refuse_empty({**item, **(values or {})})
    sort = table_of(tables, table).sort
    if {str((names or {}).get(str(change.path[0]), change.path[0])) for change in changes} & {"pk", sort}:
        raise invalid("One or more parameter values were invalid: Cannot update attribute. It is part of the key")
    key = said["Key"] if "Key" in said else {name: item[name] for name in ("pk", sort) if name in item}
    old = said.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    return Ask(place_of(tables, table, key), key, verb, test, names or {}, values or {}, item, changes, old)


def table_of(tables: Mapping[str, Table], name: str) -> Table:
    """The table of that name."""
    if name not in tables:
        raise error("ResourceNotFoundException", f"Requested resource not found: {name}")
    return tables[name]


def place_of(tables: Mapping[str, Table], table: str, key: Mapping[str, Typed]) -> Place:
    """Where an item is."""
    sort = table_of(tables, table).sort
    if set(key) != {"pk", sort}:
        raise invalid("The provided key element does not match the schema")
    ((_, pk),), ((_, sk),) = key["pk"].items(), key[sort].items()
    if not pk or not sk:
        raise invalid("One or more parameter values are not valid: a key is empty")
    return table, pk, sk


def _always(_: Given) -> bool:
    return True


_UNCONDITIONAL: tuple[Test, frozenset[str]] = (_always, NO_PLACEHOLDERS)


def refuse_placeholders(
    names: Mapping[str, str] | None, values: Mapping[str, Typed] | None, used: frozenset[str]
) -> None:
    """Every placeholder is defined, and every definition used."""
    for what, given in (("ExpressionAttributeNames", names), ("ExpressionAttributeValues", values)):
        if given is not None and not given:
            raise invalid(f"{what} must not be empty")
        if unused := sorted(set(given or ()) - used):
            raise invalid(f"Value provided in {what} unused in expressions: keys: {{{', '.join(unused)}}}")
    if undefined := sorted(used - set(names or ()) - set(values or ())):
        raise invalid(f"An expression attribute used in expression is not defined: {', '.join(undefined)}")


def _refuse_empty(values: Mapping[str, Typed]) -> None:
    for value in values.values():
        ((kind, inner),) = value.items()
        if kind in _SETS and not inner:
            raise invalid("One or more parameter values were invalid: An string set  may not be empty")
        if kind in _SETS and len(set(inner)) != len(inner):
            raise invalid("One or more parameter values were invalid: Input collection contains duplicates.")
        if kind == "M":
            _refuse_empty(inner)
