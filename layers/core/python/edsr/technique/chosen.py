"""The technique that a policy has chosen: most take each event as it comes, and keep nothing."""

from datetime import datetime

from edsr.declare import Permission
from edsr.model import Finding
from edsr.policy import Policy
from edsr.protocol import keys
from edsr.technique.count import count
from edsr.technique.notes import Notes
from edsr.technique.retold import Told


def uses(policy: Policy) -> bool:
    """Whether a policy looks at more than one event."""
    return policy.detect.count is not None


def observe(found: Finding, policy: Policy, notes: Notes, now: datetime) -> Told:
    """What a policy makes of a finding about one event. Raises Transient."""
    if policy.detect.count:
        return count(found, policy.detect.count, notes, now)
    return Told((found,))


def permissions(policy: Policy) -> tuple[Permission, ...]:
    """What the detectors of a policy may do besides: use the notes of its technique, and no others."""
    if policy.detect.count:
        return (_notes(f"{keys.COUNTED}*"),)
    return ()


def _notes(*leading: str) -> Permission:
    return Permission(
        actions=("dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"), on="state-table", keys=leading
    )
