"""The worlds of the hands that cut something off: keys, principals, instances, zones."""

import json
from collections.abc import Callable
from typing import Any

from tests import estate
from tests.aws.isolation_stand_ins import CLOSED, INSTANCE, Instances, Scaling, Zones
from tests.aws.release import BALANCING
from tests.aws.release_stand_ins import answering
from tests.aws.world import World

ACCOUNT, REGION = estate.ACCOUNT, estate.REGION
USER, ROLE = f"arn:aws:iam::{ACCOUNT}:user/deploy", f"arn:aws:iam::{ACCOUNT}:role/deploy"
MACHINE = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{INSTANCE}"
BALANCER = f"{BALANCING}:loadbalancer/app/checkout/50dc6c495c0c9188"
LEFT = "2026-03-02T03:04:05.123Z"


def simulated(decision: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What IAM says of whatever it is asked; moto says nothing."""

    def answer(said: dict[str, Any]) -> dict[str, Any]:
        return {
            "EvaluationResults": [{"EvalActionName": name, "EvalDecision": decision} for name in said["ActionNames"]]
        }

    return answer


def deactivate_key() -> World:
    """A user whose key is in other hands, and who has another one."""
    iam = estate.client("iam")
    iam.create_user(UserName="deploy")
    keys = [iam.create_access_key(UserName="deploy")["AccessKey"]["AccessKeyId"] for _ in range(2)]
    return World(
        "deactivate-key",
        USER,
        ("iam", "UpdateAccessKey"),
        {"key": keys[0]},
        lambda: iam.delete_access_key(UserName="deploy", AccessKeyId=keys[1]),
        probe=("key-is-inactive", {"user": USER, "key": keys[0]}),
    )


def deny_principal() -> World:
    """A user who does what they never did."""
    iam = estate.client("iam")
    iam.create_user(UserName="deploy")
    other = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})
    return World(
        "deny-principal",
        USER,
        ("iam", "PutUserPolicy"),
        {},
        lambda: iam.put_user_policy(UserName="deploy", PolicyName="edsr-deny", PolicyDocument=other),
        probe=("principal-is-denied", {"principal": USER}),
        lasts=True,
        answers=answering("iam", {"SimulatePrincipalPolicy": simulated("explicitDeny")}),
    )


def revoke_sessions() -> World:
    """A role whose session is used from outside."""
    iam = estate.client("iam")
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument="{}")
    other = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})
    return World(
        "revoke-sessions",
        ROLE,
        ("iam", "PutRolePolicy"),
        {"before": LEFT},
        lambda: iam.put_role_policy(RoleName="deploy", PolicyName="edsr-revoke-sessions", PolicyDocument=other),
        probe=("principal-is-denied", {"principal": ROLE, "issued": LEFT}),
        lasts=True,
        answers=answering("iam", {"SimulatePrincipalPolicy": simulated("explicitDeny")}),
    )


def quarantine_instance() -> World:
    """An instance that mines."""
    instances = Instances()
    return World(
        "quarantine-instance",
        MACHINE,
        ("ec2", "ModifyInstanceAttribute"),
        {"group": CLOSED},
        lambda: instances.groups.append("sg-0123456789abcdef0"),
        probe=("instance-is-isolated", {"instance": MACHINE, "group": CLOSED}),
        answers=instances.answering(),
    )


def keep_evidence() -> World:
    """An instance of which nothing is kept yet."""
    instances = Instances()
    marks = [{"Key": "edsr:instance", "Value": INSTANCE}, {"Key": "edsr:case", "Value": "earlier"}]
    return World(
        "keep-evidence",
        MACHINE,
        ("ec2", "CreateSnapshots"),
        {"case": "case-1"},
        lambda: instances.keep({"TagSpecifications": [{"Tags": marks}]}),
        probe=("evidence-is-kept", {"instance": MACHINE, "case": "case-1"}),
        answers=instances.answering(),
    )


def replace_instance() -> World:
    """An instance in a group of two."""
    scaling = Scaling()
    return World(
        "replace-instance",
        MACHINE,
        ("autoscaling", "DetachInstances"),
        recover=scaling.launch,
        probe=("instance-is-replaced", {"instance": MACHINE, "group": "web"}),
        answers=scaling.answering(),
    )


def shift_zone() -> World:
    """A balancer in three zones, of which one is unwell."""
    zones = Zones()
    return World(
        "shift-zone",
        BALANCER,
        ("arc-zonal-shift", "StartZonalShift"),
        {"zone": "use1-az1"},
        lambda: zones.weights.pop("use1-az4"),
        probe=("zone-is-left", {"balancer": BALANCER, "zone": "use1-az1"}),
        lasts=True,
        answers=zones.answering(),
    )


ISOLATION: tuple[Callable[[], World], ...] = (
    deactivate_key,
    deny_principal,
    revoke_sessions,
    keep_evidence,
    quarantine_instance,
    replace_instance,
    shift_zone,
)
