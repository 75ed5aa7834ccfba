"""codedeploy:deployment-group - what is being deployed to a group, and whether there is something to go back to."""

from typing import Any

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.errors import Refused
from edsr.ports import Clients, Observed

READER = Reader(
    resource="codedeploy:deployment-group",
    permissions=(
        Permission(
            actions=("codedeploy:GetDeploymentGroup", "codedeploy:ListDeployments", "codedeploy:GetDeployment"),
            on="catalogue:codedeploy:deployment-group",
        ),
    ),
)
LIVE = ("Created", "Queued", "InProgress", "Baking", "Ready")
ROLLBACK = "codeDeployRollback"
"""Who makes a deployment that takes back another."""


def names(arn: str) -> tuple[str, str]:
    """Application and group of a deployment group's ARN; Refused when it is not one."""
    application, slash, group = resource_of(arn, "codedeploy", "deploymentgroup:").partition("/")
    if not (application and slash and group):
        raise Refused(f"{arn} is not the ARN of a deployment group (…:deploymentgroup:APPLICATION/GROUP)")
    return application, group


def observe(clients: Clients, arn: str) -> Observed:
    """`{deploying, deployment?, last_good?}`, and the deployment's id: the one that is under way and is no rollback,
    and the last one that succeeded before it. Raises Gone for a group that was deleted."""
    application, group = names(arn)
    client, whose = clients("codedeploy"), {"applicationName": application, "deploymentGroupName": group}
    with named(f"reading {arn}", target=True):
        info = client.get_deployment_group(**whose)["deploymentGroupInfo"]
        live = client.list_deployments(**whose, includeOnlyStatuses=list(LIVE))["deployments"]
        found = [client.get_deployment(deploymentId=name)["deploymentInfo"] for name in live]
    forward = sorted(one["deploymentId"] for one in found if one.get("creator") != ROLLBACK)
    if len(forward) > 1:
        raise Refused(f"{len(forward)} deployments to {arn} are under way: which one is meant, nobody knows")
    state: dict[str, Any] = {"deploying": bool(forward)}
    if forward:
        state["deployment"] = forward[0]
    if last_good := info.get("lastSuccessfulDeployment", {}).get("deploymentId"):
        state["last_good"] = last_good
    return Observed(state, forward[0] if forward else "")
