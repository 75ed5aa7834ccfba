"""key-is-inactive: nobody can sign with the access key any more."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Probe
from edsr.model import Judged
from edsr.ports import Clients
from verify.seen import Seen


class Arguments(BaseModel):
    """Which key of which user."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    user: str = Field(title="User", description="The ARN of the user.")
    key: str = Field(title="Key", description="The id of the key, AKIA....")


PROBE = Probe(
    id="key-is-inactive",
    title="Nobody can sign with the access key any more",
    arguments=Arguments,
    permissions=(Permission(actions=("iam:ListAccessKeys",), on="catalogue:iam:user"),),
)


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """Inactive or deleted is better, active worse."""
    del since, now
    how = Arguments.model_validate(args)
    name = resource_of(how.user, "iam", "user/").rpartition("/")[2]
    with named(f"reading the keys of {how.user}"):
        keys = clients("iam").list_access_keys(UserName=name)["AccessKeyMetadata"]
    status = next((key["Status"] for key in keys if key["AccessKeyId"] == how.key), "deleted")
    return Seen(Judged.WORSE if status == "Active" else Judged.BETTER, f"{how.key} is {status}")
