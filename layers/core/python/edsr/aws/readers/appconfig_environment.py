"""appconfig:environment - the newest deployment of configuration to an environment, and whether it stands."""

from typing import Any

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.errors import Refused
from edsr.ports import Clients, Observed

READER = Reader(
    resource="appconfig:environment",
    permissions=(
        Permission(actions=("appconfig:ListDeployments",), on="catalogue:appconfig:environment"),
        Permission(actions=("appconfig:ListDeployments",), on="catalogue:appconfig:application"),
    ),
)
STANDS = ("VALIDATING", "DEPLOYING", "BAKING", "COMPLETE")


def names(arn: str) -> tuple[str, str]:
    """The ids of the application and the environment that an environment's ARN names; Refused when it is not one."""
    application, _, environment = resource_of(arn, "appconfig", "application/").partition("/environment/")
    if not environment or "/" in f"{application}{environment}":
        raise Refused(f"{arn} is not the ARN of an environment (…:application/ID/environment/ID)")
    return application, environment


def observe(clients: Clients, arn: str) -> Observed:
    """`{stands, deployment?, profile?, version?}`, and the deployment's number; how far it has come is left out. Only
    the newest counts: an older one cannot be reverted. Raises Gone for an environment that was deleted."""
    application, environment = names(arn)
    with named(f"reading the deployments of {arn}", target=True):
        found = clients("appconfig").list_deployments(
            ApplicationId=application, EnvironmentId=environment, MaxResults=1
        )["Items"]
    if not found:
        return Observed({"stands": False})
    newest = found[0]
    state: dict[str, Any] = {
        "stands": newest["State"] in STANDS,
        "deployment": newest["DeploymentNumber"],
        "profile": newest.get("ConfigurationName", ""),
        "version": newest.get("ConfigurationVersion", ""),
    }
    return Observed(state, str(newest["DeploymentNumber"]))
