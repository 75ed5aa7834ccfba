"""iam:role - which sessions of a role the suite denies everything: those that were issued before some moment."""

import json
from typing import Any

from edsr.aws.arns import refuse_another, resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.ports import Clients, Observed

READER = Reader(
    resource="iam:role",
    permissions=(Permission(actions=("iam:GetRole", "iam:GetRolePolicy"), on="catalogue:iam:role"),),
)
NAME = "edsr-revoke-sessions"
"""Of the inline policy that denies."""

ISSUED = "aws:TokenIssueTime"


def policy(before: str) -> dict[str, Any]:
    """What denies everything to sessions that were issued before a moment."""
    statement = {"Sid": "RevokedByEdsr", "Effect": "Deny", "Action": "*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [{**statement, "Condition": {"DateLessThan": {ISSUED: before}}}]}


def observe(clients: Clients, arn: str) -> Observed:
    """`{revoked}`: the moment, or, where somebody rewrote the policy, as it stands; left out where there is none.

    Raises Gone for a role that was deleted, Refused when the name is another role's."""
    name, client = resource_of(arn, "iam", "role/").rpartition("/")[2], clients("iam")
    with named(f"reading {arn}", target=True):
        found = client.get_role(RoleName=name)["Role"]["Arn"]
        refuse_another(arn, found)
        try:
            said = client.get_role_policy(RoleName=name, PolicyName=NAME)["PolicyDocument"]
        except client.exceptions.NoSuchEntityException:
            return Observed({})
    return Observed({"revoked": _before(said)})


def _before(said: dict[str, Any]) -> str:
    statements = said.get("Statement", [])
    limits = statements[0].get("Condition", {}).get("DateLessThan", {}) if len(statements) == 1 else {}
    before = str(limits.get(ISSUED, ""))
    return before if said == policy(before) else json.dumps(said, sort_keys=True)
