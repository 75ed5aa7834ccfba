"""Probes that are planned: documents may name them, and what they would judge is only observed until they are built."""

from pydantic import BaseModel, ConfigDict, Field

from edsr.declare import PlannedProbe


class OfWorkload(BaseModel):
    """Which workload of which cluster."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    workload: str = Field(title="Workload", description="The cluster's ARN, namespace, kind and name, with slashes.")


PLANNED = (
    PlannedProbe(
        id="workload-is-ready",
        title="Every wanted replica of the workload is ready, and none restarted since the step",
        arguments=OfWorkload,
        why_not_yet="it needs the cluster's own API, which nothing here reaches",
    ),
)
