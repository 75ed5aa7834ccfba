"""The sweep finds that what an incident waits for is over, though the bus dropped it: once, and as the bus tells it."""

import json
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from detect.intake import Ignored
from edsr.model import Finding, State
from edsr.recovery import Recovery
from sweep.ask import Ask, Bucket
from tests import estate, policies
from tests.aws.dropped import Scene, a_scene, an_alarm, told
from tests.aws.polled import Service
from tests.sources import POLICY, found
from tests.things import AT


@pytest.fixture
def scene(aws: None, tmp_path: Path) -> Scene:  # noqa: ARG001 - moto has to answer first
    return a_scene(tmp_path / "policies")


def began(scene: Scene, *alarms: dict[str, Any]) -> None:
    """The bus brings alarms, and each becomes an incident."""
    scene.alarms.standing = list(alarms)
    for alarm in alarms:
        scene.bring(alarm)
    scene.decide()


def well(alarm: dict[str, Any], seconds: float = 30.25) -> dict[str, Any]:
    """The alarm, back to OK so long after it went into ALARM."""
    at = alarm["StateTransitionedTimestamp"] + timedelta(seconds=seconds)
    return alarm | {"StateValue": "OK", "StateTransitionedTimestamp": at}


def recoveries(bodies: list[str]) -> list[Recovery]:
    return [Recovery.model_validate(json.loads(body)["recovery"]) for body in bodies if "recovery" in body]


def test_ten_of_ten_ends_that_the_bus_dropped_are_found_within_two_minutes_once_each(scene: Scene) -> None:
    calm = {"storm": {"subjects": 100}, "rate": {"max": 100}, "concurrency": {"max": 50}}
    policies.library(policies.folder_of(scene.library), safeguards=calm)
    anywhere = policies.folder_of(scene.library) / "lambda-canary-rollback.json"
    said = policies.read(anywhere)
    del said["where"]
    policies.write(anywhere, said)
    alarms = [an_alarm(scene.clock(), f"canary-f{n}", f"f{n}") for n in range(10)]
    began(scene, *alarms)
    assert scene.states() == [State.DECIDED] * 10
    scene.alarms.standing, scene.alarms.well = [], [well(alarm) for alarm in alarms]
    assert scene.minute()["handed"] + scene.minute()["handed"] == 10
    assert scene.states() == [State.ABORTED] * 10
    assert scene.minute()["handed"] == 0
    scene.clock.tick(minutes=16)
    assert scene.minute()["handed"] == 0
    assert len(scene.invoked) == 10


def test_it_is_the_end_that_the_bus_would_have_told(scene: Scene) -> None:
    alarm = an_alarm(scene.clock())
    began(scene, alarm)
    scene.alarms.standing, scene.alarms.well = [], [well(alarm)]
    scene.clock.tick(minutes=2)
    scene.sweep()
    event = told(well(alarm))
    event["detail"]["state"]["value"] = "OK"
    assert "recovered" in scene.detect({"v": 1, "policy": "lambda-canary-rollback", "event": event})
    swept, brought = recoveries(scene.decide())
    assert swept == brought
    assert scene.states() == [State.ABORTED]


@pytest.mark.parametrize("now", [[], [{"seconds": -30}]], ids=["no data, or gone", "before it began"])
def test_what_is_not_well_since_is_left_alone(scene: Scene, now: list[dict[str, float]]) -> None:
    alarm = an_alarm(scene.clock())
    began(scene, alarm)
    scene.alarms.standing, scene.alarms.well = [], [well(alarm, **each) for each in now]
    for _ in range(3):
        assert scene.minute()["handed"] == 0
    assert scene.states() == [State.DECIDED]


def test_the_bus_has_its_chance_first(scene: Scene) -> None:
    alarm = an_alarm(scene.clock())
    began(scene, alarm)
    scene.alarms.standing, scene.alarms.well = [], [well(alarm)]
    scene.clock.tick(seconds=45)
    assert scene.sweep()["handed"] == 0
    assert scene.minute()["handed"] == 1


def test_nobody_is_asked_about_what_no_incident_waits_for(scene: Scene) -> None:
    policies.library(policies.folder_of(scene.library), mode="observe")
    alarm = an_alarm(scene.clock())
    began(scene, alarm)
    assert scene.states() == [State.OBSERVED]
    scene.alarms.standing, scene.alarms.well = [], [well(alarm)]
    asked = scene.alarms.asked
    assert scene.minute()["handed"] == 0
    assert scene.alarms.asked - asked == 1, "only what stands"


def test_a_detector_that_fails_is_asked_again_until_it_is_told(scene: Scene) -> None:
    alarm = an_alarm(scene.clock())
    began(scene, alarm)
    scene.alarms.standing, scene.alarms.well = [], [well(alarm)]
    scene.failing = True
    scene.minute()
    assert scene.minute()["failed"] == 1
    scene.failing = False
    assert scene.minute()["handed"] == 1
    assert scene.states() == [State.ABORTED]


LATER = AT + timedelta(minutes=1)
ARN = "arn:aws:ecs:us-east-1:000000000000:service/shop/checkout"
GROUP = {"applicationName": "checkout", "deploymentGroupName": "live", "createTime": AT}
BUILD = {"arn": "arn:aws:codebuild:us-east-1:000000000000:build/checkout-tests:b-9", "projectName": "checkout-tests"}
DROPPED = {
    "builds": (
        "build-failed",
        Service(
            list_builds={"ids": ["a", "b"]},
            batch_get_builds={
                "builds": [
                    BUILD | {"buildStatus": "SUCCEEDED", "endTime": LATER},
                    BUILD | {"buildStatus": "SUCCEEDED", "endTime": AT - timedelta(hours=1)},
                    BUILD | {"buildStatus": "IN_PROGRESS"},
                ]
            },
        ),
    ),
    "pipelines": (
        "pipeline-failed",
        Service(
            list_pipeline_executions={
                "pipelineExecutionSummaries": [
                    {"pipelineExecutionId": "e-3", "status": "InProgress", "lastUpdateTime": LATER},
                    {"pipelineExecutionId": "e-2", "status": "Succeeded", "lastUpdateTime": LATER},
                ]
            }
        ),
    ),
    "deployments": (
        "codedeploy-failed",
        Service(
            list_deployments={"deployments": ["d-1", "d-2"]},
            batch_get_deployments={
                "deploymentsInfo": [
                    GROUP | {"deploymentId": "d-2", "completeTime": LATER},
                    GROUP | {"deploymentId": "d-1", "completeTime": AT - timedelta(hours=1)},
                ]
            },
        ),
    ),
    "rollouts": (
        "ecs-deployment-failed",
        Service(
            describe_services={
                "services": [
                    {
                        "serviceArn": ARN,
                        "deployments": [
                            {"id": "d", "status": "PRIMARY", "rolloutState": "COMPLETED", "updatedAt": LATER}
                        ],
                    }
                ]
            }
        ),
    ),
}


@pytest.mark.parametrize("poll", DROPPED)
def test_what_was_delivered_after_all_is_the_end_of_what_failed(poll: str) -> None:
    name, service = DROPPED[poll]
    event = estate.event(f"delivery/{name}")
    event["account"] = estate.ACCOUNT if poll in ("pipelines", "deployments") else event["account"]
    failed = found("delivery", event)
    ask = Ask(lambda *_, **__: service, Bucket(100, 60, 100, 0), LATER, lambda _: [ARN])
    ((waits, shown),) = import_module(f"sweep.polls.{poll}").over(ask, [failed, another()])
    said = import_module("detect.detectors.delivery").detect(shown, POLICY, LATER)
    assert waits is failed
    assert isinstance(said, Ignored)
    assert said.over is not None
    assert said.over.ends(failed)


@pytest.mark.parametrize("poll", DROPPED)
def test_of_what_no_incident_tells_nothing_is_asked(poll: str) -> None:
    service = Service()
    ask = Ask(lambda *_, **__: service, Bucket(100, 60, 100, 0), LATER, lambda _: [ARN])
    assert list(import_module(f"sweep.polls.{poll}").over(ask, [another()])) == []
    assert service.asked == []


def another() -> Finding:
    """Something that delivers, and that none of these polls knows of."""
    return found("delivery", estate.event("delivery/configuration-rolled-back"))
