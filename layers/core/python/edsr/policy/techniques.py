"""How a policy detects when one event is not enough, as its document says it."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from edsr.policy.words import Document, Expression, Id, Pattern
from edsr.times import Duration

LONGEST = timedelta(days=1)
"""The longest window in which events are held against each other."""

By = Literal["subject", "service", "principal"]
"""What events have in common: the subject's ARN, its service in the catalogue, or who did it (`evidence.by`)."""


class Count(Document):
    """So many events about one subject within a window."""

    at_least: int = Field(ge=2, le=1000, title="At least", description="So many different events; a copy counts once.")
    within: Duration = Field(
        ge=timedelta(seconds=1),
        le=LONGEST,
        title="Within",
        description="The window, which slides, by the time of the events themselves; a day at most.",
    )


class Step(Document):
    """What has to come before."""

    source: Id = Field(title="Source", description="The detector that reads the event.")
    pattern: Pattern = Field(title="Pattern", description="An EventBridge event pattern; it becomes a rule of its own.")


class Sequence(Document):
    """Events that follow each other; `detect.pattern` takes the last of them, and the finding is about that."""

    after: tuple[Step, ...] = Field(
        min_length=1, max_length=3, title="After", description="What has to come before, in this order."
    )
    within: Duration = Field(
        ge=timedelta(seconds=1),
        le=LONGEST,
        title="Within",
        description="From the first to the last, by the time of the events themselves; a day at most.",
    )
    by: By = Field(default="subject", title="By", description="What they have in common: subject, service, principal.")


class Absence(Document):
    """What is expected again and again about a subject; `detect.pattern` takes it."""

    every: Duration = Field(
        ge=timedelta(minutes=1),
        le=timedelta(days=35),
        title="Every",
        description="So long after one the next is expected, by the time of the events themselves.",
    )
    grace: Duration | None = Field(
        default=None, le=timedelta(days=7), title="Grace", description="So much later it may come before it is missed."
    )
    subject: Expression = Field(
        default="resources[0]",
        alias="subject.$",
        title="Subject",
        description="A JMESPath into the event that gives the ARN of what it is about.",
    )
    at: Expression = Field(
        default="time", alias="at.$", title="At", description="A JMESPath into the event that says when it came."
    )
    kind: str = Field(
        default="",
        max_length=64,
        title="Kind",
        description="Each resource of this kind in services/ is expected from the beginning; others from their first.",
    )


class Anomaly(Document):
    """A number in each event, judged by those before it about the same subject."""

    value: Expression = Field(
        alias="value.$", title="Value", description="A JMESPath into the event that gives the number."
    )
    counter: bool = Field(
        default=False,
        title="Counter",
        description="The number is a total that only grows, and begins again at 0: its growth a second is judged.",
    )
    sensitivity: Literal["standard", "fewer-false", "fewer-missed"] = Field(
        default="standard", title="Sensitivity", description="fewer-false alarms less, fewer-missed more."
    )
