"""principal-is-denied: IAM would deny a user, or the sessions of a role issued so long ago, whatever they ask for."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.faults import named
from edsr.declare import Permission, Probe
from edsr.model import Judged
from edsr.ports import Clients
from verify.seen import Seen

ASKED = ["sts:GetCallerIdentity", "s3:ListAllMyBuckets"]
"""Two things that whoever is in would ask for first; AWS itself lets everybody do the former, and IAM alone says no."""


class Arguments(BaseModel):
    """Who."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    principal: str = Field(title="Principal", description="The ARN of the user or role.")
    issued: str = Field(
        default="", title="Issued", description="Of a role: sessions issued at this moment, in UTC; empty for a user."
    )


PROBE = Probe(
    id="principal-is-denied",
    title="IAM would deny a user, or sessions of a role issued so long ago, whatever they ask for",
    arguments=Arguments,
    permissions=(
        Permission(actions=("iam:SimulatePrincipalPolicy",), on="catalogue:iam:user"),
        Permission(actions=("iam:SimulatePrincipalPolicy",), on="catalogue:iam:role"),
    ),
)


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """Denied by a policy that says so is better; allowed, or only not allowed, is worse."""
    del since, now
    how = Arguments.model_validate(args)
    issued = {"ContextKeyName": "aws:TokenIssueTime", "ContextKeyType": "date", "ContextKeyValues": [how.issued]}
    with named(f"asking IAM what {how.principal} may do"):
        found = clients("iam").simulate_principal_policy(
            PolicySourceArn=how.principal, ActionNames=ASKED, ContextEntries=[issued] if how.issued else []
        )["EvaluationResults"]
    said = {one["EvalActionName"]: one["EvalDecision"] for one in found}
    denied = set(said) == set(ASKED) and set(said.values()) == {"explicitDeny"}
    return Seen(Judged.BETTER if denied else Judged.WORSE, ", ".join(f"{name}: {it}" for name, it in said.items()))
