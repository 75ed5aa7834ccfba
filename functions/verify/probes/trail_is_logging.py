"""trail-is-logging: the trail logs, and its last delivery did not fail."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.faults import named
from edsr.declare import Permission, Probe
from edsr.model import Judged
from edsr.ports import Clients
from verify.seen import Seen


class Arguments(BaseModel):
    """Which trail."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    trail: str = Field(title="Trail", description="The ARN of the trail.")


PROBE = Probe(
    id="trail-is-logging",
    title="The trail logs, and its last delivery did not fail",
    arguments=Arguments,
    permissions=(Permission(actions=("cloudtrail:GetTrailStatus",), on="catalogue:cloudtrail:trail"),),
)


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """A trail that logs is better, one that does not is worse; one that logs and cannot deliver is unknown."""
    del since, now
    trail = Arguments.model_validate(args).trail
    with named(f"reading {trail}"):
        status = clients("cloudtrail").get_trail_status(Name=trail)
    if not status["IsLogging"]:
        return Seen(Judged.WORSE, "it does not log")
    if error := status.get("LatestDeliveryError"):
        return Seen(Judged.UNKNOWN, f"it logs, but its last delivery failed: {error}")
    return Seen(Judged.BETTER, "it logs")
