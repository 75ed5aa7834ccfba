"""The documents operators write, as models: what a policy and a playbook may say."""

import json
from datetime import timedelta
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from edsr import pattern
from edsr.canonical import digest, plain
from edsr.model import Mode, Severity
from edsr.policy.examples import Test
from edsr.policy.safeguards import Safeguards
from edsr.policy.techniques import Absence, Anomaly, Count, Sequence
from edsr.policy.words import Document, Id, Pattern, Template, Text
from edsr.times import Duration

Trail = Literal["write", "read", "data"]
"""Which events of CloudTrail: management events that change something, those that only read too, or data events."""


class Detect(Document):
    """What starts the policy."""

    source: Id = Field(title="Source", description="The detector that reads the event, such as cloudwatch.")
    severity: Severity = Field(title="Severity", description="How bad it is for the people the service serves.")
    pattern: Pattern = Field(
        title="Pattern", description="An EventBridge event pattern; it becomes the rule, so AWS does the matching."
    )
    trail: Trail | None = Field(
        default=None,
        title="Trail",
        description="Of cloudtrail only, write when left out: read brings management events that only read too, data "
        "says that a trail must record data events.",
    )
    count: Count | None = Field(
        default=None, title="Count", description="So many events about one subject, instead of each event."
    )
    sequence: Sequence | None = Field(
        default=None, title="Sequence", description="Only after other events; `pattern` takes the last of them."
    )
    absence: Absence | None = Field(
        default=None, title="Absence", description="What is expected again and again, and did not come in time."
    )
    anomaly: Anomaly | None = Field(
        default=None, title="Anomaly", description="A number in the events that is unlike those before it."
    )

    @model_validator(mode="after")
    def _one_technique(self) -> Self:
        if sum(said is not None for said in (self.count, self.sequence, self.absence, self.anomaly)) > 1:
            raise ValueError("a policy detects in one way: count, sequence, absence or anomaly")
        return self

    @property
    def steps(self) -> list["Detect"]:
        """What has to come before, as if each were all that is detected."""
        before = self.sequence.after if self.sequence else ()
        return [Detect(source=step.source, severity=self.severity, pattern=step.pattern) for step in before]


class Respond(Document):
    """What the policy does about it."""

    mode: Mode = Field(
        default=Mode.OBSERVE,
        title="Mode",
        description="observe writes down what it would do, approve asks a person first, automatic does it.",
    )
    playbook: Id = Field(title="Playbook", description="The file in playbooks/ whose steps are taken.")
    with_: Template = Field(
        default={},
        title="With",
        description="Values for the playbook's parameters; a key that ends in .$ holds a JMESPath into the finding.",
    )


class VerifyWith(Document):
    """How a step is judged."""

    probe: Id = Field(title="Probe", description="The condition that must hold, such as alarm-is-ok.")
    within: Duration = Field(
        default=timedelta(minutes=5), title="Within", description="How long the probe may take to turn better."
    )
    every: Duration = Field(default=timedelta(seconds=15), title="Every", description="How often the probe looks.")
    with_: Template = Field(
        default={}, title="With", description="The probe's arguments; a key that ends in .$ holds a JMESPath."
    )


class Policy(Document):
    """One automation: when it starts, what it does, what holds it back, how it is judged."""

    schema_: str | None = Field(default=None, alias="$schema", title="Schema", description="For editors.")
    id: Id = Field(title="Id", description="The file's name without .json.")
    title: Text = Field(title="Title", description="One sentence for the person who is woken.")
    owner: Id = Field(title="Owner", description="The team that answers for it.")
    runbook: Text = Field(title="Runbook", description="How to do by hand what it does; a file in docs/runbooks.")
    detect: Detect = Field(title="Detect", description="What starts the policy.")
    where: Pattern | None = Field(
        default=None, title="Where", description="A pattern on the subject: environment, tier, service, kind."
    )
    respond: Respond = Field(title="Respond", description="What it does about it.")
    safeguards: Safeguards = Field(default=Safeguards(), title="Safeguards", description="What holds it back.")
    verify: VerifyWith | None = Field(
        default=None,
        title="Verify",
        description="How each step is judged, unless the step says otherwise; left out where nothing is done.",
    )
    on_failure: tuple[Literal["hold", "revert"], Literal["page"]] = Field(
        default=("hold", "page"),
        title="On failure",
        description="What happens when it got worse: hold what was done or revert it; then page.",
    )
    tests: list[Test] = Field(default=[], title="Tests", description="Events, and what must be decided.")

    @cached_property
    def scope(self) -> pattern.Pattern | None:
        """`where`, read once: it matches a subject's fields, of which it may ask any. None covers every subject."""
        return pattern.compile(self.where) if self.where else None

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """What `where` asks of a subject, in the order of a decision's row."""
        return tuple(sorted(self.where or {}))

    @cached_property
    def covers(self) -> str:
        """`where`, as a decision's row says it."""
        return ", ".join(f"{name} {json.dumps(accepted)}" for name, accepted in sorted((self.where or {}).items()))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over what the policy does, defaults included; its words for people are left out."""
        said = self.model_dump(mode="json", by_alias=True, exclude={"schema_", "title", "owner", "runbook", "tests"})
        return digest(plain(said))


class Parameter(Document):
    """What a playbook wants to be told."""

    title: Text = Field(title="Title", description="What it is, in a few words.")
    default: Any = Field(default=None, title="Default", description="Its value when the policy gives none.")
    default_path: str | None = Field(
        default=None, alias="default.$", title="Default path", description="A JMESPath into the finding, as a default."
    )

    @property
    def required(self) -> bool:
        """Whether a policy has to give it."""
        return self.default is None and self.default_path is None


class Select(Document):
    """What finds the targets of a step, and works out something for each."""

    selector: Id = Field(title="Selector", description="A selector of the catalogue, such as tasks-for-backlog.")
    with_: Template = Field(
        default={}, title="With", description="The selector's arguments; a key that ends in .$ holds a JMESPath."
    )


class PlaybookStep(Document):
    """One action on what one expression, or one selector, finds."""

    action: Id = Field(title="Action", description="An action of the catalogue, such as shift-alias.")
    target: Any = Field(default=None, title="Target", description="The ARN it acts on, or a list of ARNs.")
    target_path: str | None = Field(
        default=None, alias="target.$", title="Target path", description="A JMESPath that gives the ARN, or a list."
    )
    select: Select | None = Field(
        default=None,
        title="Select",
        description="Instead of a target: what finds the targets; expressions see its word on each as `selected`.",
    )
    with_: Template = Field(
        default={},
        title="With",
        description="The action's arguments; a key that ends in .$ holds a JMESPath, which also sees `pre`, the "
        "target's state.",
    )
    verify: VerifyWith | None = Field(default=None, title="Verify", description="Instead of the policy's own.")
    lasts: Duration | None = Field(
        default=None,
        title="Lasts",
        description="Makes it a temporary measure: it is undone after so long, if the probe is better by then.",
    )
    renew: int = Field(
        default=0, ge=0, le=20, title="Renew", description="How often it is renewed while the probe is not better."
    )


class PlaybookStage(Document):
    """Steps that may run side by side."""

    steps: list[PlaybookStep] = Field(min_length=1, title="Steps", description="What is done in this stage.")
    max_parallel: int = Field(default=1, ge=1, le=10, title="At once", description="Steps that run at the same time.")
    tolerate: int = Field(default=0, ge=0, title="Tolerate", description="Steps that may fail without failing it all.")


class Playbook(Document):
    """Ordered steps: which action, on what, with which arguments."""

    schema_: str | None = Field(default=None, alias="$schema", title="Schema", description="For editors.")
    id: Id = Field(title="Id", description="The file's name without .json.")
    title: Text = Field(title="Title", description="One sentence that says what it does.")
    owner: Id = Field(title="Owner", description="The team that answers for it.")
    runbook: Text = Field(title="Runbook", description="The same by hand; a file in docs/runbooks.")
    parameters: dict[str, Parameter] = Field(default={}, title="Parameters", description="What it wants to be told.")
    stages: list[PlaybookStage] = Field(
        title="Stages",
        description="In order, one after the other. With none it is for people: its policies only observe.",
    )

    @property
    def by_hand(self) -> bool:
        """Whether only people take its steps, which its runbook tells."""
        return not self.stages

    @cached_property
    def digest(self) -> str:
        """SHA-256 over what the playbook does."""
        said = self.model_dump(mode="json", by_alias=True, exclude={"schema_", "title", "owner", "runbook"})
        return digest(plain(said))
