"""What a call means to the protocol: the audit records a transaction commits, the effect a change has."""

import json
from functools import cache
from typing import Any, NamedTuple

from edsr.aws.items import plain
from edsr.model import Kind
from tests.chaos.behaviour import Call


class Record(NamedTuple):
    """An audit record that a transaction commits."""

    incident: str
    kind: Kind
    body: dict[str, Any]

    @property
    def step(self) -> tuple[str, int, str]:
        """Which step it is about, in which direction."""
        return self.incident, self.body["step"], self.body["direction"]


@cache
def records(call: Call) -> tuple[Record, ...]:
    """The records a call commits when it succeeds; the same call is read once."""
    found = []
    for part in _parts(call):
        said = part.get("Put", {})
        if said.get("TableName") == "edsr-audit":
            item = plain(said["Item"])
            found.append(Record(item["incident_id"], Kind(item["kind"]), item["body"]))
    return tuple(found)


@cache
def engaged(call: Call) -> tuple[tuple[str, bool], ...]:
    """The kill switch's scopes a call engages, and whether each lets undo go on."""
    found = {}
    for part in _parts(call):
        said = part.get("Update", {})
        if str(said.get("Key", {}).get("pk", {}).get("S", "")).startswith("KIL#") and ":said" in said.get(
            "ExpressionAttributeValues", {}
        ):
            scope = said["ExpressionAttributeNames"]["#scope"]
            found[scope] = bool(said["ExpressionAttributeValues"][":said"]["M"].get("undo", {}).get("BOOL"))
    return tuple(found.items())


def changes_estate(call: Call) -> bool:
    """Whether a call is one that changes what is repaired."""
    return call.writes and call.service not in ("dynamodb", "stepfunctions", "sqs", "events", "s3", "kms")


_heads: dict[int, tuple[Any, dict[str, Any]]] = {}


def head(item: Any) -> dict[str, Any]:
    """An incident's item as plain values; the same item is read once."""
    known = _heads.get(id(item))
    if known is None:
        known = _heads[id(item)] = (item, plain(dict(item)))
    return known[1]


@cache
def payload_of(text: str) -> dict[str, Any]:
    """An invocation's input."""
    said: dict[str, Any] = json.loads(text)
    return said


def _parts(call: Call) -> list[dict[str, Any]]:
    if call.operation != "transact_write_items":
        return []
    parts: list[dict[str, Any]] = call.said["TransactItems"]
    return parts


@cache
def freed(call: Call) -> tuple[str, ...]:
    """The targets whose locks a call frees."""
    found = []
    for part in _parts(call):
        said = part.get("Update", {})
        place = str(said.get("Key", {}).get("pk", {}).get("S", ""))
        if place.startswith("LCK#") and "REMOVE #owner" in said.get("UpdateExpression", ""):
            found.append(place.removeprefix("LCK#"))
    return tuple(found)


@cache
def looked_at(call: Call) -> int:
    """When the incident that a call moves is to be looked at next; 0 when it is moved to an end."""
    values = [part.get("Update", {}).get("ExpressionAttributeValues", {}) for part in _parts(call)]
    return next((int(said[":check"]["N"]) for said in values if ":check" in said), 0)


def forget() -> None:
    """Of another scenario nothing has to be remembered."""
    _heads.clear()
    for known in (records, engaged, freed, looked_at, payload_of):
        known.cache_clear()
