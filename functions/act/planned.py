"""Actions that are planned: playbooks may name them, and policies that need them only observe until they are built."""

from pydantic import BaseModel, ConfigDict, Field

from edsr.declare import PlannedAction


class Nothing(BaseModel):
    """No arguments: the target says it all."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AtMost(BaseModel):
    """A number that is not to be exceeded."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    most: int = Field(ge=1, title="Most", description="No more than so many at once.")


class Rules(BaseModel):
    """Rules of a security group."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    rules: list[str] = Field(min_length=1, title="Rules", description="The ids of the rules, sgr-...")


class Build(BaseModel):
    """One build of a project."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    build: str = Field(min_length=1, title="Build", description="The id of the build that is tried again.")


PLANNED = (
    PlannedAction(
        id="cap-tasks",
        title="Lower the most tasks that autoscaling may give an ECS service",
        resource="ecs:service",
        arguments=AtMost,
        klass="C",
        reversible=True,
        restores=False,
        customer_visible=True,
        why_not_yet="a cap can slow customers down: it needs a floor taken from the service's own load",
    ),
    PlannedAction(
        id="raise-concurrency",
        title="Let the function that reads a queue run more often at once",
        resource="sqs:queue",
        arguments=AtMost,
        klass="C",
        reversible=True,
        restores=False,
        customer_visible=False,
        why_not_yet="the grant on a queue's event source mapping does not follow from the catalogue yet",
    ),
    PlannedAction(
        id="redrive-queue",
        title="Send what a dead-letter queue holds back to where it came from, slowly",
        resource="sqs:queue",
        arguments=AtMost,
        klass="C",
        reversible=False,
        restores=False,
        customer_visible=True,
        why_not_yet="what is sent back may be acted on twice: it needs a word of the consumer that it is idempotent",
    ),
    PlannedAction(
        id="retry-build",
        title="Try a failed build once more, from the same source",
        resource="codebuild:project",
        arguments=Build,
        klass="A",
        reversible=True,
        restores=False,
        customer_visible=False,
        why_not_yet="it needs the count of a project's recent failures, to tell a flaky build from a broken one",
    ),
    PlannedAction(
        id="revoke-ingress",
        title="Take rules that let the whole world in out of a security group",
        resource="ec2:security-group",
        arguments=Rules,
        klass="C",
        reversible=True,
        restores=False,
        customer_visible=True,
        why_not_yet="a group that is meant to be open has to be told from one that is not, by the catalogue",
    ),
    PlannedAction(
        id="roll-service-back",
        title="Point an ECS service at the task definition of its last completed deployment",
        resource="ecs:service",
        arguments=Nothing,
        klass="C",
        reversible=True,
        restores=True,
        customer_visible=True,
        why_not_yet="a service under CodeDeploy or with its circuit breaker on must be left alone, which needs a guard",
    ),
    PlannedAction(
        id="roll-workload-back",
        title="Undo the last rollout of a workload in a cluster",
        resource="eks:workload",
        arguments=Nothing,
        klass="B",
        reversible=True,
        restores=True,
        customer_visible=True,
        why_not_yet="it needs the cluster's own API: an access entry, and a way into its network",
    ),
    PlannedAction(
        id="rotate-secret",
        title="Start the rotation of a secret again",
        resource="secretsmanager:secret",
        arguments=Nothing,
        klass="A",
        reversible=False,
        restores=False,
        customer_visible=True,
        why_not_yet="a rotation that stopped half-way has to be cleaned up first, by the step at which it stopped",
    ),
    PlannedAction(
        id="start-logging",
        title="Let a trail log again",
        resource="cloudtrail:trail",
        arguments=Nothing,
        klass="C",
        reversible=True,
        restores=True,
        customer_visible=False,
        why_not_yet="its role would touch what watches everybody, itself included: it needs the security team's word",
    ),
)
