"""alias-is-warm: so many environments of the alias are ready by now."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Probe
from edsr.model import Judged
from edsr.ports import Client, Clients
from verify.seen import Seen


class Arguments(BaseModel):
    """Which alias, and how many."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    alias: str = Field(title="Alias", description="The ARN of the alias.")
    ready: int = Field(ge=1, title="Ready", description="So many environments have to be ready.")


PROBE = Probe(
    id="alias-is-warm",
    title="So many environments of the alias are ready",
    arguments=Arguments,
    permissions=(Permission(actions=("lambda:GetProvisionedConcurrencyConfig",), on="catalogue:lambda:alias"),),
)


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """All of them ready is better; what Lambda could not allocate, and what nobody asks for, is worse."""
    del since, now
    how = Arguments.model_validate(args)
    function, _, alias = resource_of(how.alias, "lambda", "function:").partition(":")
    client: Client = clients("lambda")
    with named(f"reading how much of {how.alias} is ready"):
        try:
            said = client.get_provisioned_concurrency_config(FunctionName=function, Qualifier=alias)
        except client.exceptions.ProvisionedConcurrencyConfigNotFoundException:
            return Seen(Judged.WORSE, "nothing is kept ready")
    ready, asked, status = (
        said.get("AvailableProvisionedConcurrentExecutions", 0),
        said["RequestedProvisionedConcurrentExecutions"],
        said["Status"],
    )
    seen = f"{ready} of {asked} are ready: {status}"
    if status == "FAILED":
        return Seen(Judged.WORSE, f"{seen}, {said.get('StatusReason', 'nobody says why')}")
    return Seen(Judged.BETTER if ready >= how.ready else Judged.PENDING, seen)
