"""The engine's rules are on or off; on AWS a rule may also ask for management calls that only read, and else gets none.
The engine takes a rule that is ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS for one that is off."""

import json
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from ministack.services import eventbridge

ALL_CALLS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def only_reads(event: dict[str, Any]) -> bool:
    """Whether it is a management event of CloudTrail that changed nothing."""
    if not str(event.get("DetailType", "")).endswith("via CloudTrail"):
        return False
    try:
        record = json.loads(event.get("Detail") or "{}")
    except ValueError:
        return False
    other = record.get("eventCategory", "Management") != "Management" or record.get("managementEvent") is False
    return record.get("readOnly") is True and not other


class Told:
    """The rules, on or off for one event."""

    def __init__(self, rules: Any, *, reads: bool) -> None:
        self._rules, self._on = rules, {ALL_CALLS} if reads else {ALL_CALLS, "ENABLED"}

    def items(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """As the engine asks for them."""
        for key, rule in self._rules.items():
            yield key, {**rule, "State": "ENABLED" if rule.get("State") in self._on else "DISABLED"}


def install() -> None:
    dispatch = eventbridge._dispatch_event

    def dispatch_event(event: dict[str, Any], view: Any = None) -> None:
        """Run the engine's own dispatch with a view of the rules that tells which are on for this event."""
        told = Told(eventbridge._rules, reads=only_reads(event))
        FunctionType(dispatch.__code__, {**vars(eventbridge), "_rules": told}, argdefs=(None,))(event, view)

    eventbridge._dispatch_event = dispatch_event
