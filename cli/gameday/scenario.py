"""A game day as a document: the estate, what happens to it, and what must be true afterwards."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from cli.gameday.happenings import Happening, Looks, Values
from cli.gameday.measuring import Measure
from cli.gameday.truth import Known
from edsr.model import Mode
from edsr.policy.words import Document, Id, Text


class Range(Document):
    """A number that is not known beforehand."""

    least: int = Field(default=0, ge=0, title="Least", description="Not fewer.")
    most: int = Field(ge=0, title="Most", description="Not more.")

    def __str__(self) -> str:
        return f"{self.least} to {self.most}"


def takes(wanted: int | Range, seen: int) -> bool:
    """Whether it is as many as wanted."""
    return wanted.least <= seen <= wanted.most if isinstance(wanted, Range) else seen == wanted


class Ended(Document):
    """Incidents that must have come of it, and how they stand."""

    policy: Id = Field(title="Policy", description="Whose.")
    about: Text | None = Field(default=None, title="About", description="A part of the subject's ARN.")
    states: list[Text] = Field(min_length=1, title="States", description="Each is in one of these.")
    count: int | Range = Field(default=1, title="Count", description="How many there are.")
    verdict: Text | None = Field(default=None, title="Verdict", description="What was decided.")
    refused_by: list[Id] = Field(default=[], title="Refused by", description="Gates that refused each, among others.")
    reason: Text | None = Field(default=None, title="Reason", description="A part of why it ended so.")


class Found(Looks):
    """Something that must be found in the estate."""

    say: Text = Field(title="Say", description="What it means.")


class Expect(Document):
    """What must be true afterwards. That the audit is whole is always asked."""

    incidents: list[Ended] = Field(title="Incidents", description="All that came of it; any other is wrong.")
    effects: dict[str, int | Range] = Field(
        title="Effects", description="What hands changed in the estate, by call, such as lambda:UpdateAlias; all of it."
    )
    pages: int | Range = Field(title="Pages", description="How often a person was told.")
    estate: list[Found] = Field(default=[], title="Estate", description="How the estate stands.")
    measures: list[Measure] = Field(default=[], title="Measures", description="What is measured, and its limits.")
    truth: dict[Annotated[str, Field(pattern=r"^(M([1-9]|10)|A[12])$")], Known] = Field(
        default={},
        title="Truth",
        description="What is known of M1 to M10, A1 and A2 of this day: the audit and the metrics have to say the "
        "same. Null says that nothing happened of which it could be told.",
    )
    time_to_detect: timedelta = Field(
        default=timedelta(minutes=1), title="Time to detect", description="No finding may take longer."
    )
    time_to_remediate: timedelta = Field(
        default=timedelta(minutes=5), title="Time to remediate", description="No repair may take longer."
    )


class Scenario(Document):
    """One game day."""

    schema_: str | None = Field(default=None, alias="$schema", title="Schema", description="For editors.")
    id: Id = Field(title="Id", description="The file's name without .json.")
    title: Text = Field(title="Title", description="What happens, in a line.")
    about: list[Text] = Field(default=[], title="About", description="More, for the report.")
    covers: list[Text] = Field(min_length=1, title="Covers", description="Rows of docs/coverage.md that it shows.")
    modes: dict[Id, Mode] = Field(title="Modes", description="Policies whose mode is raised, as an environment does.")
    documents: dict[str, Values] = Field(
        default={},
        title="Documents",
        description="What differs from, or is added to, policies/: by file, merged key by key; lists are replaced.",
    )
    real: bool = Field(
        default=False, title="Real", description="Whether it may run in a real account: nothing but an estate's events."
    )
    last: bool = Field(default=False, title="Last", description="It uses up what all share, so it comes after others.")
    estate: list[Happening] = Field(
        title="Estate", description="What is there before the suite is deployed; documents may name what it keeps."
    )
    timeline: list[Happening] = Field(min_length=1, title="Timeline", description="What happens then, in order.")
    expect: Expect = Field(title="Expect", description="What must be true afterwards.")
