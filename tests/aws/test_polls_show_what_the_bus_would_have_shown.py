"""The polls of what delivers: what failed, in the shape and with the identity of its event."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

from detect.detectors.delivery import detect
from edsr.model import Finding
from infra.catalogue import discover
from sweep.ask import Ask, Bucket, Spent
from tests import estate
from tests.aws.polled import Service, shown
from tests.aws.services import refusal
from tests.things import AT, a_policy

POLICY = a_policy()


def same(event: dict[str, Any], name: str, **detail: Any) -> None:
    """It becomes the very finding that the bus's event becomes, but for what the test's event says of itself."""
    told = estate.event(f"delivery/{name}")
    told["account"] = estate.ACCOUNT
    told["detail"] |= detail
    found = [detect(one, POLICY, AT) for one in (event, told)]
    assert isinstance(found[0], Finding)
    assert isinstance(found[1], Finding)
    assert found[0].id == found[1].id


def build(**changes: Any) -> dict[str, Any]:
    """A build that failed ten minutes ago."""
    told = estate.event("delivery/build-failed")["detail"]
    return {
        "arn": told["build-id"],
        "buildStatus": "FAILED",
        "projectName": told["project-name"],
        "endTime": AT - timedelta(minutes=10),
        "initiator": "ann",
    } | changes


def test_a_failed_build_is_what_its_event_is() -> None:
    service = Service(list_builds={"ids": ["a"]}, batch_get_builds={"builds": [build()]})
    (event,) = shown("builds", service)
    assert event["detail"]["build-status"] == "FAILED"
    event["account"], event["region"] = estate.ACCOUNT, estate.REGION
    same(event, "build-failed")


@pytest.mark.parametrize(
    "changes", [{"buildStatus": "SUCCEEDED"}, {"buildStatus": "IN_PROGRESS"}, {"endTime": AT - timedelta(hours=2)}]
)
def test_a_build_that_is_well_or_long_over_is_not_shown(changes: dict[str, Any]) -> None:
    assert shown("builds", Service(list_builds={"ids": ["a"]}, batch_get_builds={"builds": [build(**changes)]})) == []


def test_a_failed_deployment_is_what_its_event_is() -> None:
    told = estate.event("delivery/codedeploy-failed")["detail"]
    one = {
        "applicationName": told["application"],
        "deploymentGroupName": told["deploymentGroup"],
        "deploymentId": told["deploymentId"],
        "createTime": AT - timedelta(minutes=9),
    }
    service = Service(list_deployments={"deployments": ["d"]}, batch_get_deployments={"deploymentsInfo": [one]})
    (event,) = shown("deployments", service)
    same(event, "codedeploy-failed")


def test_sixty_failed_deployments_are_described_twenty_five_at_a_time() -> None:
    def describe(deploymentIds: list[str]) -> Any:  # noqa: N803 - botocore's name
        assert len(deploymentIds) <= 25
        said = {"applicationName": "a", "deploymentGroupName": "g", "createTime": AT}
        return {"deploymentsInfo": [said | {"deploymentId": one} for one in deploymentIds]}

    ids = [f"d-{n}" for n in range(60)]
    service = Service(list_deployments={"deployments": ids}, batch_get_deployments=describe)
    assert [event["detail"]["deploymentId"] for event in shown("deployments", service)] == ids


def pipelines(count: int, **changes: Any) -> Service:
    """So many pipelines, the newest execution of each failed."""
    told = estate.event("delivery/pipeline-failed")["detail"]
    execution = {"pipelineExecutionId": told["execution-id"], "status": "Failed", "lastUpdateTime": AT} | changes
    names = [told["pipeline"], *(f"p-{n}" for n in range(count - 1))]
    return Service(
        list_pipelines={"pipelines": [{"name": name} for name in names]},
        list_pipeline_executions={"pipelineExecutionSummaries": [execution]},
    )


def test_a_failed_execution_is_what_its_event_is() -> None:
    (event,) = shown("pipelines", pipelines(1))
    same(event, "pipeline-failed")


@pytest.mark.parametrize("changes", [{"status": "Succeeded"}, {"lastUpdateTime": AT - timedelta(hours=2)}])
def test_an_execution_that_is_well_or_long_over_is_not_shown(changes: dict[str, Any]) -> None:
    assert shown("pipelines", pipelines(1, **changes)) == []


def test_of_a_hundred_pipelines_each_has_its_turn() -> None:
    seen: set[str] = set()
    for turn in range(3):
        seen |= {
            one["detail"]["pipeline"]
            for one in shown("pipelines", pipelines(100), now=AT + turn * timedelta(minutes=5))
        }
    assert len(seen) == 100


def rollout(**changes: Any) -> Service:
    """The shop's checkout, whose deployment failed."""
    told = estate.event("delivery/ecs-deployment-failed")
    one = {"id": told["detail"]["deploymentId"], "rolloutState": "FAILED", "updatedAt": AT} | changes
    return Service(describe_services={"services": [{"serviceArn": told["resources"][0], "deployments": [one]}]})


def rolled(service: Service, *arns: str) -> list[Any]:
    """What stands of these services."""
    ask = Ask(lambda *_, **__: service, Bucket(100, 60, 100, 0), AT, lambda _: list(arns))
    return list(import_module("sweep.polls.rollouts").standing(ask))


def test_a_failed_rollout_is_what_its_event_is() -> None:
    service = rollout()
    (event,) = rolled(service, "arn:aws:ecs:us-east-1:000000000000:service/shop/checkout")
    event["account"] = estate.ACCOUNT
    same(event, "ecs-deployment-failed")


def test_a_rollout_that_goes_on_is_not_shown_and_what_names_no_cluster_is_not_asked_for() -> None:
    service = rollout(rolloutState="IN_PROGRESS")
    assert rolled(service, "arn:aws:ecs:us-east-1:000000000000:service/shop/checkout") == []
    assert rolled(service, "arn:aws:ecs:us-east-1:000000000000:service/old-form") == []
    assert service.asked == ["describe_services"]


def test_a_cluster_that_is_not_there_does_not_keep_the_others_from_being_looked_at() -> None:
    there = rollout()

    def describe(*, cluster: str, **_: Any) -> Any:
        if cluster == "gone":
            raise refusal("ClusterNotFoundException")
        return there.answers["describe_services"]

    arns = [f"arn:aws:ecs:us-east-1:000000000000:service/{cluster}/checkout" for cluster in ("gone", "shop")]
    assert len(rolled(Service(describe_services=describe), *arns)) == 1


def test_whoever_has_asked_enough_stops() -> None:
    with pytest.raises(Spent):
        shown("pipelines", pipelines(30), calls=20)


@pytest.mark.parametrize("poll", sorted(discover().polls))
def test_a_poll_tells_what_its_detector_reads_and_only_reads_itself(poll: str) -> None:
    declared = discover().polls[poll]
    assert set(declared.detail_types) <= set(discover().detectors[declared.source].detail_types)
    verbs = [action.split(":")[1] for said in declared.permissions for action in said.actions]
    assert all(verb.startswith(("BatchGet", "Describe", "Get", "List")) for verb in verbs)
    assert poll == import_module(f"sweep.polls.{poll.replace('-', '_')}").POLL.id


@pytest.mark.parametrize("poll", ["builds", "deployments", "pipelines"])
def test_what_it_asks_is_what_the_service_takes(aws: None, poll: str) -> None:  # noqa: ARG001 - moto has to answer first
    real = Ask(estate.client, Bucket(100, 60, 100, 0), AT)
    assert list(import_module(f"sweep.polls.{poll}").standing(real)) == []
