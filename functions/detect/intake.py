"""What every detector's function does around it: read the rule's input, and send, ignore or quarantine."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from edsr.aws.faults import named
from edsr.aws.notes import DynamoNotes
from edsr.aws.quarantine import quarantine
from edsr.declare import Detector, Function, Permission
from edsr.errors import DocumentInvalid, Malformed
from edsr.model import Finding
from edsr.policy import Policy
from edsr.recovery import Recovery
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Detect
from edsr.technique import chosen as techniques
from edsr.technique.expected import expected

PERMISSIONS = (
    Permission(actions=("sqs:SendMessage",), on="findings-queue"),
    Permission(actions=("sqs:SendMessage",), on="quarantine-queue"),
)


class Ignored(NamedTuple):
    """An event that is no finding, and why: counted, not kept. `over` is what ended, where it tells of an end."""

    reason: str
    over: Recovery | None = None


Read = Callable[[dict[str, Any], Policy, datetime], Finding | Ignored]
"""A detector: `(event, policy, now)` gives a Finding or Ignored; Malformed when the event lacks what it needs."""


def intake(detector: Detector, read: Read) -> Handler[Detect]:
    """The Lambda handler of a detector; its input is `{"v": 1, "policy": ID, "event": {...}}`.

    The sweep adds `"origin": "sweep"` and, where what it saw still holds, `"standing": true`.
    """

    def run(event: Event, runtime: Runtime[Detect]) -> dict[str, str]:
        try:
            found = _read(event, runtime, read)
        except Malformed as exc:
            return _quarantine(detector, event, str(exc), runtime)
        if isinstance(found, Ignored) and found.over:
            return _send_recovery(found.over, found.reason, detector, runtime)
        if isinstance(found, Ignored):
            runtime.log.info("ignored", extra={"source": detector.source, "reason": found.reason})
            runtime.count("Ignored", source=detector.source)
            return {"ignored": found.reason}
        return [_send(one, detector, runtime) for one in found][-1]

    return Handler(run, Function(settings=Detect, permissions=PERMISSIONS))


def required(event: dict[str, Any], *path: str) -> Any:
    """What stands at a path in an event; Malformed names the path when there is nothing."""
    value: Any = event
    for depth, key in enumerate(path):
        value = value.get(key) if isinstance(value, dict) else None
        if value in (None, ""):
            raise Malformed(f"the event lacks {'.'.join(path[: depth + 1])}")
    return value


def text(event: dict[str, Any], *path: str) -> str:
    """The text that stands at a path in an event; Malformed when there is none."""
    value = required(event, *path)
    if not isinstance(value, str):
        raise Malformed(f"{'.'.join(path)} is not text")
    return value


def section(holder: Any, *path: str) -> dict[str, Any]:
    """The map that stands at a path, however odd the way there; empty when there is none."""
    for key in path:
        holder = holder.get(key) if isinstance(holder, dict) else None
    return holder if isinstance(holder, dict) else {}


def _send(found: Finding, detector: Detector, runtime: Runtime[Detect]) -> dict[str, str]:
    body = json.dumps(found.model_dump(mode="json"))  # as ASCII: SQS refuses a message for some characters
    with named("sending a finding"):
        runtime.clients("sqs").send_message(QueueUrl=runtime.settings.findings_queue, MessageBody=body)
    runtime.log.info("found", extra={"finding": found.id, "title": found.title})
    runtime.count("Findings", source=detector.source, policy=found.policy)
    return {"finding": found.id, "incident": found.incident_id}


def _send_recovery(over: Recovery, reason: str, detector: Detector, runtime: Runtime[Detect]) -> dict[str, str]:
    body = json.dumps({"v": 1, "recovery": over.model_dump(mode="json", exclude_defaults=True)})
    with named("sending a recovery"):
        runtime.clients("sqs").send_message(QueueUrl=runtime.settings.findings_queue, MessageBody=body)
    runtime.log.info("recovered", extra={"subject": over.subject.arn, "condition": over.condition})
    runtime.count("Recoveries", source=detector.source)
    return {"recovered": reason}


def _read(event: Event, runtime: Runtime[Detect], read: Read) -> tuple[Finding, ...] | Ignored:
    if event.get("v") != 1 or not isinstance(event.get("event"), dict):
        raise Malformed('the input is not {"v": 1, "policy": ID, "event": {...}}')
    library = runtime.library()
    try:
        policy = library.policy(str(event.get("policy")))
        found = (waited_for if policy.detect.absence else read)(event["event"], policy, runtime.clock())
        if isinstance(found, Ignored):
            return found if techniques.recovers(policy, event.get("step")) else Ignored(found.reason)
        said = {"subject": library.enrich(found.subject), "origin": event.get("origin", "event")}
        if said["origin"] == "sweep" and event.get("standing") and not techniques.uses(policy):
            said["observed_at"] = found.detected_at  # it was just seen to hold, however long ago it began
        found = Finding.model_validate({**dict(found), **said})
        techniques.check(policy, event.get("step"))
        if not techniques.uses(policy):
            return (found,)
        notes = DynamoNotes(runtime.clients("dynamodb"), runtime.settings.state_table)
        told = techniques.observe(found, policy, notes, runtime.clock(), event.get("step"), event["event"])
        if told.fault:
            runtime.log.warning(
                "begun anew", extra={"policy": policy.id, "subject": found.subject.arn, "reason": told.fault}
            )
            runtime.count("BegunAnew")
        return told.findings or Ignored(told.why, told.over)
    except DocumentInvalid as exc:
        raise Malformed(f"its policy cannot be read: {exc}") from exc
    except ValueError as exc:
        raise Malformed(f"no finding can be made of it: {exc}") from exc


def waited_for(event: dict[str, Any], policy: Policy, now: datetime) -> Finding | Ignored:
    """What a policy that waits reads in an event, instead of its source's detector. Raises Malformed."""
    said = expected(event, policy, now)
    return Ignored(said) if isinstance(said, str) else said


def _quarantine(detector: Detector, event: Event, reason: str, runtime: Runtime[Detect]) -> dict[str, str]:
    raw = _raw(event)
    sqs, queue = runtime.clients("sqs"), runtime.settings.quarantine_queue
    sha256 = quarantine(sqs, queue, stage=f"detect-{detector.source}", raw=raw, reason=reason, at=runtime.clock())
    runtime.log.warning("quarantined", extra={"reason": reason, "sha256": sha256})
    runtime.count("Quarantined", stage="detect")
    return {"quarantined": reason}


def _raw(event: Event) -> str:
    try:
        return json.dumps(event, sort_keys=True, default=str)
    except RecursionError:
        return f"nested too deeply to be written down; its keys: {', '.join(sorted(event))}"
