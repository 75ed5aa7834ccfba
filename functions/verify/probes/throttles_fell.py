"""throttles-fell: far fewer requests of the function are throttled than before the step."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.declare import Probe
from edsr.model import Judged
from edsr.ports import Clients
from verify.figures import FIGURES, figures
from verify.seen import Seen


class Arguments(BaseModel):
    """Which function, and over how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    function: str = Field(title="Function", description="The ARN of the function, or of its alias.")
    minutes: int = Field(default=3, ge=1, le=60, title="Minutes", description="Over so many minutes, before and since.")


PROBE = Probe(
    id="throttles-fell",
    title="Half as many requests of the function are throttled as before the step, or fewer",
    arguments=Arguments,
    permissions=(FIGURES,),
)
WANTED = {"Throttles": "Sum", "Invocations": "Sum"}


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """Half as many as before, or none, is better; more than before is worse. Where nobody asked, nobody knows."""
    how = Arguments.model_validate(args)
    span = timedelta(minutes=how.minutes)
    before = figures(clients, how.function, WANTED, since - span, since)["Throttles"] or 0
    if now < since + span:
        return Seen(Judged.PENDING, f"{before:.0f} throttled before, and {how.minutes} minutes are not over")
    said = figures(clients, how.function, WANTED, now - span, now)
    after, went = said["Throttles"] or 0, said["Invocations"] or 0
    seen = f"{after:.0f} throttled in {how.minutes} minutes, {before:.0f} before"
    if not after + went:
        return Seen(Judged.UNKNOWN, f"there were no requests in {how.minutes} minutes")
    if after <= before / 2:
        return Seen(Judged.BETTER, seen)
    return Seen(Judged.WORSE if after > before else Judged.PENDING, seen)
