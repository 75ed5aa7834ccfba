"""What an execution carries of its incident: enough for every stage to know where to look before it reads."""

from typing import Self

from pydantic import BaseModel, ConfigDict

from edsr.model import Finding, Mode, Severity, Subject
from edsr.policy import Playbook, Policy
from edsr.protocol.grouping import NO_SERVICE, group_of
from edsr.times import Utc


def slots_of(subject: Subject, policy: Policy) -> str:
    """What a policy's slots are counted in."""
    scope = policy.safeguards.concurrency.scope
    return f"{scope}:{_counted(scope, subject, policy)}"


def rate_of(subject: Subject, policy: Policy) -> str:
    """What a policy's own rate is counted in: nothing that another policy counts in."""
    return f"policy:{policy.id}:{_counted(policy.safeguards.rate.scope, subject, policy)}"


def _counted(scope: str, subject: Subject, policy: Policy) -> str:
    return {"subject": subject.arn, "service": subject.service or NO_SERVICE, "policy": policy.id}[scope]


class Brief(BaseModel):
    """The words of an incident that never change. `cooldown` is in seconds; `slots` and `rate` name what is counted.
    `group` names what belongs together; it is empty in a brief from before there were groups.

    It travels in the execution's state, so whoever acts on it compares it with the incident, or conditions on its head.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    correlation_id: str
    mode: Mode
    policy: str
    playbook: str
    runbook: str
    title: str
    severity: Severity
    subject: str
    kind: str
    service: str
    account: str
    region: str
    detected_at: Utc
    cooldown: int
    slots: str
    rate: str
    group: str = ""

    @classmethod
    def of(cls, found: Finding, policy: Policy, playbook: Playbook) -> Self:
        """The brief of a finding's incident."""
        subject, safeguards = found.subject, policy.safeguards
        return cls(
            id=found.incident_id,
            correlation_id=found.correlation_id,
            mode=policy.respond.mode,
            policy=policy.id,
            playbook=playbook.id,
            runbook=policy.runbook,
            title=found.title,
            severity=found.severity,
            subject=subject.arn,
            kind=subject.kind,
            service=subject.service or NO_SERVICE,
            account=subject.account,
            region=subject.region,
            detected_at=found.detected_at,
            cooldown=int(safeguards.cooldown.total_seconds()),
            slots=slots_of(subject, policy),
            rate=rate_of(subject, policy),
            group=group_of(found),
        )

    @property
    def scopes(self) -> dict[str, str]:
        """The kill switch's scopes that stop this incident, as expression names."""
        return {
            "#all": "all",
            "#service": f"service:{self.service}",
            "#policy": f"policy:{self.policy}",
            "#account": f"account:{self.account}",
            "#region": f"region:{self.region}",
        }
