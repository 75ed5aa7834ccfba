"""The documents operators write, as models: what a policy, a playbook and a service may say."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from edsr import pattern
from edsr.canonical import digest, plain
from edsr.model import Mode, Severity
from edsr.policy.examples import Test
from edsr.policy.safeguards import Safeguards
from edsr.policy.words import Callers, Document, Id, Pattern, Template, Text
from edsr.times import Duration


class Detect(Document):
    """What starts the policy."""

    source: Id = Field(title="Source", description="The detector that reads the event, such as cloudwatch.")
    severity: Severity = Field(title="Severity", description="How bad it is for the people the service serves.")
    pattern: Pattern = Field(
        title="Pattern", description="An EventBridge event pattern; it becomes the rule, so AWS does the matching."
    )


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
    verify: VerifyWith = Field(title="Verify", description="How each step is judged, unless the step says otherwise.")
    on_failure: tuple[Literal["hold", "revert"], Literal["page"]] = Field(
        default=("hold", "page"),
        title="On failure",
        description="What happens when it got worse: hold what was done or revert it; then page.",
    )
    tests: list[Test] = Field(default=[], title="Tests", description="Events, and what must be decided.")

    @cached_property
    def scope(self) -> pattern.Pattern | None:
        """`where`, compiled."""
        return pattern.compile(self.where) if self.where else None

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


class PlaybookStep(Document):
    """One action on what one expression finds."""

    action: Id = Field(title="Action", description="An action of the catalogue, such as shift-alias.")
    target: Any = Field(default=None, title="Target", description="The ARN it acts on, or a list of ARNs.")
    target_path: str | None = Field(
        default=None, alias="target.$", title="Target path", description="A JMESPath that gives the ARN, or a list."
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
    stages: list[PlaybookStage] = Field(min_length=1, title="Stages", description="In order, one after the other.")

    @cached_property
    def digest(self) -> str:
        """SHA-256 over what the playbook does."""
        said = self.model_dump(mode="json", by_alias=True, exclude={"schema_", "title", "owner", "runbook"})
        return digest(plain(said))


class Resource(Document):
    """One thing a service is made of."""

    kind: str = Field(title="Kind", description="Such as lambda:alias; actions may act on resources of their kind.")
    arn: str = Field(title="ARN", description="May hold ${account} and ${region}.")
    managed_by: Literal["codedeploy"] | None = Field(
        default=None, title="Managed by", description="Another hand that changes it; actions leave it alone."
    )
    tags: dict[str, str] = Field(default={}, title="Tags", description="Its tags, as far as `protected` asks for them.")


class Protected(Document):
    """What is never touched: resources by their ARN, or by tags that the catalogue gives them."""

    arn: str | None = Field(
        default=None,
        min_length=5,
        title="ARN",
        description="Also what lies within it; * stands for any text. May hold ${account} and ${region}.",
    )
    tags: dict[str, str] = Field(
        default={}, title="Tags", description="Resources of the service that have all of these tags."
    )
    reason: Text = Field(title="Reason", description="Why, for the person who wonders that nothing was done.")

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.arn is None and not self.tags:
            raise ValueError("give an arn, or tags, or both")
        return self

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        named = ".*".join(re.escape(part) for part in (self.arn or "").split("*"))
        return re.compile(f"(?:{named})(?:[:/].*)?", re.DOTALL)

    def covers(self, arn: str, tags: Mapping[str, str]) -> bool:
        """Whether it protects a resource."""
        named = self.arn is None or self._pattern.fullmatch(arn) is not None
        return named and all(tags.get(name) == value for name, value in self.tags.items())


class People(Document):
    """Who may answer and switch, by patterns of the ARNs that AWS calls them by."""

    approvers: list[Callers] = Field(
        default=[],
        title="Approvers",
        description="Who may agree to a plan, or say no to it: patterns of callers' ARNs.",
    )
    operators: list[Callers] = Field(
        default=[], title="Operators", description="Who may stop and restart its automation: patterns of callers' ARNs."
    )


class EnvironmentPeople(People):
    """Who may answer and switch for every service of an environment.

    `named_sessions` are the roles whose sessions carry the name of a person, given by whoever lets them in.
    """

    named_sessions: list[Callers] = Field(
        default=[], title="Named sessions", description="Roles whose sessions are named by who is in them."
    )


class Service(Document):
    """A catalogue entry: who answers for a service, how much it matters, and what it is made of."""

    schema_: str | None = Field(default=None, alias="$schema", title="Schema", description="For editors.")
    id: Id = Field(title="Id", description="The file's name without .json.")
    title: Text = Field(title="Title", description="What the service does.")
    owner: Id = Field(title="Owner", description="The team that answers for it.")
    tier: int = Field(ge=0, le=4, title="Tier", description="0 matters most.")
    environment: Id = Field(title="Environment", description="Such as prod.")
    contacts: list[str] = Field(default=[], title="Contacts", description="Where its people are reached.")
    people: People = Field(
        default=People(),
        title="People",
        description="Who may answer and switch for it, beside the environment's own; nobody else when left out.",
    )
    resources: list[Resource] = Field(default=[], title="Resources", description="What it is made of.")
    protected: list[Protected] = Field(
        default=[], title="Protected", description="What no automation ever touches, whichever service it belongs to."
    )

    def owns(self, arn: str) -> bool:
        """Whether the ARN is one of its resources, or lies within one (an alias within its function)."""
        return self.resource(arn) is not None

    def protects(self, arn: str, tags: Mapping[str, str]) -> str:
        """Why it protects a resource with such tags; nothing when it does not."""
        reasons = (one.reason for one in self.protected if one.covers(arn, tags))
        return next((f"{reason} ({self.id})" for reason in reasons), "")

    def resource(self, arn: str) -> Resource | None:
        """The resource an ARN names or lies within."""
        for item in self.resources:
            if arn == item.arn or arn.startswith((item.arn + ":", item.arn + "/")):
                return item
        return None
