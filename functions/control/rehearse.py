"""control's weekly function: people are asked for an answer that acts on nothing, and a silence becomes a ticket."""

import json
from typing import Any

from edsr.aws.faults import named
from edsr.aws.store import DynamoStore
from edsr.declare import Function, Permission
from edsr.errors import Malformed, Transient
from edsr.notices import KIND, SOURCE, SYNTHETIC
from edsr.protocol.rehearsing import Rehearsal, ask, miss
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Rehearse
from edsr.times import iso, parse_epoch

NOTICE = "n-rehearsal"
"""One notice: what nobody answered stays a ticket until the next rehearsal begins."""

ANSWER = "edsr approvals rehearse"


def run(event: Event, runtime: Runtime[Rehearse]) -> dict[str, Any]:
    """`{do}`: `ask`, or `look` whether somebody has answered. Gives how it stands. Raises Malformed, Transient."""
    store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
    match event.get("do"):
        case "ask":
            found = ask(store, runtime.clock)
            _tell(runtime, **_asked(found))
        case "look":
            missed = miss(store, runtime.clock)
            if missed is None:
                return {"missed": False}
            found = missed
            _tell(runtime, **_missed(found))
        case other:
            raise Malformed(f"a rehearsal is asked for, or looked after, not {other!r}")
    runtime.log.info("rehearsed", extra=found._asdict())
    return {"missed": event["do"] == "look", "asked": found.asked}


def _asked(found: Rehearsal) -> dict[str, Any]:
    """To every channel, whatever it wants; it opens nothing, and closes the ticket of the last one."""
    until = iso(parse_epoch(found.expires_at))
    return {
        "action": "resolve",
        "synthetic": True,
        "title": "a rehearsal of an approval",
        "headline": "REHEARSAL: nothing is wrong; please answer, whoever reads this first",
        "reason": f"each week the way of an answer is proven; it acts on nothing. Until {until}",
    }


def _missed(found: Rehearsal) -> dict[str, Any]:
    """A ticket, and no page: nothing waits for anybody."""
    return {
        "action": "trigger",
        "level": "ticket",
        "title": "nobody answered the rehearsal of an approval",
        "headline": f"TICKET: nobody answered the rehearsal of {found.asked}",
        "reason": "would somebody have answered a real one? Look whether the channels reach their people",
    }


def _tell(runtime: Runtime[Rehearse], **said: Any) -> None:
    plain = {name: value for name, value in SYNTHETIC["data"].items() if name != "synthetic"}
    data = {**plain, "notice": NOTICE, "group": "rehearsal", "incidents": 1, "answer": ANSWER, **said}
    detail = json.dumps({**SYNTHETIC, "data": {**data, "at": iso(runtime.clock())}})
    entry = {"EventBusName": runtime.settings.bus, "Source": SOURCE, "DetailType": KIND, "Detail": detail}
    with named("telling of a rehearsal"):
        answer = runtime.clients("events").put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise Transient(f"the bus refused a rehearsal's notice: {answer['Entries'][0].get('ErrorCode')}")


handler = Handler(
    run,
    Function(
        settings=Rehearse,
        permissions=(
            Permission(actions=("dynamodb:BatchGetItem",), on="state-table", keys=("RHS", "CTL#*")),
            Permission(actions=("dynamodb:PutItem",), on="state-table", keys=("RHS",)),
            Permission(actions=("dynamodb:UpdateItem",), on="state-table", keys=("CTL#*",)),
            Permission(actions=("dynamodb:PutItem",), on="audit-table", keys=("CTL#*",)),
            Permission(actions=("events:PutEvents",), on="suite-bus"),
        ),
    ),
)
