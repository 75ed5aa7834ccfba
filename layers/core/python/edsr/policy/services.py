"""The catalogue of services, as models: what a service is made of, who answers for it, and what is never touched."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator

from edsr.policy.words import Callers, Document, Id, Text

RUNS = ("ssm:automation", "states:runnable-machine")
"""What runs by itself, and whose author alone knows what it does."""


class Resource(Document):
    """One thing a service is made of."""

    kind: str = Field(title="Kind", description="Such as lambda:alias; actions may act on resources of their kind.")
    arn: str = Field(title="ARN", description="May hold ${account} and ${region}.")
    managed_by: Literal["codedeploy"] | None = Field(
        default=None, title="Managed by", description="Another hand that changes it; actions leave it alone."
    )
    reversible: bool = Field(
        default=False,
        title="Reversible",
        description="Of an automation or a state machine: it may run unasked, and to stop it takes back what it did.",
    )
    tags: dict[str, str] = Field(default={}, title="Tags", description="Its tags, as far as `protected` asks for them.")

    @model_validator(mode="after")
    def _says_it_of_what_runs(self) -> Self:
        if self.reversible and self.kind not in RUNS:
            raise ValueError(f"only of {' and '.join(RUNS)} it is said here whether they are reversible")
        return self

    def covers(self, arn: str) -> bool:
        """Whether an ARN names it, or lies within it."""
        return arn == self.arn or arn.startswith((self.arn + ":", self.arn + "/"))


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
        return next((item for item in self.resources if item.covers(arn)), None)

    def names(self, kind: str, arn: str) -> bool:
        """Whether it names a resource as one of a kind: what it is for another kind is none of this one."""
        return any(item.kind == kind and item.covers(arn) for item in self.resources)
