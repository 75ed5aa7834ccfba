"""Every hand's small world: a target that is unwell, how a step is to mend it, and how the world may get in its way."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from tests import estate
from tests.aws.capacity import CAPACITY
from tests.aws.isolation import ISOLATION
from tests.aws.release import RELEASE
from tests.aws.stand_ins import Automations, Builds, MoveTasks, Services, Trailed
from tests.aws.world import World
from tests.things import AT

ACCOUNT, REGION = estate.ACCOUNT, estate.REGION
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
DEAD = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders-dead"
SERVICE = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/shop/checkout"
TASK = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/checkout"
PROJECT = f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/checkout-tests"
AUTOMATION = f"arn:aws:ssm:{REGION}:{ACCOUNT}:automation-definition/restart-warehouse:1"


def roll_service_back() -> World:
    """A deployment failed, the one before it still runs."""
    ecs = Services(SERVICE)
    return World(
        "roll-service-back",
        SERVICE,
        ("ecs", "UpdateService"),
        {"to": f"{TASK}:41", "failed": "ecs-svc/2"},
        lambda: ecs.update({"taskDefinition": f"{TASK}:43"}),
        ecs.settle,
        ("service-is-steady", {"service": SERVICE}),
        answers=ecs.answering(),
    )


def restart_service() -> World:
    """A service that is steady, and unwell."""
    ecs = Services(SERVICE)
    ecs.settle()

    def release() -> None:
        ecs.update({"taskDefinition": f"{TASK}:43"})
        ecs.settle()

    return World(
        "restart-service",
        SERVICE,
        ("ecs", "UpdateService"),
        drift=release,
        recover=ecs.settle,
        probe=("service-is-steady", {"service": SERVICE}),
        answers=ecs.answering(),
    )


def raise_concurrency() -> World:
    """A function reads a queue, five at once."""
    estate.make_function("orders", "x = 1")
    estate.client("sqs").create_queue(QueueName="orders")
    functions = estate.client("lambda")
    made = functions.create_event_source_mapping(
        EventSourceArn=QUEUE, FunctionName="orders", ScalingConfig={"MaximumConcurrency": 5}
    )
    return World(
        "raise-concurrency",
        QUEUE,
        ("lambda", "UpdateEventSourceMapping"),
        {"most": 20},
        lambda: functions.update_event_source_mapping(UUID=made["UUID"], ScalingConfig={"MaximumConcurrency": 7}),
        lasts=True,
    )


def redrive_queue() -> World:
    """Dead letters, and nobody who moves them."""
    tasks = MoveTasks()
    return World(
        "redrive-queue",
        DEAD,
        ("sqs", "StartMessageMoveTask"),
        {"most": 10},
        lambda: tasks.start({"SourceArn": DEAD, "MaxNumberOfMessagesPerSecond": 500}),
        answers=tasks.answering(),
    )


def start_logging() -> World:
    """A trail that somebody stopped."""
    estate.client("s3").create_bucket(Bucket="trails")
    trails = estate.client("cloudtrail")
    arn = trails.create_trail(Name="audit", S3BucketName="trails")["TrailARN"]
    return World(
        "start-logging",
        arn,
        ("cloudtrail", "StartLogging"),
        probe=("trail-is-logging", {"trail": arn}),
    )


def enrich_alert() -> World:
    """An alarm that nobody has looked at."""
    alarms = estate.client("cloudwatch")
    watches = {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum", "Period": 60}
    limit = {"EvaluationPeriods": 1, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold"}
    dimensions = [{"Name": "FunctionName", "Value": "checkout"}]
    alarms.put_metric_alarm(AlarmName="people-checkout-errors", Dimensions=dimensions, **watches, **limit)
    arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:people-checkout-errors"
    return World(
        "enrich-alert",
        arn,
        ("cloudwatch", "TagResource"),
        {"case": "case-1"},
        lambda: alarms.tag_resource(ResourceARN=arn, Tags=[{"Key": "edsr:case", "Value": "earlier"}]),
        answers=Trailed().answering(),
    )


def revoke_ingress() -> World:
    """A group with a door for an office, and one for everybody."""
    ec2 = estate.client("ec2")
    group = ec2.create_security_group(GroupName="web", Description="web")["GroupId"]
    rules = [_let_in(group, 443, "192.0.2.0/24"), _let_in(group, 22, "0.0.0.0/0")]
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{group}"
    return World(
        "revoke-ingress",
        arn,
        ("ec2", "RevokeSecurityGroupIngress"),
        {"rules": rules[1:]},
        lambda: _let_in(group, 80, "198.51.100.0/24"),
        probe=("ingress-is-closed", {"group": arn, "rules": rules[1:]}),
    )


def _let_in(group: str, port: int, addresses: str) -> str:
    ranges = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": addresses}]}
    made = estate.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[ranges])
    return str(made["SecurityGroupRules"][0]["SecurityGroupRuleId"])


def retry_build() -> World:
    """A build that failed."""
    builds = Builds()
    return World(
        "retry-build",
        PROJECT,
        ("codebuild", "RetryBuild"),
        {},
        lambda: builds.builds[0].update(resolvedSourceVersion="def"),
        lambda: builds.builds[0].update(buildStatus="SUCCEEDED", endTime=AT + timedelta(seconds=30)),
        ("build-succeeded", {"project": PROJECT}),
        answers=builds.answering(),
    )


def rotate_secret() -> World:
    """A secret that rotates, and has not."""
    secrets = estate.client("secretsmanager")
    arn = secrets.create_secret(Name="checkout/database", SecretString=json.dumps({"p": "x"}))["ARN"]
    estate.make_function("rotator", "x = 1")
    secrets.rotate_secret(SecretId=arn, RotationRules={"AutomaticallyAfterDays": 30}, RotateImmediately=False)
    return World(
        "rotate-secret",
        arn,
        ("secretsmanager", "RotateSecret"),
        drift=lambda: secrets.put_secret_value(SecretId=arn, SecretString="y"),
        probe=("secret-is-rotated", {"secret": arn}),
        already=lambda: secrets.put_secret_value(SecretId=arn, SecretString="y", VersionStages=["AWSPENDING"]),
    )


def cap_tasks() -> World:
    """A service that may grow to fifty tasks."""
    scaling = estate.client("application-autoscaling")
    what = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
    estate.client("ecs").create_cluster(clusterName="shop")
    task = {"name": "c", "image": "i", "memory": 128}
    estate.client("ecs").register_task_definition(family="checkout", containerDefinitions=[task])
    estate.client("ecs").create_service(cluster="shop", serviceName="checkout", taskDefinition="checkout")
    resource = "service/shop/checkout"
    scaling.register_scalable_target(ResourceId=resource, MinCapacity=2, MaxCapacity=50, **what)
    return World(
        "cap-tasks",
        SERVICE,
        ("application-autoscaling", "RegisterScalableTarget"),
        {"most": 20},
        lambda: scaling.register_scalable_target(ResourceId=resource, MinCapacity=2, MaxCapacity=60, **what),
        lasts=True,
        probe=("service-is-capped", {"service": SERVICE, "most": 20}),
    )


def run_automation() -> World:
    """An automation, and nobody who runs it."""
    runs = Automations("restart-warehouse")
    return World(
        "run-automation",
        AUTOMATION,
        ("ssm", "StartAutomationExecution"),
        {"parameters": {"Rack": ["7"]}},
        lambda: runs.start(
            {"DocumentName": "restart-warehouse", "Parameters": {"Rack": ["8"]}, "ClientToken": "other"}
        ),
        runs.succeed,
        ("automation-succeeded", {"automation": AUTOMATION}),
        answers=runs.answering(),
    )


def run_state_machine() -> World:
    """A state machine of the orders' own, and nobody who runs it for the suite."""
    states = estate.client("stepfunctions")
    role = f"arn:aws:iam::{ACCOUNT}:role/recount"
    wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 900, "End": True}}}
    said = {"name": "recount-stock", "definition": json.dumps(wait), "roleArn": role}
    arn = states.create_state_machine(**said)["stateMachineArn"]
    states.start_execution(stateMachineArn=arn, name="nightly", input="{}")
    return World(
        "run-state-machine",
        arn,
        ("stepfunctions", "StartExecution"),
        {"input": {"rack": 7}},
        lambda: states.start_execution(stateMachineArn=arn, name="edsr-other", input="{}"),
        probe=("execution-succeeded", {"machine": arn}),
    )


WORLDS: dict[str, Callable[[], World]] = {
    make.__name__.replace("_", "-"): make
    for make in (
        roll_service_back,
        restart_service,
        raise_concurrency,
        redrive_queue,
        start_logging,
        enrich_alert,
        revoke_ingress,
        retry_build,
        rotate_secret,
        cap_tasks,
        run_automation,
        run_state_machine,
        *CAPACITY,
        *RELEASE,
        *ISOLATION,
    )
}
"""By action. shift-alias has a world of its own, in which much more may go wrong."""


@contextmanager
def made(action: str) -> Iterator[World]:
    """An action's world, while its stand-ins answer."""
    world = WORLDS[action]()
    with world.answers:
        yield world
