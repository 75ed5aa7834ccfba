"""function-is-well: since the step, the function answers fast enough, and often enough without an error."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.declare import Probe
from edsr.model import Judged
from edsr.ports import Clients
from verify.figures import FIGURES, figures
from verify.seen import Seen


class Arguments(BaseModel):
    """Which function, how slow it may be, how often it may fail, and for how long it is watched."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    function: str = Field(title="Function", description="The ARN of the function, or of its alias.")
    slowest: int = Field(ge=1, title="Slowest", description="95 of 100 requests take no longer, in milliseconds.")
    success: int = Field(ge=1, le=100, title="Success", description="So many of 100 requests go well.")
    minutes: int = Field(default=3, ge=1, le=60, title="Minutes", description="Over so many minutes.")


PROBE = Probe(
    id="function-is-well",
    title="The function's 95th percentile and its success rate since the step are as they should be",
    arguments=Arguments,
    permissions=(FIGURES,),
)
WANTED = {"Invocations": "Sum", "Errors": "Sum", "Throttles": "Sum", "Duration": "p95"}


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """Fast and without errors is better, else it is worse; what is throttled did not go well. Without requests nobody
    knows, and before so many minutes are over it is pending."""
    how = Arguments.model_validate(args)
    span = timedelta(minutes=how.minutes)
    if now < since + span:
        return Seen(Judged.PENDING, f"{how.minutes} minutes are not over")
    said = figures(clients, how.function, WANTED, now - span, now)
    asked = (said["Invocations"] or 0) + (said["Throttles"] or 0)
    slow = said["Duration"]
    if not asked or slow is None:
        return Seen(Judged.UNKNOWN, f"there were no requests in {how.minutes} minutes")
    well = 100 * (asked - (said["Errors"] or 0) - (said["Throttles"] or 0)) / asked
    seen = f"{well:.1f} % of {asked:.0f} requests went well, 95 of 100 within {slow:.0f} ms"
    return Seen(Judged.BETTER if slow <= how.slowest and well >= how.success else Judged.WORSE, seen)
