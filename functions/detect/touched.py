"""What a call that CloudTrail recorded touched: the resource that its parameters or its answer name, as an ARN."""

import re
from typing import Any, NamedTuple

from detect.envelope import arn, said
from detect.intake import section
from detect.resources import listed


class Named(NamedTuple):
    """A parameter that names a resource: whose ARN begins how, of which kind, and whether that has a Region."""

    parameter: str
    service: str
    before: str
    kind: str
    regional: bool = True


PARAMETERS = {
    "cloudtrail": (
        Named("name", "cloudtrail", "trail/", "cloudtrail:trail"),
        Named("trailName", "cloudtrail", "trail/", "cloudtrail:trail"),
    ),
    "ec2": (
        Named("groupId", "ec2", "security-group/", "ec2:security-group"),
        Named("snapshotId", "ec2", "snapshot/", "ec2:snapshot"),
        Named("imageId", "ec2", "image/", "ec2:image"),
        Named("instanceId", "ec2", "instance/", "ec2:instance"),
    ),
    "ec2-instance-connect": (Named("instanceId", "ec2", "instance/", "ec2:instance"),),
    "iam": (
        Named("userName", "iam", "user/", "iam:user", regional=False),
        Named("roleName", "iam", "role/", "iam:role", regional=False),
        Named("groupName", "iam", "group/", "iam:group", regional=False),
        Named("policyArn", "iam", "policy/", "iam:policy", regional=False),
    ),
    "lambda": (Named("functionName", "lambda", "function:", "lambda:function"),),
    "rds": (
        Named("dBSnapshotIdentifier", "rds", "snapshot:", "rds:snapshot"),
        Named("dBClusterSnapshotIdentifier", "rds", "cluster-snapshot:", "rds:cluster-snapshot"),
        Named("dBInstanceIdentifier", "rds", "db:", "rds:db"),
        Named("dBClusterIdentifier", "rds", "cluster:", "rds:cluster"),
    ),
    "ssm": (Named("target", "ec2", "instance/", "ec2:instance"),),
}
"""By the service that was called. IAM's names come without their paths, so that an ARN of it may lack one."""

OWN = "iam:own-user"
"""The kind of a user who does something to themself."""

BARE = re.compile(r"[\w+=,.@:/-]{1,512}")
"""A name that may stand in an ARN."""


def touched(event: dict[str, Any], service: str) -> tuple[str, str]:
    """The ARN and the kind of what a call touched, as far as the event says it; else the account it was made in."""
    detail = section(event, "detail")
    asked = section(detail, "requestParameters")
    if service == "ec2.amazonaws.com" and not said(asked, "groupId") and (group := _group_answered(detail)):
        return arn(event, "ec2", f"security-group/{group}"), "ec2:security-group"
    secret = said(detail, "additionalEventData", "SecretId") or said(asked, "secretId")
    if service == "secretsmanager.amazonaws.com" and secret.startswith("arn:"):
        return secret, "secretsmanager:secret"
    if service == "s3.amazonaws.com" and (bucket := said(asked, "bucketName")) and BARE.fullmatch(bucket):
        return f"{':'.join(arn(event, 's3', '').split(':')[:3])}:::{bucket}", "s3:bucket"
    for one in PARAMETERS.get(service.partition(".")[0], ()):
        if (name := said(asked, one.parameter)) and BARE.fullmatch(name):
            full = arn(event, one.service, f"{one.before}{name}", region=one.regional)
            return (name if name.startswith("arn:") else full), OWN if _oneself(detail, one, name) else one.kind
    if service == "signin.amazonaws.com":
        return _who(event)
    named = [said(one, "ARN") for one in listed(detail.get("resources"))]
    resource = next((one for one in named if one.startswith("arn:")), "")
    return (resource, "aws:resource") if resource else (arn(event, "iam", "root", region=False), "account")


def _oneself(detail: dict[str, Any], one: Named, name: str) -> bool:
    """Whether a user names themself. A session's name proves nobody's identity: who opens it chooses it."""
    caller = section(detail, "userIdentity")
    return one.kind == "iam:user" and said(caller, "type") == "IAMUser" and said(caller, "userName") == name


def open_rules(detail: dict[str, Any]) -> list[str]:
    """The ids of the rules that a call made and that let every address in, as its answer lists them."""
    return [
        said(rule, "securityGroupRuleId")
        for rule in _rules(detail)
        if (said(rule, "cidrIpv4") or said(rule, "cidrIpv6")).endswith("/0") and rule.get("isEgress") is not True
    ][:50]


def _who(event: dict[str, Any]) -> tuple[str, str]:
    """Who signs in: the user, unless CloudTrail hides its name because it may be a password; else the account."""
    who = said(event, "detail", "userIdentity", "arn")
    if said(event, "detail", "userIdentity", "type") == "IAMUser":
        name = said(event, "detail", "userIdentity", "userName")
        hidden = name == "HIDDEN_DUE_TO_SECURITY_REASONS" or not BARE.fullmatch(name)
        if who.startswith("arn:") or not hidden:
            return who or arn(event, "iam", f"user/{name}", region=False), "iam:user"
    return arn(event, "iam", "root", region=False), "account"


def _group_answered(detail: dict[str, Any]) -> str:
    """The group that the answer names, where the call named it otherwise."""
    return next((group for rule in _rules(detail) if (group := said(rule, "groupId"))), "")


def _rules(detail: dict[str, Any]) -> list[Any]:
    return listed(section(detail, "responseElements", "securityGroupRuleSet").get("items"))
