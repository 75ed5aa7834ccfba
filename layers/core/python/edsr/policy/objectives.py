"""Service level objectives, as models: what is counted, how much of it has to be good, and over how long."""

from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Literal, Self, cast

from pydantic import Field, model_validator

from edsr.canonical import digest, plain
from edsr.policy.words import Document, Id, Number, Text
from edsr.times import Duration

Counting = Literal["Sum", "SampleCount"]
"""Statistics of which two spans may be added."""


class Metric(Document):
    """One metric of CloudWatch."""

    namespace: str = Field(
        min_length=1, max_length=255, pattern=r"^[^:]", title="Namespace", description="Such as AWS/Lambda."
    )
    name: str = Field(min_length=1, max_length=255, title="Name", description="The metric's name, such as Invocations.")
    dimensions: dict[str, str] = Field(
        default={}, max_length=30, title="Dimensions", description="All of its dimensions: CloudWatch adds up nothing."
    )
    statistic: Counting = Field(
        default="Sum", title="Statistic", description="How it is counted: the sum of its values, or how many there are."
    )


class Indicator(Document):
    """What is counted: all events, and either the good or the bad ones of them."""

    total: Metric = Field(title="Total", description="All events that count, such as requests.")
    good: Metric | None = Field(default=None, title="Good", description="Those that went well; or give `bad`.")
    bad: Metric | None = Field(default=None, title="Bad", description="Those that did not; or give `good`.")

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        if (self.good is None) == (self.bad is None):
            raise ValueError("give either `good` or `bad` beside `total`")
        return self

    @property
    def part(self) -> Metric:
        """The metric that is counted beside `total`."""
        return self.good or cast("Metric", self.bad)  # one of the two is there: the model says so


class Objective(Document):
    """How good a service has to be, and what tells how good it is."""

    schema_: str | None = Field(default=None, alias="$schema", title="Schema", description="For editors.")
    id: Id = Field(title="Id", description="The file's name without .json.")
    title: Text = Field(title="Title", description="What its users are promised, in one sentence.")
    owner: Id = Field(title="Owner", description="The team that answers for it.")
    service: Id = Field(title="Service", description="The file in services/ that it is about.")
    indicator: Indicator = Field(title="Indicator", description="What is counted.")
    target: Number = Field(
        gt=0, lt=100, title="Target", description="Percent of events that have to be good, such as 99.9."
    )
    window: Duration = Field(
        default=timedelta(days=28),
        ge=timedelta(days=1),
        le=timedelta(days=60),
        title="Window",
        description="The span over which the target holds, and which always ends now; at most 60 days.",
    )

    @property
    def allowed(self) -> Decimal:
        """The share of events that may be bad: the budget."""
        return 1 - self.target / 100

    @cached_property
    def digest(self) -> str:
        """SHA-256 over what is measured and how good it has to be."""
        said = self.model_dump(mode="json", by_alias=True, exclude={"schema_", "title", "owner"})
        return digest(plain(said))
