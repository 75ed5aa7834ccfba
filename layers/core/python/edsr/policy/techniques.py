"""How a policy detects when one event is not enough, as its document says it."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from edsr.policy.words import Document
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
