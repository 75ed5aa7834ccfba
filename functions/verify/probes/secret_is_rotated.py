"""secret-is-rotated: the secret was rotated since the step, and no version is left half-way."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.faults import named
from edsr.declare import Permission, Probe
from edsr.model import Judged
from edsr.ports import Clients
from verify.seen import Seen


class Arguments(BaseModel):
    """Which secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    secret: str = Field(title="Secret", description="The ARN of the secret.")


PROBE = Probe(
    id="secret-is-rotated",
    title="The secret was rotated since the step, and no version is left half-way",
    arguments=Arguments,
    permissions=(Permission(actions=("secretsmanager:DescribeSecret",), on="catalogue:secretsmanager:secret"),),
)
SLACK = timedelta(minutes=1)
"""A rotation may be over before the step that started it is."""


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """Rotated since the step is better; a version on its way is pending, and unknown in the end, since it may be the
    only one that works. Never reads a value."""
    del now
    secret = Arguments.model_validate(args).secret
    with named(f"reading {secret}"):
        said = clients("secretsmanager").describe_secret(SecretId=secret)
    stages = {stage: version for version, of in said.get("VersionIdsToStages", {}).items() for stage in of}
    pending = stages.get("AWSPENDING")
    if pending is not None and pending != stages.get("AWSCURRENT"):
        return Seen(Judged.PENDING, f"version {pending} is on its way, or was left half-way")
    rotated = said.get("LastRotatedDate")
    if rotated is None or rotated < since - SLACK:
        return Seen(Judged.PENDING, f"it was last rotated {rotated or 'never'}")
    return Seen(Judged.BETTER, f"it was rotated {rotated}")
