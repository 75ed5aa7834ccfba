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


IDENTITY = f"arn:aws:iam::{ACCOUNT}"
USERS = ("GetUser", "ListAccessKeys", "UpdateAccessKey", "GetUserPolicy", "PutUserPolicy", "DeleteUserPolicy")
ROLES = ("GetRole", "GetRolePolicy", "PutRolePolicy", "DeleteRolePolicy")
ENVIRONMENT, DEPLOYMENT = "environment/{EnvironmentId}", "deployment/{DeploymentNumber}"

ASKED: dict[tuple[str, str], Asked] = {
    ("AppConfig", "ListDeployments"): _configuration("ListDeployments", ENVIRONMENT),
    ("AppConfig", "StopDeployment"): _configuration("StopDeployment", ENVIRONMENT, DEPLOYMENT),
    # A deployment's id names no group: it is asked on the group that the deployment is for, the catalogue's only one.
    ("CodeDeploy", "GetDeployment"): _on("codedeploy:GetDeployment", "codedeploy", "deploymentgroup:web/live"),
    ("CodeDeploy", "GetDeploymentGroup"): _on(
        "codedeploy:GetDeploymentGroup", "codedeploy", "deploymentgroup:{applicationName}/{deploymentGroupName}"
    ),
    ("CodeDeploy", "StopDeployment"): _everywhere("codedeploy:StopDeployment"),
    # A key's id names no user: it is asked on the user whose key it is, the catalogue's only one.
    ("IAM", "GetAccessKeyLastUsed"): lambda _: iter([("iam:GetAccessKeyLastUsed", f"{IDENTITY}:user/deploy")]),
    **{("IAM", operation): _user(operation) for operation in USERS},
    **{("IAM", operation): _role(operation) for operation in ROLES},
    ("IAM", "SimulatePrincipalPolicy"): _named("iam:SimulatePrincipalPolicy", "PolicySourceArn"),
    ("Elastic Load Balancing v2", "DescribeRules"): _everywhere("elasticloadbalancing:DescribeRules"),
    ("Elastic Load Balancing v2", "DescribeTags"): _everywhere("elasticloadbalancing:DescribeTags"),
    ("Elastic Load Balancing v2", "DescribeTargetHealth"): _everywhere("elasticloadbalancing:DescribeTargetHealth"),
    ("Elastic Load Balancing v2", "ModifyRule"): _named("elasticloadbalancing:ModifyRule", "RuleArn"),
}
"""By botocore's service id and the operation."""
