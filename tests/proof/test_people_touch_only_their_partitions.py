"""People's functions are limited to some partitions of the tables, and touch all of these and no others."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from edsr.route import ASKED, PATHS
from infra.catalogue import discover
from tests.infra.reading import as_list
from tests.proof.calls import Call
from tests.proof.roles import Account

pytestmark = pytest.mark.iam

ENTRIES = {entry.name: entry for entry in discover().functions.values()}
FUNCTIONS = sorted({*PATHS.values(), ASKED})
KEYS = "dynamodb:LeadingKeys"


def partitions(call: Call) -> Iterator[tuple[str, str]]:
    """The table and the partition of everything that a call touches."""
    said = call.params
    for table, asked in said.get("RequestItems", {}).items():
        yield from ((table, key["pk"]["S"]) for key in asked["Keys"])
    for part in said.get("TransactItems", []):
        for item in part.values():
            yield item["TableName"], item.get("Key", item.get("Item"))["pk"]["S"]
    if call.operation == "Query":
        yield said["TableName"], said["ExpressionAttributeValues"][":pk"]["S"]


def limits(account: Account, function: str, verb: str = "") -> dict[str, set[str]]:
    """The partitions that the role allows, by table; with a verb, those in which it may do that."""
    found: dict[str, set[str]] = {}
    for statement in account.role_of(function).granted:
        said: dict[str, Any] = dict(statement.said)
        if statement.allows and any(action.startswith(f"dynamodb:{verb}") for action in as_list(said["Action"])):
            (table,) = (resource.rsplit("/", 1)[1] for resource in as_list(said["Resource"]))
            found.setdefault(table, set()).update(said["Condition"]["ForAllValues:StringLike"][KEYS])
    return found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_partition_it_touches_is_one_it_may_touch_and_none_is_left_over(
    function: str, account: Account, calls: list[Call], asked: list[Call]
) -> None:
    allowed = limits(account, function)
    touched = {one for call in [*calls, *asked] if call.actor == function for one in partitions(call)}
    used = {(table, pattern) for table, pk in touched for pattern in allowed[table] if fnmatchcase(pk, pattern)}
    assert {pk for table, pk in touched if not any(fnmatchcase(pk, each) for each in allowed[table])} == set()
    assert used == {(table, pattern) for table, patterns in allowed.items() for pattern in patterns}


def test_no_other_function_that_people_call_writes_where_incidents_are(account: Account) -> None:
    for verb in ("Put", "Update", "Delete"):
        allowed = limits(account, "edsr-control-switch", verb).get("edsr-state", set())
        assert not any(pattern.startswith("INC#") for pattern in allowed), verb
    for function in ("edsr-approve-answer", ASKED):
        assert limits(account, function) == {"edsr-state": {"INC#*"}, "edsr-audit": {"INC#*"}}
