"""A recovery: what a source saw end, so that nothing need be done about it that was not begun."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, field_validator

from edsr.canonical import canonical
from edsr.model import Finding, Frozen, Subject
from edsr.times import Utc, parse

SAME_BYTES = 2048
Condition = Annotated[str, Field(min_length=1, max_length=512)]


class Recovery(Frozen):
    """The end of a condition of one subject, for one policy; `observed_at` is when, by the producer's own clock.

    `also` are further conditions that end with it: that a build succeeds ends that one failed, and that one timed out.
    `same` are fields of evidence that tell one thing from another where a condition may hold several times at once:
    it ends only those findings that have them.
    """

    policy: str
    source: str
    subject: Subject
    condition: Condition
    also: tuple[Condition, ...] = Field(default=(), max_length=16)
    same: dict[str, str] = Field(default_factory=dict)
    observed_at: Utc
    detected_at: Utc

    @field_validator("same")
    @classmethod
    def _bounded(cls, same: dict[str, str]) -> dict[str, str]:
        if len(canonical(same)) > SAME_BYTES:
            raise ValueError(f"what tells it from others is longer than {SAME_BYTES} bytes")
        return same

    def ends(self, found: Finding) -> bool:
        """Whether it is the end of what a finding tells of: the same thing, and later by the producer's clock."""
        ours = (found.policy, found.subject.arn) == (self.policy, self.subject.arn)
        return ours and after(found, (self.condition, *self.also), self.same, self.observed_at)


def after(found: Finding, conditions: Collection[str], same: dict[str, Any], at: datetime) -> bool:
    """Whether what ended at a time is what a finding tells of. At the same moment nobody knows which came first: then
    it goes on."""
    equal = found.condition in conditions and all(found.evidence.get(name) == said for name, said in same.items())
    return equal and at > began(found)


def began(found: Finding) -> datetime:
    """When it began, by the producer's clock. What was seen to stand is as fresh as the look; where its episode is a
    time, that is when it began."""
    try:
        return min(found.observed_at, parse(found.episode))
    except ValueError:
        return found.observed_at
