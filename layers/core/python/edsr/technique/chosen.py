"""The technique that a policy has chosen: most take each event as it comes, and keep nothing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from edsr.declare import Permission
from edsr.errors import Malformed
from edsr.model import Finding
from edsr.policy import Policy
from edsr.protocol import keys
from edsr.technique.absence import heard
from edsr.technique.count import count
from edsr.technique.notes import Notes
from edsr.technique.retold import Told
from edsr.technique.sequence import sequence


def uses(policy: Policy) -> bool:
    """Whether a policy looks at more than one event."""
    said = policy.detect
    return bool(said.count or said.sequence or said.absence or said.anomaly)


def recovers(policy: Policy, step: int | None) -> bool:
    """Whether the end of what an event tells is the end of what the policy finds: several that were counted, or a
    number that was unusual, have no end that one event tells; of what was absent the technique tells it."""
    said = policy.detect
    return step is None and not (said.count or said.absence or said.anomaly)


def check(policy: Policy, step: int | None) -> None:
    """Malformed for a step that the policy's sequence has not; None is its last event."""
    if step is not None and step not in range(len(policy.detect.steps)):
        raise Malformed(f"policy {policy.id} has no step {step}")


def observe(
    found: Finding,
    policy: Policy,
    notes: Notes,
    now: datetime,
    step: int | None = None,
    event: Mapping[str, Any] | None = None,
) -> Told:
    """What a policy makes of a finding about one event; `step` says which of a sequence it is, when it is not the last.

    Raises Transient; Malformed when the event has not the number that the policy reads.
    """
    said = policy.detect
    if said.count:
        return count(found, said.count, notes, now)
    if said.sequence:
        return sequence(found, said.sequence, len(said.sequence.after) if step is None else step, notes, now)
    if said.absence:
        return heard(found, policy, said.absence, notes, now)
    if said.anomaly:
        from edsr.technique.anomaly import anomaly  # few policies need it, and every detector starts cold

        return anomaly(found, said.anomaly, event or {}, notes, now)
    return Told((found,))


def permissions(policy: Policy) -> tuple[Permission, ...]:
    """What the detectors of a policy may do besides: use the notes of its technique, and no others."""
    if policy.detect.count:
        return (_notes(keys.COUNTED, "dynamodb:UpdateItem", "dynamodb:PutItem"),)
    if policy.detect.anomaly:
        return (_notes(keys.SERIES, "dynamodb:PutItem"),)
    if policy.detect.absence:
        return (Permission(actions=("dynamodb:PutItem",), on="state-table", keys=(f"{keys.ABSENT}*",)),)
    return (_notes(keys.SEQUENCES, "dynamodb:UpdateItem"),) if policy.detect.sequence else ()


def _notes(family: str, *changes: str) -> Permission:
    return Permission(actions=("dynamodb:BatchGetItem", *changes), on="state-table", keys=(f"{family}*",))
