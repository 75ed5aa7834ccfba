"""Probes that are planned: documents may name them, and what they would judge is only observed until they are built."""

from pydantic import BaseModel, ConfigDict, Field

from edsr.declare import PlannedProbe


class _Of(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OfBuild(_Of):
    """Which project's build."""

    project: str = Field(title="Project", description="The ARN of the CodeBuild project.")


class OfGroup(_Of):
    """Which rules of which group."""

    group: str = Field(title="Group", description="The ARN of the security group.")
    rules: list[str] = Field(min_length=1, title="Rules", description="The ids of the rules that must be gone.")


class OfCap(_Of):
    """Which service, and its cap."""

    service: str = Field(title="Service", description="The ARN of the service whose size is watched.")
    most: int = Field(ge=1, title="Most", description="How many tasks it may run at most.")


class OfSecret(_Of):
    """Which secret."""

    secret: str = Field(title="Secret", description="The ARN of the secret.")


class OfService(_Of):
    """Which service."""

    service: str = Field(title="Service", description="The ARN of the ECS service.")


class OfTrail(_Of):
    """Which trail."""

    trail: str = Field(title="Trail", description="The ARN of the trail.")


class OfWorkload(_Of):
    """Which workload of which cluster."""

    workload: str = Field(title="Workload", description="The cluster's ARN, namespace, kind and name, with slashes.")


PLANNED = (
    PlannedProbe(
        id="build-succeeded",
        title="The project's newest build succeeded",
        arguments=OfBuild,
        why_not_yet="it is built together with retry-build",
    ),
    PlannedProbe(
        id="ingress-is-closed",
        title="The rules are gone from the security group",
        arguments=OfGroup,
        why_not_yet="it is built together with revoke-ingress",
    ),
    PlannedProbe(
        id="secret-is-rotated",
        title="The secret has a new current version, and the step that failed has passed",
        arguments=OfSecret,
        why_not_yet="it is built together with rotate-secret",
    ),
    PlannedProbe(
        id="service-is-capped",
        title="The service runs no more tasks than the cap, and those are healthy",
        arguments=OfCap,
        why_not_yet="it is built together with cap-tasks; the bill itself is hours late and judges nothing in time",
    ),
    PlannedProbe(
        id="service-is-steady",
        title="The ECS service has one deployment, completed, with every task it wants running",
        arguments=OfService,
        why_not_yet="it is built together with roll-service-back",
    ),
    PlannedProbe(
        id="trail-is-logging",
        title="The trail logs, and its last delivery did not fail",
        arguments=OfTrail,
        why_not_yet="it is built together with start-logging",
    ),
    PlannedProbe(
        id="workload-is-ready",
        title="Every wanted replica of the workload is ready, and none restarted since the step",
        arguments=OfWorkload,
        why_not_yet="it needs the cluster's own API, which nothing here reaches",
    ),
)
