"""What holds a policy back, as its document says it: each safeguard has a default that is safe."""

from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Literal

from pydantic import Field

from edsr.policy.windows import Written, named
from edsr.policy.words import Document, Id, Number, number_text
from edsr.times import Duration

UNWELL = timedelta(minutes=15)
"""For so long a subject counts as unwell after something was found about it."""


class BlastRadius(Document):
    """How much one plan may touch."""

    max_targets: int = Field(
        default=5, ge=1, le=50, title="Most targets", description="A plan that touches more is refused."
    )
    max_percent: int = Field(
        default=10,
        ge=1,
        le=100,
        title="Most percent",
        description="Of the service's resources of the same kind; one target is always allowed.",
    )


class Rate(Document):
    """How often the policy may begin a remediation."""

    max: int = Field(default=3, ge=1, le=1000, title="Most", description="At most so many in any span of `per`.")
    per: Duration = Field(default=timedelta(hours=1), title="Per", description="The span, which slides.")
    scope: Literal["subject", "service", "policy"] = Field(
        default="service", title="Scope", description="What is counted for itself: each subject, each service, or all."
    )


class Concurrency(Document):
    """How many incidents may act at once."""

    max: int = Field(default=1, ge=1, le=50, title="Most", description="At most so many act at the same time.")
    scope: Literal["service", "policy"] = Field(
        default="service", title="Scope", description="In the service, whichever policy; or of this policy, anywhere."
    )


class Breaker(Document):
    """When the policy is stopped on a service because it does no good there."""

    failures: int = Field(
        default=2, ge=1, le=10, title="Failures", description="So many in a row open it; a regression always does."
    )
    cooldown: Duration = Field(
        default=timedelta(minutes=15),
        title="Cooldown",
        description="How long it stays open before one incident may try; doubles each time, up to four hours.",
    )


class Window(Document):
    """When the policy may act."""

    allow: tuple[Written, ...] = Field(
        default=(),
        title="Allow",
        description="It acts only within one of these, as cron(0 9 ? * MON-FRI *)/PT8H Europe/Berlin or "
        "calendar:office-hours; empty: always.",
    )
    deny: tuple[Written, ...] = Field(
        default=(), title="Deny", description="It never acts within one of these, whatever `allow` says."
    )

    @cached_property
    def calendars(self) -> tuple[str, ...]:
        """The ids of the calendars that it names."""
        return named([*self.allow, *self.deny])


class Canary(Document):
    """On which share of subjects the policy acts unasked."""

    percent: int = Field(
        default=100,
        ge=0,
        le=100,
        title="Percent",
        description="Of all subjects, always the same ones; a greater share includes a smaller. It asks for others.",
    )


class Confirmations(Document):
    """How often something has to be found before the policy acts."""

    count: int = Field(
        default=1, ge=1, le=20, title="Count", description="So many findings about a subject, this one included."
    )
    within: Duration = Field(
        default=timedelta(minutes=10),
        le=timedelta(days=1),
        title="Within",
        description="The span in which they have to come.",
    )


class Storm(Document):
    """When so much is found in a service that no automation is believed any more."""

    subjects: int = Field(
        default=10,
        ge=2,
        le=1000,
        title="Subjects",
        description="So many of one kind of a service, within the span, are a storm.",
    )
    within: Duration = Field(
        default=timedelta(minutes=5), le=UNWELL, title="Within", description="The span; a quarter of an hour at most."
    )
    lasts: Duration = Field(
        default=timedelta(hours=1),
        le=timedelta(days=1),
        title="Lasts",
        description="After a person was told of a storm, everything there is only observed for so long.",
    )


class ErrorBudget(Document):
    """How much of its error budget a service must have left before anything risky is done to it."""

    objective: Id = Field(title="Objective", description="The file in objectives/ whose budget it is.")
    max_burn_rate: Number = Field(
        default=Decimal(2),
        gt=0,
        le=1000,
        title="Most burn rate",
        description="It does nothing while the budget burns faster, over 5 minutes and 1 hour or 30 minutes and 6 "
        "hours; 1 uses it up just when the objective's window ends.",
    )
    min_budget_left: Number | None = Field(
        default=None,
        ge=0,
        lt=100,
        title="Least budget left",
        description="It does nothing while less percent of the budget is left; not asked when left out.",
    )
    restores_budget: bool = Field(
        default=False,
        title="Restores budget",
        description="It acts because the budget burns: the answer is recorded and holds nothing back.",
    )

    @cached_property
    def most(self) -> str:
        """The greatest burn rate, as a decision's row says it."""
        return number_text(self.max_burn_rate)


class Approval(Document):
    """Who has to agree, where the policy asks."""

    quorum: int = Field(default=1, ge=1, le=5, title="Quorum", description="So many different people have to agree.")
    expires: Duration = Field(
        default=timedelta(minutes=30), le=timedelta(hours=1), title="Expires", description="No answer by then means no."
    )


class Safeguards(Document):
    """What holds the policy back; each has a safe default when left out."""

    cooldown: Duration = Field(
        default=timedelta(minutes=15),
        title="Cooldown",
        description="After an incident of this policy on a subject ends, how long the policy leaves it alone.",
    )
    blast_radius: BlastRadius = Field(
        default=BlastRadius(), title="Blast radius", description="How much one plan may touch."
    )
    rate: Rate = Field(default=Rate(), title="Rate", description="How often the policy may begin a remediation.")
    concurrency: Concurrency = Field(
        default=Concurrency(), title="Concurrency", description="How many incidents may act at once."
    )
    breaker: Breaker = Field(default=Breaker(), title="Breaker", description="When it is stopped for doing no good.")
    window: Window = Field(default=Window(), title="Window", description="When it may act.")
    canary: Canary = Field(default=Canary(), title="Canary", description="On which share of subjects it acts unasked.")
    confirmations: Confirmations = Field(
        default=Confirmations(), title="Confirmations", description="How often something has to be found first."
    )
    storm: Storm = Field(default=Storm(), title="Storm", description="When too much is found at once.")
    error_budget: ErrorBudget | None = Field(
        default=None, title="Error budget", description="Whose error budget it spares; none when left out."
    )
    approval: Approval = Field(default=Approval(), title="Approval", description="Who has to agree, where it asks.")
