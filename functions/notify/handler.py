"""notify's function: announcements from their queue become notices on the bus, one for each group of incidents."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from edsr.audit import readable
from edsr.aws.faults import named
from edsr.aws.quarantine import quarantine
from edsr.aws.store import DynamoStore
from edsr.declare import Function, Permission
from edsr.errors import EdsrError, Malformed, Transient
from edsr.notices import KIND, SOURCE
from edsr.ports import Cancelled, Key, Store, Write
from edsr.protocol import keys
from edsr.protocol.case import Case
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Notify
from edsr.times import iso
from notify.asking import EVERYTHING, Asking, asking
from notify.saying import Facts, about, everything, line
from notify.standing import Say, Standing, change, notice_id

RACES = 5
STOPPED = "docs/operating.md"
"""How automation is let go on."""


class Heard(NamedTuple):
    """An announcement, and the message it came in."""

    message: str
    asking: Asking


def run(event: Event, runtime: Runtime[Notify]) -> dict[str, Any]:
    """Handle a batch of announcements; those whose people could not be told go back to the queue."""
    store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
    heard = [one for message in event["Records"] if (one := _heard(message, runtime))]
    failed: list[Heard] = []
    for group, those in _grouped(store, heard).items():
        try:
            _tell(group, those, store, runtime)
        except EdsrError as exc:
            runtime.log.warning("back to the queue", extra={"group": group, "reason": str(exc)})
            failed += those
    return {"batchItemFailures": [{"itemIdentifier": one.message} for one in failed]}


def _heard(message: dict[str, Any], runtime: Runtime[Notify]) -> Heard | None:
    """What a message asks of people; what cannot be read is kept, and pages by itself."""
    try:
        said = json.loads(message["body"])
        found = asking(said["detail-type"], said["detail"]["data"])
    except (Malformed, ValueError, KeyError, TypeError) as exc:
        sqs, queue = runtime.clients("sqs"), runtime.settings.quarantine_queue
        reason = f"not an announcement: {type(exc).__name__} {exc}"
        quarantine(sqs, queue, stage="notify", raw=str(message.get("body")), reason=reason, at=runtime.clock())
        runtime.log.warning("quarantined", extra={"reason": reason})
        runtime.count("Quarantined", stage="notify")
        return None
    return Heard(message["messageId"], found) if found else None


def _grouped(store: Store, heard: Iterable[Heard]) -> dict[str, list[Heard]]:
    """What was heard, by the group of its incident. An incident that is not there any more is a group by itself."""
    every = list(heard)
    wanted = {keys.incident(one.asking.incident) for one in every if one.asking.incident != EVERYTHING}
    found = store.read(sorted(wanted)) if wanted else {}
    groups: dict[str, list[Heard]] = {}
    for one in every:
        item = found.get(keys.incident(one.asking.incident), {})
        groups.setdefault(str(item.get("group", one.asking.incident)), []).append(one)
    return groups


def _tell(group: str, heard: list[Heard], store: Store, runtime: Runtime[Notify]) -> None:
    """Note what a group needs, then say what has changed. What is noted as unsent is said again by whoever finds it, so
    that no crash loses a notice; receivers know a repeated one by its id and action."""
    asked, key, at = [one.asking for one in heard], keys.notice(group), runtime.clock()
    for _ in range(RACES):
        before = Standing.of(store.read([key]).get(key))
        if before.unsent:
            _send(before.unsent, runtime)
        after = before.after(asked, at)
        if said := change(before, after):
            after = after._replace(unsent=_notice(said, group, before, after, asked, store, runtime))
        if after == before:
            return
        try:
            store.commit([_write(key, before, after, at)])
        except Cancelled:
            continue
        if after.unsent:
            _send(after.unsent, runtime)
            _sent(store, key, after._replace(version=before.version + 1), at)
        return
    raise Transient(f"the notice of {group} lost {RACES} races")


def _write(key: Key, before: Standing, after: Standing, at: datetime) -> Write:
    """The group's item, unless another has written it since it was read."""
    if before.version:
        return Write("NTC", "Put", key, "#ver = :ver", item=after.item(at), values={":ver": before.version})
    return Write("NTC", "Put", key, "attribute_not_exists(#pk)", item=after.item(at))


def _sent(store: Store, key: Key, stands: Standing, at: datetime) -> None:
    try:
        store.commit([_write(key, stands, stands._replace(unsent=""), at)])
    except Cancelled:
        return  # another went on from here, and has said it again


def _notice(
    said: Say,
    group: str,
    before: Standing,
    after: Standing,
    asked: list[Asking],
    store: Store,
    runtime: Runtime[Notify],
) -> str:
    """The event's detail, about the last incident that made the change."""
    level = after.level or before.level
    lead = [one for one in asked if said is Say.RESOLVE or one.level is after.level][-1]
    count = len((after if said is Say.TRIGGER else before).asking)
    words = {Say.TRIGGER: str(level).upper(), Say.RESOLVE: "OVER"}[said]
    facts = everything(STOPPED) if lead.incident == EVERYTHING else about(_facts(lead.incident, store, runtime))
    title = lead.title or facts["title"]
    data = {
        **facts,
        "notice": notice_id(group, after.since or before.since),
        "action": said.value,
        "level": level,
        "group": group,
        "incidents": count,
        "title": title,
        "headline": f"{words}: {title}",
        "reason": lead.reason or "none was given",
        "postmortem": lead.postmortem or "none",
        "at": iso(runtime.clock()),
    }
    data = {name: line(value) if isinstance(value, str) else value for name, value in data.items()}
    return json.dumps({"v": 1, "correlation_id": data["correlation_id"] or group, "data": data})


def _facts(incident: str, store: Store, runtime: Runtime[Notify]) -> Facts:
    case = Case.look(store, incident)
    if case is None:
        raise Transient(f"{incident} was announced and is not there")
    records, flaws = readable(store.partition("audit", keys.chain(incident)))
    service = runtime.library().owner(case.incident.finding.subject.arn)
    owner = service.owner if service else case.incident.policy.owner
    return Facts(case, records, flaws, owner, runtime.settings.page_url)


def _send(detail: str, runtime: Runtime[Notify]) -> None:
    """Put a notice on the bus, whose rules take it to every channel that wants it."""
    entry = {"EventBusName": runtime.settings.bus, "Source": SOURCE, "DetailType": KIND, "Detail": detail}
    with named("sending a notice"):
        answer = runtime.clients("events").put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise Transient(f"the bus refused a notice: {answer['Entries'][0].get('ErrorCode')}")
    said = json.loads(detail)["data"]
    runtime.log.info("told", extra={"notice": said["notice"], "action": said["action"], "level": said["level"]})
    runtime.count("Notices", action=said["action"], level=said["level"])


handler = Handler(
    run,
    Function(
        settings=Notify,
        permissions=(
            Permission(actions=("dynamodb:BatchGetItem", "dynamodb:Query"), on="state-table", keys=("INC#*", "NTC#*")),
            Permission(actions=("dynamodb:PutItem",), on="state-table", keys=("NTC#*",)),
            Permission(actions=("dynamodb:Query",), on="audit-table", keys=("INC#*",)),
            Permission(actions=("events:PutEvents",), on="suite-bus"),
            Permission(actions=("sqs:SendMessage",), on="quarantine-queue"),
        ),
    ),
)
