"""What each hand refuses, and why; what readers and probes make of an estate that is not as it should be."""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from act.actuators import (
    cap_tasks,
    raise_concurrency,
    redrive_queue,
    restart_service,
    retry_build,
    revoke_ingress,
    roll_service_back,
)
from act.actuators import rotate_secret as rotate
from edsr.aws.arns import resource_of
from edsr.aws.readers import ecs_service, ecs_service_cap, ecs_service_rollout, secretsmanager_secret, sqs_consumer
from edsr.errors import Gone, Refused
from edsr.model import Judged
from tests import estate
from tests.aws.hands import DEAD, PROJECT, QUEUE, SERVICE, TASK, made, start_logging
from tests.aws.stand_ins import Builds, Services, answered
from tests.aws.world import World
from tests.things import AT

NOW = AT + timedelta(minutes=5)
STEADY = {"task_definition": "t:42", "deployment": "ecs-svc/2", "controller": "ECS", "rolls_back": False}
READ = {"mapping": "m", "function": "f", "enabled": True, "most": 5}
BOUNDS = {"target": "t", "least": 2, "most": 50}
OFFICE = {"IsEgress": False, "IpProtocol": "tcp", "CidrIpv4": "192.0.2.0/24"}
OUT = {"IsEgress": True, "IpProtocol": "-1", "CidrIpv4": "0.0.0.0/0"}

REFUSED: list[tuple[Callable[..., None], dict[str, Any], dict[str, Any] | None, str]] = [
    (roll_service_back.guard, STEADY | {"controller": "CODE_DEPLOY"}, None, "is deployed by CODE_DEPLOY"),
    (roll_service_back.guard, STEADY | {"rolls_back": True}, None, "rolls back by itself"),
    (roll_service_back.guard, STEADY, {"to": "t:41", "failed": "ecs-svc/1"}, "runs ecs-svc/2 by now, not ecs-svc/1"),
    (restart_service.guard, {"controller": "CODE_DEPLOY"}, {}, "is deployed by CODE_DEPLOY: restart it there"),
    (raise_concurrency.guard, {name: READ[name] for name in READ if name != "most"}, {"most": 9}, "nothing to raise"),
    (raise_concurrency.guard, READ | {"enabled": False}, {"most": 9}, "somebody has stopped it"),
    (raise_concurrency.guard, READ, {"most": 4}, "4 is less than the 5"),
    (redrive_queue.guard, {"moving": True}, {"most": 9}, "are being moved already"),
    (revoke_ingress.guard, {"sgr-1": OFFICE}, {"rules": ["sgr-1"]}, "sgr-1 of .* does not let the whole world in"),
    (revoke_ingress.guard, {"sgr-1": OUT}, {"rules": ["sgr-1"]}, "does not let the whole world in"),
    (retry_build.guard, {"trying": False}, {}, "nobody knows from which source"),
    (rotate.guard, {"rotates": False}, {}, "is switched off"),
    (cap_tasks.guard, BOUNDS, {"most": 1}, "needs at least 2 tasks"),
    (cap_tasks.guard, BOUNDS, {"most": 60}, "would be no cap"),
]


@pytest.mark.parametrize(("guard", "state", "args", "reason"), REFUSED)
def test_it_keeps_off(
    guard: Callable[..., None], state: dict[str, Any], args: dict[str, Any] | None, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        guard(estate.client, "the target", state, args)


@pytest.mark.parametrize("guard", [raise_concurrency.guard, cap_tasks.guard])
def test_what_was_raised_or_capped_may_be_undone(guard: Callable[..., None]) -> None:
    guard(estate.client, "the target", READ | BOUNDS, None)


@pytest.mark.parametrize(
    ("tags", "deployments", "last_good"),
    [
        ([], 2, f"{TASK}:41"),
        ([{"key": "last-good", "value": "checkout:40"}], 2, f"{TASK}:41"),
        ([{"key": "last-good", "value": "checkout:40"}], 1, f"{TASK}:40"),
        ([{"key": "last-good", "value": f"{TASK}:39"}], 1, f"{TASK}:39"),
        ([{"key": "other", "value": "checkout:40"}], 1, None),
    ],
)
@pytest.mark.usefixtures("aws")
def test_last_good_is_what_still_runs_and_else_what_the_pipeline_said(
    tags: list[dict[str, str]], deployments: int, last_good: str | None
) -> None:
    ecs = Services(SERVICE)
    ecs.service |= {"tags": tags, "deployments": ecs.service["deployments"][:deployments]}
    with ecs.answering():
        assert ecs_service.observe(estate.client, SERVICE).state.get("last_good") == last_good


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("reader", [ecs_service, ecs_service_rollout])
@pytest.mark.parametrize("arn", [SERVICE.replace("checkout", "basket"), SERVICE.replace(estate.ACCOUNT, "9" * 12)])
def test_a_service_that_is_not_there_is_gone(reader: ModuleType, arn: str) -> None:
    with Services(SERVICE).answering(), pytest.raises(Gone, match="there is no service"):
        reader.observe(estate.client, arn)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("rollout", "rolling"), [("IN_PROGRESS", True), ("COMPLETED", False), ("FAILED", False), (None, False)]
)
def test_only_a_rollout_under_way_replaces_tasks(rollout: str | None, rolling: bool) -> None:
    ecs = Services(SERVICE)
    ecs.service["deployments"][0] |= {"rolloutState": rollout}
    with ecs.answering():
        assert ecs_service_rollout.observe(estate.client, SERVICE).state["rolling"] is rolling


@pytest.mark.usefixtures("aws")
def test_a_restart_deploys_what_runs_already() -> None:
    with answered("ecs", "UpdateService", lambda _: {}) as asked:
        restart_service.apply(estate.client, SERVICE, {}, "", "")
    assert asked == [{"cluster": "shop", "service": SERVICE, "forceNewDeployment": True}]


@pytest.mark.usefixtures("aws")
def test_a_service_that_nothing_scales_has_no_bounds() -> None:
    with pytest.raises(Gone, match="nothing scales"):
        ecs_service_cap.observe(estate.client, SERVICE)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("functions", [0, 2])
def test_a_queue_has_to_have_one_reader(functions: int) -> None:
    estate.client("sqs").create_queue(QueueName="orders")
    for number in range(functions):
        estate.make_function(f"reader-{number}", "x = 1")
        estate.client("lambda").create_event_source_mapping(EventSourceArn=QUEUE, FunctionName=f"reader-{number}")
    with pytest.raises(Refused, match=f"{functions} functions read"):
        sqs_consumer.observe(estate.client, QUEUE)


@pytest.mark.usefixtures("aws")
def test_a_secret_that_is_about_to_be_deleted_is_gone() -> None:
    arn = estate.client("secretsmanager").create_secret(Name="s", SecretString="x")["ARN"]
    estate.client("secretsmanager").delete_secret(SecretId=arn)
    with pytest.raises(Gone, match="about to be deleted"):
        secretsmanager_secret.observe(estate.client, arn)


@pytest.mark.parametrize("arn", ["", "orders", QUEUE + "\n", DEAD.replace(":sqs:", ":sns:"), PROJECT, "arn:aws:sqs:x"])
def test_an_arn_of_something_else_is_refused(arn: str) -> None:
    with pytest.raises(Refused, match="is not the ARN of a sqs resource"):
        resource_of(arn, "sqs")


def judged(world: World, *, now: datetime = NOW) -> Judged:
    assert world.probe
    look = import_module(f"verify.probes.{world.probe[0].replace('-', '_')}").look
    verdict: Judged = look(estate.client, world.probe[1], since=AT, now=now).judged
    return verdict


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Judged.WORSE),
        ({"rolloutState": "IN_PROGRESS"}, Judged.PENDING),
        ({"rolloutState": "COMPLETED"}, Judged.PENDING),
        ({"status": "ACTIVE"}, Judged.PENDING),
    ],
)
def test_a_service_is_steady_only_with_one_deployment_that_completed(changes: dict[str, str], expected: Judged) -> None:
    ecs = Services(SERVICE)
    ecs.service["deployments"][0] |= changes
    world = World("", SERVICE, ("", ""), probe=("service-is-steady", {"service": SERVICE}))
    with ecs.answering():
        assert judged(world) is expected
        ecs.settle()
        ecs.service["deployments"][0] |= {"status": "PRIMARY"}
        assert judged(world) is Judged.BETTER
        ecs.service["runningCount"] = 1
        assert judged(world) is Judged.PENDING


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("running", "wanted", "expected"),
    [(20, 20, Judged.BETTER), (25, 25, Judged.PENDING), (12, 20, Judged.WORSE), (21, 20, Judged.PENDING)],
)
def test_a_capped_service_is_within_its_cap_and_complete(running: int, wanted: int, expected: Judged) -> None:
    ecs = Services(SERVICE)
    ecs.service |= {"runningCount": running, "desiredCount": wanted}
    world = World("", SERVICE, ("", ""), probe=("service-is-capped", {"service": SERVICE, "most": 20}))
    with ecs.answering():
        assert judged(world) is expected


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("probe", ["service-is-steady", "service-is-capped"])
def test_of_a_service_that_is_not_there_nobody_can_say(probe: str) -> None:
    args = {"service": SERVICE} | ({"most": 1} if probe == "service-is-capped" else {})
    with answered("ecs", "DescribeServices", lambda _: {"services": []}):
        assert judged(World("", SERVICE, ("", ""), probe=(probe, args))) is Judged.UNKNOWN


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("logging", "error", "expected"),
    [(True, "", Judged.BETTER), (False, "", Judged.WORSE), (True, "AccessDenied", Judged.UNKNOWN)],
)
def test_a_trail_that_logs_has_to_deliver(logging: bool, error: str, expected: Judged) -> None:
    said = {"IsLogging": logging, **({"LatestDeliveryError": error} if error else {})}
    with answered("cloudtrail", "GetTrailStatus", lambda _: said):
        assert judged(start_logging()) is expected


@pytest.mark.usefixtures("aws")
def test_a_group_is_closed_when_the_rules_are_gone_and_none_is_made_again() -> None:
    with made("revoke-ingress") as world:
        assert judged(world) is Judged.WORSE
        revoke_ingress.apply(estate.client, world.target, revoke_ingress.goal(world.args), "", "")
        assert judged(world) is Judged.BETTER
        everybody = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
        group = world.target.rsplit("/", 1)[1]
        estate.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[everybody])
        assert judged(world) is Judged.UNKNOWN


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("status", "seconds", "expected"),
    [
        ("SUCCEEDED", 60, Judged.BETTER),
        ("FAILED", 60, Judged.WORSE),
        ("STOPPED", 60, Judged.WORSE),
        ("SUCCEEDED", -60, Judged.PENDING),
        ("IN_PROGRESS", None, Judged.PENDING),
    ],
)
def test_only_a_build_that_ended_since_the_step_says_anything(
    status: str, seconds: int | None, expected: Judged
) -> None:
    builds = Builds(status)
    if seconds is not None:
        builds.builds[0]["endTime"] = AT + timedelta(seconds=seconds)
    world = World("", PROJECT, ("", ""), probe=("build-succeeded", {"project": PROJECT}))
    with builds.answering():
        assert judged(world) is expected
        builds.builds.clear()
        assert judged(world) is Judged.UNKNOWN


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("stages", "seconds", "expected"),
    [
        ({"b": ["AWSCURRENT", "AWSPENDING"]}, 0, Judged.BETTER),
        ({"b": ["AWSCURRENT"]}, 10, Judged.BETTER),
        ({"b": ["AWSCURRENT"]}, -3600, Judged.PENDING),
        ({"b": ["AWSCURRENT"], "c": ["AWSPENDING"]}, 10, Judged.PENDING),
        ({"b": ["AWSCURRENT"]}, None, Judged.PENDING),
    ],
)
def test_a_secret_is_rotated_when_nothing_is_left_half_way(
    stages: dict[str, list[str]], seconds: int | None, expected: Judged
) -> None:
    said: dict[str, Any] = {"VersionIdsToStages": stages}
    if seconds is not None:
        said["LastRotatedDate"] = AT + timedelta(seconds=seconds)
    arn = f"arn:aws:secretsmanager:{estate.REGION}:{estate.ACCOUNT}:secret:s"
    with answered("secretsmanager", "DescribeSecret", lambda _: said):
        assert judged(World("", arn, ("", ""), probe=("secret-is-rotated", {"secret": arn}))) is expected
