"""iam:user - a user's access keys, and what each was last used for."""

from typing import Any

from edsr.aws.arns import refuse_another, resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.ports import Client, Clients, Observed
from edsr.times import iso

READER = Reader(
    resource="iam:user",
    permissions=(
        Permission(
            actions=("iam:GetUser", "iam:ListAccessKeys", "iam:GetAccessKeyLastUsed"),
            on="catalogue:iam:user",
        ),
    ),
)


def name_of(client: Client, arn: str) -> str:
    """The user's name. Raises Gone for one that was deleted, Refused when the name is another user's: of another
    account, or below another path."""
    name = resource_of(arn, "iam", "user/").rpartition("/")[2]
    with named(f"reading {arn}", target=True):
        found = client.get_user(UserName=name)["User"]["Arn"]
    refuse_another(arn, found)
    return name


def observe(clients: Clients, arn: str) -> Observed:
    """`{key's id: Active or Inactive}`; what each was last used for is evidence: it goes on while the key is used."""
    client = clients("iam")
    name = name_of(client, arn)
    with named(f"reading the keys of {arn}", target=True):
        keys = client.list_access_keys(UserName=name)["AccessKeyMetadata"]
        used = {key["AccessKeyId"]: _used(client, key["AccessKeyId"]) for key in keys}
    return Observed({key["AccessKeyId"]: key["Status"] for key in keys}, evidence=used)


def _used(client: Client, key: str) -> dict[str, Any]:
    last = client.get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"]
    at = last.get("LastUsedDate")
    return {"last_used": iso(at) if at else "never", "service": last["ServiceName"], "region": last["Region"]}
