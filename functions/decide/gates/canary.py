"""canary: a policy first acts unasked on a share of its subjects, always the same ones."""

import hashlib

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy

HUNDREDTHS = 10_000


def canary(finding: Finding, policy: Policy, facts: Facts) -> Row:
    """Refuse to act unasked on a subject outside the share."""
    percent = policy.safeguards.canary.percent
    if percent == 100:
        return Row("canary", True, "", percent, "it acts on all subjects")
    place = place_of(policy.id, finding.subject.arn) if facts.place is None else facts.place
    within = place < percent * HUNDREDTHS // 100
    reason = f"the subject is {'within' if within else 'outside of'} the {percent} % it acts on unasked"
    return Row("canary", within, f"{place / 100:.2f}", percent, reason)


def place_of(policy: str, subject: str) -> int:
    """Where a subject always stands among all of them, in hundredths of a percent; for each policy anew."""
    return int.from_bytes(hashlib.sha256(f"{policy}|{subject}".encode()).digest()[:8]) % HUNDREDTHS
