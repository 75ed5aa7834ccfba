"""What AWS asks for when the operations of the hands are called that take releases back or cut something off."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.estate import ACCOUNT, REGION

Asked = Callable[[dict[str, Any]], Iterator[tuple[str, str]]]
"""Actions with the resource that each is asked on, by a call's parameters."""


def _on(action: str, service: str, resource: str) -> Asked:
    """Asked on what the parameters name, by an ARN of this account and Region."""

    def asked(params: dict[str, Any]) -> Iterator[tuple[str, str]]:
        yield action, f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource.format(**params)}"

    return asked


def _named(action: str, parameter: str) -> Asked:
    """Asked on the ARN that a parameter is."""

    def asked(params: dict[str, Any]) -> Iterator[tuple[str, str]]:
        yield action, params[parameter]

    return asked


def _everywhere(action: str) -> Asked:
    """AWS defines no resource for it: only `*` covers it."""

    def asked(_: dict[str, Any]) -> Iterator[tuple[str, str]]:
        yield action, "*"

    return asked


def _all(*each: Asked) -> Asked:
    """All of them."""

    def asked(params: dict[str, Any]) -> Iterator[tuple[str, str]]:
        for one in each:
            yield from one(params)

    return asked


def _configuration(action: str, *below: str) -> Asked:
    """AppConfig asks on the application, and on all that the request names within it."""
    places = ("application/{ApplicationId}", *below)
    return _all(*(_on(f"appconfig:{action}", "appconfig", "/".join(places[: n + 1])) for n in range(len(places))))


def _user(operation: str) -> Asked:
    return lambda params: iter([(f"iam:{operation}", f"{IDENTITY}:user/{params['UserName']}")])


def _role(operation: str) -> Asked:
    return lambda params: iter([(f"iam:{operation}", f"{IDENTITY}:role/{params['RoleName']}")])


def _shifted(operation: str) -> Asked:
    """Asked on the balancer; a shift's id names none: it is asked on the one that is shifted, the catalogue's only."""
    balancer = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/checkout/50dc6c495c0c9188"
    return lambda params: iter([(f"arc-zonal-shift:{operation}", params.get("resourceIdentifier", balancer))])


def _snapshots(_: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Asked on the instance, on its volumes, and on what is made, which is tagged as it is made; snapshots have no
    account in their ARNs."""
    for resource in ("instance/i-0a1b2c3d4e5f60718", "volume/vol-0a1b2c3d4e5f60718"):
        yield "ec2:CreateSnapshots", f"arn:aws:ec2:{REGION}:{ACCOUNT}:{resource}"
    for action in ("CreateSnapshots", "CreateTags"):
        yield f"ec2:{action}", f"arn:aws:ec2:{REGION}::snapshot/snap-0"


def _groups(params: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Asked on the instance, and on each group that it is to be behind."""
    for resource in (f"instance/{params['InstanceId']}", *(f"security-group/{name}" for name in params["Groups"])):
        yield "ec2:ModifyInstanceAttribute", f"arn:aws:ec2:{REGION}:{ACCOUNT}:{resource}"


UNIQUE = "9f8e7d6c-5b4a-4938-a716-0f1e2d3c4b5a"
SCALING = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:{UNIQUE}:autoScalingGroupName/web"
DESCRIBED = ("DescribeInstances", "DescribeNetworkInterfaces", "DescribeSecurityGroupRules", "DescribeSnapshots")
IDENTITY = f"arn:aws:iam::{ACCOUNT}"
USERS = ("GetUser", "ListAccessKeys", "UpdateAccessKey", "GetUserPolicy", "PutUserPolicy", "DeleteUserPolicy")
ROLES = ("GetRole", "GetRolePolicy", "PutRolePolicy", "DeleteRolePolicy")
ENVIRONMENT, DEPLOYMENT = "environment/{EnvironmentId}", "deployment/{DeploymentNumber}"

ASKED: dict[tuple[str, str], Asked] = {
    ("ARC Zonal Shift", "CancelZonalShift"): _shifted("CancelZonalShift"),
    ("ARC Zonal Shift", "GetManagedResource"): _shifted("GetManagedResource"),
    ("ARC Zonal Shift", "StartZonalShift"): _shifted("StartZonalShift"),
    ("AppConfig", "ListDeployments"): _configuration("ListDeployments", ENVIRONMENT),
    ("AppConfig", "StopDeployment"): _configuration("StopDeployment", ENVIRONMENT, DEPLOYMENT),
    # A deployment's id names no group: it is asked on the group that the deployment is for, the catalogue's only one.
    ("CodeDeploy", "GetDeployment"): _on("codedeploy:GetDeployment", "codedeploy", "deploymentgroup:web/live"),
    ("CodeDeploy", "GetDeploymentGroup"): _on(
        "codedeploy:GetDeploymentGroup", "codedeploy", "deploymentgroup:{applicationName}/{deploymentGroupName}"
    ),
    ("CloudTrail", "LookupEvents"): _everywhere("cloudtrail:LookupEvents"),
    **{
        ("CloudWatch", operation): _named(f"cloudwatch:{operation}", "ResourceARN")
        for operation in ("ListTagsForResource", "TagResource", "UntagResource")
    },
    ("CodeDeploy", "StopDeployment"): _everywhere("codedeploy:StopDeployment"),
    # A key's id names no user: it is asked on the user whose key it is, the catalogue's only one.
    ("IAM", "GetAccessKeyLastUsed"): lambda _: iter([("iam:GetAccessKeyLastUsed", f"{IDENTITY}:user/deploy")]),
    **{("IAM", operation): _user(operation) for operation in USERS},
    **{("IAM", operation): _role(operation) for operation in ROLES},
    ("IAM", "SimulatePrincipalPolicy"): _named("iam:SimulatePrincipalPolicy", "PolicySourceArn"),
    ("Auto Scaling", "AttachInstances"): lambda _: iter([("autoscaling:AttachInstances", SCALING)]),
    ("Auto Scaling", "DetachInstances"): lambda _: iter([("autoscaling:DetachInstances", SCALING)]),
    ("Auto Scaling", "DescribeAutoScalingGroups"): _everywhere("autoscaling:DescribeAutoScalingGroups"),
    ("Auto Scaling", "DescribeAutoScalingInstances"): _everywhere("autoscaling:DescribeAutoScalingInstances"),
    **{("EC2", operation): _everywhere(f"ec2:{operation}") for operation in DESCRIBED},
    ("EC2", "CreateSnapshots"): _snapshots,
    ("EC2", "ModifyInstanceAttribute"): _groups,
    ("Elastic Load Balancing v2", "DescribeRules"): _everywhere("elasticloadbalancing:DescribeRules"),
    ("Elastic Load Balancing v2", "DescribeTags"): _everywhere("elasticloadbalancing:DescribeTags"),
    ("Elastic Load Balancing v2", "DescribeTargetHealth"): _everywhere("elasticloadbalancing:DescribeTargetHealth"),
    ("Elastic Load Balancing v2", "ModifyRule"): _named("elasticloadbalancing:ModifyRule", "RuleArn"),
}
"""By botocore's service id and the operation."""
