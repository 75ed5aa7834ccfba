"""What a step has begun and what goes on by itself is asked to stop, once the kill switch is engaged for it.

Such a step stands in an index of its own from its intent on, whatever becomes of its incident, until what it began is
over. The record comes first; asking is repeated every minute until nothing runs any more.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from edsr.aws import automations, machine_runs
from edsr.aws.executions import status
from edsr.errors import Refused
from edsr.ports import Client, Clients, Clock, Item, Key, Store, Write
from edsr.protocol import keys
from edsr.protocol.case import Case
from edsr.protocol.control_chain import Change, Found, switch
from edsr.protocol.stepping import SETTLES, scopes_of
from edsr.serve import Runtime
from edsr.settings import Sweep
from edsr.times import epoch

STARTED_BY = "/edsr-act-run-automation"
"""How the caller's ARN ends of whoever runs automations for the suite: a function's session has its name."""


Engaged = Mapping[str, Any]
"""The scopes for which the kill switch is engaged, and what was said when it was."""


class Begun(NamedTuple):
    """A step that has begun something; `covering` is the engaged scope that covers it, if any does."""

    key: Key
    item: Item
    incident: str
    covering: tuple[str, dict[str, Any]] | None


def look_after(engaged: Engaged, store: Store, runtime: Runtime[Sweep]) -> Iterator[Callable[[], str | None]]:
    """For each incident with what may still run: look at it, and where a stop covers it, ask that it stops."""
    incidents = dict.fromkeys(store.due(keys.BEGUN, epoch(runtime.clock())))
    return (partial(_look, incident, engaged, store, runtime) for incident in incidents)


def _look(incident: str, engaged: Engaged, store: Store, runtime: Runtime[Sweep]) -> str | None:
    case = Case.look(store, incident)
    said = [_one(begun, store, runtime) for begun in _of(case, engaged)] if case else []
    return "stopping" if "stopping" in said else None


def _of(case: Case, engaged: Engaged) -> Iterator[Begun]:
    steps = {str(step.n): step for step in case.steps}
    for name, item in case.items.items():
        if item.get("open") == keys.BEGUN and name.startswith("STEP#"):
            scopes = scopes_of(case.incident.brief, steps[name.split("#")[1]]).values()
            covering = next(((scope, engaged[scope]) for scope in scopes if scope in engaged), None)
            yield Begun(Key("state", item["pk"], name), item, case.incident.id, covering)


def _one(begun: Begun, store: Store, runtime: Runtime[Sweep]) -> str:
    live = _live(begun.item, runtime.clients)
    if not live:
        return _over(begun, store, runtime.clock())
    if begun.covering is None:
        return "running"
    if "stop_asked" not in begun.item:
        _record(begun, live, store, runtime.clock)
    for execution in live:
        runtime.log.warning("asked to stop", extra={"incident_id": begun.incident, "execution": execution})
        _ask(begun.item, execution, runtime.clients)
    return "stopping"


def _live(item: Item, clients: Clients) -> list[str]:
    """What the step has begun and what still runs."""
    target = item["target"]
    if ":states:" in target:
        states, name = clients("stepfunctions"), machine_runs.name_of(item["token"])
        arn = f"{target.replace(':stateMachine:', ':execution:')}:{name}"
        return [arn] if status(states, target, name) == "RUNNING" else []
    begun = item["begun_at"] - SETTLES.total_seconds()
    return [
        str(one["AutomationExecutionId"])
        for one in automations.executions(clients("ssm"), target, *automations.LIVE)
        if one.get("ExecutedBy", "").endswith(STARTED_BY) and one["ExecutionStartTime"].timestamp() >= begun
    ]


def _ask(item: Item, execution: str, clients: Clients) -> None:
    service, stop = ("stepfunctions", _stop_run) if ":states:" in item["target"] else ("ssm", automations.stop)
    stop(clients(service), execution)


def _stop_run(states: Client, execution: str) -> None:
    machine_runs.stop(states, execution, "the kill switch is engaged")


def _record(begun: Begun, live: list[str], store: Store, clock: Clock) -> None:
    """It stands in the audit before anybody is asked; a sweep beside this one has then said so."""
    scope, said = begun.covering or ("", {})

    def change(found: Found, at: datetime) -> Change:
        if "stop_asked" in found.get(begun.key, {}):
            raise Refused("it was asked already")
        write = Write(
            "STEP",
            "Update",
            begun.key,
            "#open = :begun AND attribute_not_exists(#stop_asked)",
            "SET #stop_asked = :now",
            values={":begun": keys.BEGUN, ":now": epoch(at)},
        )
        why = f"{scope} is engaged: {said.get('reason', '')}"
        body = {"switch": "stop-asked", "scope": scope, "by": "sweep", "reason": why, "incident": begun.incident}
        return Change([write], {**body, "target": begun.item["target"], "executions": live})

    try:
        switch(store, [begun.key], change, by="sweep", clock=clock)
    except Refused:
        return


def _over(begun: Begun, store: Store, now: datetime) -> str:
    """Nothing runs any more; before the intent has settled, its call may still be on its way. An intent that nobody has
    settled may be sent again."""
    if begun.item["st"] == "INTENT" or epoch(now) < begun.item["intent_at"] + SETTLES.total_seconds():
        return "running"
    update = "REMOVE #open, #next_check_at"
    store.commit([Write("STEP", "Update", begun.key, "attribute_exists(#pk)", update)])
    return "over"
