"""What an entry says about itself; the infrastructure, the catalogue and the docs are derived from it."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edsr.settings import Settings

Resource = Literal[
    "state-table",
    "state-index",
    "audit-table",
    "audit-stream",
    "findings-queue",
    "quarantine-queue",
    "remediate-machine",
    "remediate-executions",
    "suite-bus",
    "export-listing",
    "export-records",
    "export-anchors",
    "export-drafts",
    "anchor-key",
    "page-key",
    "detectors",
    "digest-topic",
]
"""The suite's own resources, by the names the stacks know them by."""


class _Declaration(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Nothing(BaseModel):
    """No arguments: the target says it all."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Permission(_Declaration):
    """AWS actions on one of our resources, on the catalogue's resources of a kind (`catalogue:lambda:alias`), or,
    with a written `reason`, on `*`. `keys` limits them to partitions of a table, such as `INC#*`."""

    actions: tuple[str, ...] = Field(min_length=1)
    on: str
    keys: tuple[str, ...] = ()
    reason: str | None = None


class Function(_Declaration):
    """One Lambda: what it may do, which settings it reads, how long it may take (seconds), its memory (MB).

    `sdk` says that it ships the pinned SDK: what was tested is what runs.
    """

    settings: type[Settings]
    permissions: tuple[Permission, ...]
    timeout: int = 30
    memory: int = 256
    sdk: bool = False


class Detector(_Declaration):
    """A source of events: which detail types it reads, and how surely AWS delivers them; those that are `forwarded`
    come over the bus `edsr`. `recovers` says for a detail type with which words, where in the event, it tells that
    something is over: of an event with them nothing is found. Where most of such events end nothing, `recovers_if` is
    a pattern of what the detail of one that does has besides."""

    source: str
    title: str
    detail_types: tuple[str, ...]
    delivery: Literal["durable", "best-effort"]
    forwarded: tuple[str, ...] = ()
    recovers: Mapping[str, Mapping[str, tuple[str | bool, ...]]] = {}
    recovers_if: Mapping[str, Mapping[str, Any]] = {}


class Poll(_Declaration):
    """Where the sweep asks in turn what the bus may have dropped, for one source's detector.

    It is asked every so many `minutes`. `calls` is its token bucket: as many calls, of AWS and of the detector, as it
    may make at once, and then as many again in each of its periods. `level` says that what it finds still holds, so
    that the finding is as fresh as the look; otherwise it is as old as the event. `aws_only` says what of it no local
    engine does. Its module gives what is `standing(ask)`, and may give what is `over(ask, findings)` of what incidents
    tell of: each such finding with the event of its end.
    """

    id: str
    source: str
    title: str
    detail_types: tuple[str, ...]
    minutes: int = Field(ge=1)
    calls: int = Field(ge=4)
    level: bool
    permissions: tuple[Permission, ...]
    aws_only: str = ""


def of_kind(resource: str) -> str:
    """The name of the reader of a kind that needs but one: `ecs_service` for `ecs:service`."""
    return resource.replace(":", "_").replace("-", "_")


class Action(_Declaration):
    """One kind of repair.

    `arguments` is the model of its arguments; `klass` the class of its mutating call: A idempotency token,
    B compare-and-set, C desired state and observation, D neither. `restores` says that it brings back an earlier
    state, so that undoing it would bring back the trouble: such a step is held, never reverted. `temporary` is what has
    to end by itself: its step says how long it `lasts`. Targets that the catalogue says are managed by one of
    `yields_to` are left alone. `token_seconds` is how long the service of a class A action remembers a token.
    `runs_on`: what it starts goes on by itself, and is asked to stop when the kill switch is engaged. `reaches` is the
    state that it brings about, a template over its arguments (`{"version.$": "to"}`), for people who are asked about
    it; empty where its names are known only when the target is seen.

    `permissions` are what its own call needs, the call itself first: the budget of its API is what it takes from. What
    is needed to look comes from its `reader`, a module of `edsr.aws.readers`, by default the one named after
    `resource`, else `view`. `aws_only` says what of it no local engine does.
    """

    id: str
    title: str
    resource: str
    arguments: type[BaseModel]
    permissions: tuple[Permission, ...]
    klass: Literal["A", "B", "C", "D"]
    reversible: bool
    restores: bool
    customer_visible: bool
    drift: str
    temporary: bool = False
    yields_to: tuple[str, ...] = ()
    token_seconds: int = Field(default=0, ge=0)
    runs_on: bool = False
    reaches: dict[str, Any] = Field(default_factory=dict)
    view: str = ""
    aws_only: str = ""

    @property
    def api(self) -> str:
        """The AWS API, as IAM names it, whose budget it takes from: that of the first action it is permitted."""
        return self.permissions[0].actions[0].partition(":")[0]

    @property
    def reader(self) -> str:
        """The module that reads its target's state."""
        return self.view or of_kind(self.resource)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.klass == "A") != bool(self.token_seconds):
            raise ValueError(f"{self.id}: class A, and only it, says for how many seconds its token is remembered")
        if self.temporary and (self.restores or not self.reversible):
            raise ValueError(f"{self.id}: what is only for a while has to be undone")
        return self


class Probe(_Declaration):
    """One way to judge a step, read only."""

    id: str
    title: str
    arguments: type[BaseModel]
    permissions: tuple[Permission, ...]


class PlannedAction(_Declaration):
    """An action that playbooks may name before it is built: its contract, and why it waits.

    Nothing can take it: plan refuses it, and lint keeps every policy that needs it in `observe`.
    """

    id: str
    title: str
    resource: str
    arguments: type[BaseModel]
    klass: Literal["A", "B", "C", "D"]
    reversible: bool
    restores: bool
    customer_visible: bool
    why_not_yet: str = Field(min_length=1)


class PlannedProbe(_Declaration):
    """A probe that documents may name before it is built; what nobody can judge is only observed."""

    id: str
    title: str
    arguments: type[BaseModel]
    why_not_yet: str = Field(min_length=1)


class Reader(_Declaration):
    """How the state of a kind of target is observed, read only: by plan, and by every action that looks that way."""

    resource: str
    permissions: tuple[Permission, ...]
