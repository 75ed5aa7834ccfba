"""The contract of teams' own events: what stands in the detail of an `EDSR Signal`, version 1."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from edsr.times import Utc

DETAIL_TYPE = "EDSR Signal"
LOG_EVENT = "CloudWatch Logs Event"
BUDGET, ANOMALY = "AWS Budgets Notification", "AWS Cost Anomaly Notification"
"""What the forwarder puts on the bus beside signals."""

Short = Annotated[str, Field(max_length=128)]
Long = Annotated[str, Field(max_length=1024)]


class SignalSubject(BaseModel):
    """What a signal is about: a resource of the account and Region that sends it, or one that has no Region."""

    model_config = ConfigDict(frozen=True, extra="ignore", title="SignalSubject")
    arn: str = Field(min_length=1, max_length=1024, pattern="^arn:", description="The ARN of the resource.")
    kind: str = Field(
        default="custom",
        min_length=1,
        max_length=64,
        description="Which kind of resource it is, such as `lambda:alias`; actions are for kinds.",
    )


class Signal(BaseModel):
    """Something that a team sees go wrong, or be well again.

    A field that is not listed here is ignored: a later version may add some, and never changes what one means.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, title="Signal")
    v: Literal[1] = Field(description="The version of the contract.")
    id: str = Field(
        min_length=1,
        max_length=256,
        description="The identity of this occurrence: the same however often it is sent, another for the next one.",
    )
    condition: str = Field(min_length=1, max_length=256, description="What is wrong, in the same words each time.")
    subject: SignalSubject = Field(description="What it is about.")
    at: Utc = Field(description="When it began: ISO 8601 with its offset.")
    state: Literal["problem", "ok"] = Field(default="problem", description="Whether it began or is over.")
    title: str = Field(default="", max_length=512, description="What a person reads first.")
    severity: Literal["critical", "high", "medium", "low", "info"] = Field(
        default="medium", description="How bad the sender thinks it is; a policy's pattern may ask for it."
    )
    labels: dict[Short, Long] = Field(
        default_factory=dict, max_length=50, description="Whatever helps a person or a pattern, as text."
    )
    link: str = Field(default="", max_length=1024, description="Where a person finds out more.")
