"""Delivery: a build, pipeline or deployment that failed is a finding about the project, pipeline, group or service."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from detect.changes import BROKEN, REVERSED, ROLLED_BACK, UNDONE, WHOLE, configuration, drift, stack
from detect.envelope import Seen, arn, first_arn, moment, said, told, unread
from detect.intake import Ignored, intake, section, text
from detect.kinds import here, of_suite
from detect.resources import listed
from edsr.declare import Detector
from edsr.model import Finding
from edsr.policy import Policy
from edsr.times import iso

Event = dict[str, Any]


class Kind(NamedTuple):
    """One kind of event: who sends it, where it says how things stand, which words are news, how to read it, and which
    words say that all such news of the subject is over."""

    source: str
    state: str
    bad: tuple[str, ...]
    read: Callable[[Event, str], Seen | Ignored]
    over: tuple[str, ...] = ()


BUILD, ACTION = "CodeBuild Build State Change", "CodePipeline Action Execution State Change"
STAGE, PIPELINE = "CodePipeline Stage Execution State Change", "CodePipeline Pipeline Execution State Change"
DEPLOYMENT = "CodeDeploy Deployment State-change Notification"
ROLLOUT, SERVICE, TASK = "ECS Deployment State Change", "ECS Service Action", "ECS Task State Change"
STACK, DRIFT = "CloudFormation Stack Status Change", "CloudFormation Drift Detection Status Change"
FAILED, COMPLETED, STEADY = "SERVICE_DEPLOYMENT_FAILED", "SERVICE_DEPLOYMENT_COMPLETED", "SERVICE_STEADY_STATE"
INVOCATION = "Lambda Function Invocation Result - Failure"
SUCCEEDED = ("SUCCEEDED",)
DETECTOR = Detector(
    source="delivery",
    title="CodeBuild, CodePipeline, CodeDeploy, ECS, Lambda's asynchronous invocations, AppConfig and CloudFormation: "
    "what failed, was rolled back or drifted",
    detail_types=(
        *(BUILD, ACTION, STAGE, PIPELINE, DEPLOYMENT, ROLLOUT, SERVICE, TASK, STACK, DRIFT, INVOCATION),
        *ROLLED_BACK,
    ),
    delivery="best-effort",
    recovers={
        BUILD: {"detail.build-status": SUCCEEDED},
        **{kind: {"detail.state": SUCCEEDED} for kind in (ACTION, STAGE, PIPELINE)},
        DEPLOYMENT: {"detail.state": ("SUCCESS",)},
        ROLLOUT: {"detail.eventName": (COMPLETED,), "detail.eventType": ("INFO",)},
        SERVICE: {"detail.eventName": (STEADY,), "detail.eventType": ("INFO",)},
        STACK: {"detail.status-details.status": WHOLE},
        DRIFT: {"detail.status-details.stack-drift-status": ("IN_SYNC",)},
    },
)
OURS = "edsr-"
"""How the names of the suite's roles begin, in small letters: CodeBuild names who started a build, without its path."""


def detect(event: Event, policy: Policy, now: datetime) -> Finding | Ignored:
    """A Finding for what failed; the id of the build, execution or deployment is the episode, however often it is
    told."""
    return told(_read(event), event, policy, now, DETECTOR.source)


def _read(event: Event) -> Seen | Ignored:
    if other := unread(event, {name: kind.source for name, kind in KINDS.items()}):
        return other
    kind = KINDS[text(event, "detail-type")]
    state = text(event, "detail", *kind.state.split("/"))
    if state not in (*kind.bad, *kind.over):
        return Ignored(f"{kind.state} is {state[:64]}")
    initiator = said(event, "detail", "additional-information", "initiator").lower()
    if initiator.startswith(OURS) or of_suite(said(event, "detail", "execution-trigger", "trigger-detail")):
        return Ignored("the suite did it itself")
    if state not in kind.over:
        return kind.read(event, state)
    ends = [seen for bad in kind.bad if isinstance(seen := kind.read(event, bad), Seen)]
    return ends[0]._replace(over=f"{kind.state} is {state}", also=tuple(one.condition for one in ends[1:]))


def _build(event: Event, state: str) -> Seen:
    """A build; its project is the subject."""
    project, build = text(event, "detail", "project-name"), text(event, "detail", "build-id").rsplit(":", 1)[-1]
    return Seen(
        arn=arn(event, "codebuild", f"project/{project}"),
        kind="codebuild:project",
        condition=f"build-{state.lower()}",
        episode=build,
        at=moment(event, "time"),
        title=f"a build of {project} ended as {state}",
        evidence={"build": f"{project}:{build}", "state": state, "phase": said(event, "detail", "current-phase")},
    )


def _pipeline(event: Event, state: str) -> Seen:
    """An execution of a pipeline, or a stage or an action of it; the pipeline is the subject."""
    pipeline, execution = text(event, "detail", "pipeline"), text(event, "detail", "execution-id")
    part = "/".join(name for key in ("stage", "action") if (name := said(event, "detail", key)))
    return Seen(
        arn=arn(event, "codepipeline", pipeline),
        kind="codepipeline:pipeline",
        condition=f"pipeline-{state.lower()}{part and f' {part}'}",
        episode=execution,
        at=moment(event, "time"),
        title=f"pipeline {pipeline} failed{part and f' in {part}'}",
        evidence={"execution": execution, "part": part, "state": state},
    )


def _deployment(event: Event, state: str) -> Seen:
    """A deployment of CodeDeploy; the deployment group is the subject."""
    group = f"{text(event, 'detail', 'application')}/{text(event, 'detail', 'deploymentGroup')}"
    deployment = text(event, "detail", "deploymentId")
    return Seen(
        arn=arn(event, "codedeploy", f"deploymentgroup:{group}"),
        kind="codedeploy:deployment-group",
        condition=f"deployment-{state.lower()}",
        episode=deployment,
        at=moment(event, "time"),
        title=f"deployment {deployment} of {group} ended as {state}",
        evidence={"deployment": deployment, "state": state},
    )


def _rollout(event: Event, state: str) -> Seen:
    """A deployment of an ECS service."""
    deployment, service = text(event, "detail", "deploymentId"), first_arn(event, "ecs")
    return Seen(
        arn=service,
        kind="ecs:service",
        condition=state,
        episode=deployment,
        at=moment(event, "detail", "updatedAt"),
        title=f"deployment {deployment} of {service.rsplit('/', 1)[-1]} failed",
        evidence={"deployment": deployment, "reason": said(event, "detail", "reason")},
    )


def _service(event: Event, state: str) -> Seen | Ignored:
    """What ECS says of a service; it names no episode, so that the moment at which it was said is one. A service that
    is steady has none of its troubles any more."""
    name, service = text(event, "detail", "eventName"), first_arn(event, "ecs")
    if state == "INFO" and name != STEADY:
        return Ignored(f"eventName is {name[:64]}")
    since = moment(event, "detail", "createdAt")
    return Seen(
        arn=service,
        kind="ecs:service",
        condition=UNSTEADY[0] if name == STEADY else name,
        episode=iso(since),
        at=since,
        title=f"{service.rsplit('/', 1)[-1]}: {name}",
        evidence={"level": state, "reason": said(event, "detail", "reason")},
        over=f"eventName is {STEADY}" if name == STEADY else "",
        also=UNSTEADY[1:],
    )


UNSTEADY = (
    "SERVICE_TASK_START_IMPAIRED",
    "SERVICE_TASK_PLACEMENT_FAILURE",
    "SERVICE_TASK_CONFIGURATION_FAILURE",
    "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED",
    "SERVICE_DISCOVERY_INSTANCE_UNHEALTHY",
    "SERVICE_DISCOVERY_OPERATION_THROTTLED",
    "SERVICE_HEALTH_UNKNOWN",
    "ECS_OPERATION_THROTTLED",
)
"""What ECS says of a service at the levels WARN and ERROR, but for deployments that failed: they have an event."""


def _task(event: Event, state: str) -> Seen | Ignored:
    """A task that ended by itself; what a person, a deployment or a scale-in stopped is no failure."""
    detail, why = section(event, "detail"), said(event, "detail", "stopCode") or "unknown"
    codes = [section(one).get("exitCode") for one in listed(detail.get("containers"))]
    if why not in TASK_FAILED and not (why == "EssentialContainerExited" and any(codes)):
        return Ignored(f"stopCode is {why[:64]}, and no container failed")
    task, cluster = text(event, "detail", "taskArn"), text(event, "detail", "clusterArn").rsplit("/", 1)[-1]
    sort, _, name = said(detail, "group").partition(":")
    service = arn(event, "ecs", f"service/{cluster}/{name}") if sort == "service" and name else ""
    return Seen(
        arn=service or text(event, "detail", "taskDefinitionArn"),
        kind="ecs:service" if service else "ecs:task-definition",
        condition=f"task-{state.lower()} {why}",
        episode=task.rsplit("/", 1)[-1],
        at=moment(event, "time"),
        title=f"a task of {name or cluster} ended: {said(detail, 'stoppedReason')[:256] or why}",
        evidence={
            "task": task,
            "reason": said(detail, "stoppedReason"),
            "exits": [str(one)[:16] for one in codes][:10],
        },
    )


TASK_FAILED = ("TaskFailedToStart", "TerminationNotice", "SpotInterruption")


def _invocation(event: Event, state: str) -> Seen | Ignored:
    """An asynchronous invocation that Lambda gave up, in the shape of its destination. Lambda sends it in the name of
    no service of AWS, so it counts only for functions of the account and Region that sent it."""
    named = text(event, "detail", "requestContext", "functionArn")
    if not here(event, named):
        return Ignored(f"{named[:64]!r} is no function of the account and Region that sent it")
    function = named.removesuffix(":$LATEST")
    if f":function:{OURS}" in function:
        return Ignored("the suite did it itself")
    detail = section(event, "detail")
    return Seen(
        arn=function,
        kind="lambda:alias" if function.count(":") > 6 else "lambda:function",
        condition=f"invocation-{state}",
        episode=text(event, "detail", "requestContext", "requestId"),
        at=moment(event, *(("detail", "timestamp") if said(detail, "timestamp") else ("time",))),
        title=f"{function.split(':function:')[-1]}: an asynchronous invocation was given up",
        evidence={
            "why": state,
            "error": said(detail, "responseContext", "functionError"),
            "type": said(detail, "responsePayload", "errorType"),
            "message": said(detail, "responsePayload", "errorMessage"),
        },
    )


KINDS = {
    BUILD: Kind("aws.codebuild", "build-status", ("FAILED", "FAULT", "TIMED_OUT"), _build, SUCCEEDED),
    **dict.fromkeys((ACTION, STAGE, PIPELINE), Kind("aws.codepipeline", "state", ("FAILED",), _pipeline, SUCCEEDED)),
    DEPLOYMENT: Kind("aws.codedeploy", "state", ("FAILURE",), _deployment, ("SUCCESS",)),
    ROLLOUT: Kind("aws.ecs", "eventName", (FAILED,), _rollout, (COMPLETED,)),
    SERVICE: Kind("aws.ecs", "eventType", ("ERROR", "WARN", "INFO"), _service),
    TASK: Kind("aws.ecs", "lastStatus", ("STOPPED",), _task),
    STACK: Kind("aws.cloudformation", "status-details/status", (*UNDONE, *BROKEN), stack, WHOLE),
    DRIFT: Kind("aws.cloudformation", "status-details/stack-drift-status", ("DRIFTED",), drift, ("IN_SYNC",)),
    INVOCATION: Kind("lambda", "requestContext/condition", ("RetriesExhausted", "EventAgeExceeded"), _invocation),
    **{name: Kind("aws.appconfig", "Type", REVERSED, configuration) for name in ROLLED_BACK},
}

handler = intake(DETECTOR, detect)
