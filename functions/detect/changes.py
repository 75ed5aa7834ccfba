"""Changes: what AppConfig and CloudFormation say of a change that was taken back, failed, or was made past them."""

from detect.envelope import Seen, arn, moment, said
from detect.intake import section, text
from detect.kinds import Event
from edsr.times import iso

ROLLED_BACK = ("On Deployment Rolled Back", "On Deployment Rollback")
"""AppConfig's own pages spell it in two ways."""

REVERSED = ("OnDeploymentRolledBack", "OnDeploymentRollback")
UNDONE = ("ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "IMPORT_ROLLBACK_IN_PROGRESS")
WHOLE = ("UPDATE_COMPLETE",)
BROKEN = tuple(
    f"{what}_FAILED" for what in ("DELETE", "ROLLBACK", "UPDATE_ROLLBACK", "IMPORT_ROLLBACK", "CREATE", "UPDATE")
)


def configuration(event: Event, state: str) -> Seen:
    """A deployment of AppConfig that was rolled back; the environment is the subject."""
    place = f"application/{text(event, 'detail', 'Application', 'Id')}"
    deployment = section(event, "detail").get("DeploymentNumber")
    profile = text(event, "detail", "ConfigurationProfile", "Id")
    return Seen(
        arn=arn(event, "appconfig", f"{place}/environment/{text(event, 'detail', 'Environment', 'Id')}"),
        kind="appconfig:environment",
        condition=f"rolled-back {profile}",
        episode=f"{profile} {deployment}" if isinstance(deployment, int) else text(event, "detail", "InvocationId"),
        at=moment(event, "time"),
        title=f"{said(event, 'detail', 'ConfigurationProfile', 'Name') or profile} was rolled back",
        evidence={"deployment": str(deployment)[:32], "said": state},
    )


def stack(event: Event, state: str) -> Seen:
    """A stack whose change failed or is taken back; one request has one token, which says when it is told twice."""
    name = text(event, "detail", "stack-id")
    token = said(event, "detail", "client-request-token")
    return Seen(
        arn=name,
        kind="cloudformation:stack",
        condition=f"stack-{state.lower().replace('_', '-')}",
        episode=token or iso(moment(event, "time")),
        at=moment(event, "time"),
        title=f"stack {_called(name)}: {state}",
        evidence={"status": state, "reason": said(event, "detail", "status-details", "status-reason")},
    )


def drift(event: Event, state: str) -> Seen:
    """A stack that is not as its template says; each look at it has an id."""
    name, look = text(event, "detail", "stack-id"), text(event, "detail", "stack-drift-detection-id")
    drifted = section(event, "detail", "drift-detection-details").get("drifted-stack-resource-count")
    return Seen(
        arn=name,
        kind="cloudformation:stack",
        condition=f"stack-{state.lower()}",
        episode=look,
        at=moment(event, "time"),
        title=f"stack {_called(name)} is not as its template says",
        evidence={"look": look, "resources": str(drifted)[:32]},
    )


def _called(stack: str) -> str:
    """`shop` of `arn:aws:cloudformation:...:stack/shop/<uuid>`."""
    return stack.split("/")[1] if "/" in stack else stack
