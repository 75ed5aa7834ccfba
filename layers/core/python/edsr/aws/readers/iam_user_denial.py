"""iam:user - whether the suite denies a user everything."""

import json

from edsr.aws.faults import named
from edsr.aws.readers import iam_user
from edsr.declare import Permission, Reader
from edsr.ports import Clients, Observed

READER = Reader(
    resource="iam:user",
    permissions=(Permission(actions=("iam:GetUser", "iam:GetUserPolicy"), on="catalogue:iam:user"),),
)
NAME = "edsr-deny"
"""Of the inline policy that denies."""

EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "DeniedByEdsr", "Effect": "Deny", "Action": "*", "Resource": "*"}],
}


def observe(clients: Clients, arn: str) -> Observed:
    """`{denied}`: everything, or, where somebody rewrote the policy, as it stands; left out where there is none."""
    client = clients("iam")
    name = iam_user.name_of(client, arn)
    with named(f"reading what is denied to {arn}", target=True):
        try:
            found = client.get_user_policy(UserName=name, PolicyName=NAME)["PolicyDocument"]
        except client.exceptions.NoSuchEntityException:
            return Observed({})
    return Observed({"denied": "everything" if found == EVERYTHING else json.dumps(found, sort_keys=True)})
