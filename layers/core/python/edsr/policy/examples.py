"""A policy's own tests: an event, what is given, and what must be decided."""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from edsr.model import DecisionVerdict, Mode
from edsr.policy.words import Document, Id, Number, Text
from edsr.times import Duration, Utc

QUIET = "quiet"
"""The event causes no finding, so nothing is decided."""

OUTCOMES = (*(verdict.value for verdict in DecisionVerdict), QUIET)


def _one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    def check(said: str) -> str:
        if said not in words:
            raise PydanticCustomError("enum", "Input should be {expected}", {"expected": ", ".join(words)})
        return said

    return check


Expected = Annotated[str, AfterValidator(_one_of(OUTCOMES)), WithJsonSchema({"type": "string", "enum": list(OUTCOMES)})]
"""A verdict, or quiet."""


class Given(Document):
    """What is assumed to be so in a test of the decision."""

    kill_switch: list[str] = Field(default=[], title="Kill switch", description="Scopes engaged, such as all.")
    cooldown: bool = Field(default=False, title="Cooldown", description="The subject was repaired a moment ago.")
    busy: bool = Field(default=False, title="Busy", description="Another remediation of the subject is running.")
    rate: bool = Field(default=False, title="Rate", description="As many remediations as may have begun already.")
    concurrency: bool = Field(default=False, title="Concurrency", description="Others act in every slot.")
    breaker: bool = Field(default=False, title="Breaker", description="The policy's breaker on the service is open.")
    latch: bool = Field(default=False, title="Latch", description="The playbook was denied in the account.")
    protected: bool = Field(default=False, title="Protected", description="The catalogue protects the subject.")
    confirmations: int = Field(
        default=0, ge=0, le=20, title="Confirmations", description="So many findings about the subject came before it."
    )
    unwell: int = Field(default=0, ge=0, le=1000, title="Unwell", description="So many others of its kind are unwell.")
    storm: bool = Field(default=False, title="Storm", description="A person has been told of a storm there.")
    demoted: Mode | None = Field(default=None, title="Demoted", description="A person lets it go no further than this.")
    canary: int | None = Field(
        default=None, ge=0, le=99, title="Canary", description="Where the subject stands; below the percent it acts."
    )
    burn_rate: Number | None = Field(
        default=Decimal(0),
        ge=0,
        le=10**9,
        title="Burn rate",
        description="How fast the error budget burns, over every window; null: not known. Left out, it does not burn.",
    )
    budget_left: Number | None = Field(
        default=Decimal(100),
        le=100,
        title="Budget left",
        description="Percent of the error budget that are left; null: not known. Left out, all of it.",
    )
    at: Utc | None = Field(default=None, title="At", description="When it is decided, for windows of time.")
    age: Duration | None = Field(default=None, title="Age", description="How old the finding is by now.")
    earlier: int = Field(
        default=0, ge=0, le=1000, title="Earlier", description="So many others like it came just before it."
    )
    usual: list[float] = Field(
        default=[],
        max_length=100,
        title="Usual",
        description="The numbers that came before, over and over, five minutes apart: `earlier` says how many.",
    )
    silent: Duration | None = Field(
        default=None, title="Silent", description="Of what is waited for nothing came for so long after the event."
    )
    preceded: bool = Field(default=False, title="Preceded", description="What has to come before it came just before.")
    environment: str | None = Field(default=None, title="Environment", description="The subject's environment.")
    tier: int | None = Field(default=None, title="Tier", description="The subject's tier.")


class Expect(Document):
    """What the decision must be."""

    verdict: Expected = Field(
        title="Verdict", description="What is decided; quiet means that the event causes no finding."
    )
    playbook: Id | None = Field(default=None, title="Playbook", description="The playbook that is chosen.")
    refused_by: str | None = Field(default=None, title="Refused by", description="A gate that does not allow it.")


class Before(Document):
    """An event that came before the one that is tested."""

    event: Text = Field(title="Event", description="A file in tests/events.")
    by: Duration = Field(title="By", description="So long before the event that is tested.")


class Test(Document):
    """One event, what is given, and what must be decided."""

    name: Text = Field(title="Name", description="A sentence that says what is expected.")
    event: Text = Field(title="Event", description="A file in tests/events.")
    after: list[Before] = Field(default=[], title="After", description="What came before it, for a sequence.")
    mode: Mode | None = Field(default=None, title="Mode", description="Decide as if the policy were in this mode.")
    given: Given = Field(default=Given(), title="Given", description="What is assumed; else all is quiet.")
    expect: Expect = Field(title="Expect", description="What the decision must be.")
