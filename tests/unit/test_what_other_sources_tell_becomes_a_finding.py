"""Events of CloudTrail, billing, delivery and clusters: which are findings, which are ignored, which cannot be read."""

import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import estate
from tests.estate import EVENTS, ROOT
from tests.sources import became, found, told_twice

SHARED = ROOT.parent / "shared" / "data"
SOURCES = ("billing", "cloudtrail", "delivery", "kubernetes")
GROUP = "ec2:security-group ec2.amazonaws.com:AuthorizeSecurityGroupIngress"
BECAME = {
    "billing/anomaly": "finding: ce:anomaly-monitor cost-anomaly",
    "billing/anomaly-judged-harmless": "ignored: a person said that it is no anomaly",
    "billing/anomaly-of-a-few-dollars": "finding: ce:anomaly-monitor cost-anomaly",
    "billing/anomaly-without-monitor": "malformed: the event lacks detail.monitorArn",
    "billing/budget-exceeded": "finding: budgets:budget budget-actual",
    "billing/budget-exceeded-forwarded": "finding: budgets:budget budget-actual",
    "billing/budget-forecast": "finding: budgets:budget budget-forecasted",
    "billing/budget-of-a-day": "finding: budgets:budget budget-actual",
    "billing/budget-without-threshold": "malformed: the notification does not say its threshold",
    "cloudtrail/group-not-opened-denied": "ignored: the call failed, so nothing was changed: "
    "Client.UnauthorizedOperation",
    "cloudtrail/group-opened-by-the-suite": "ignored: the suite did it itself",
    "cloudtrail/group-opened-to-an-office": f"finding: {GROUP}",
    "cloudtrail/group-opened-to-the-world": f"finding: {GROUP}",
    "cloudtrail/group-opened-to-the-world-ipv6": f"finding: {GROUP}",
    "cloudtrail/group-opened-without-event-id": "malformed: the event lacks detail.eventID",
    "cloudtrail/insight-begins": "finding: account ApiCallRateInsight logs.amazonaws.com:CreateLogStream",
    "cloudtrail/insight-ends": "ignored: the insight's state is End",
    "cloudtrail/root-signed-in": "finding: account signin.amazonaws.com:ConsoleLogin",
    "cloudtrail/rotation-failed": "finding: secretsmanager:secret secretsmanager.amazonaws.com:RotationFailed",
    "cloudtrail/rotation-succeeded": "finding: secretsmanager:secret secretsmanager.amazonaws.com:RotationSucceeded",
    "cloudtrail/trail-not-stopped-denied": "ignored: the call failed, so nothing was changed: AccessDenied",
    "cloudtrail/trail-started": "finding: cloudtrail:trail cloudtrail.amazonaws.com:StartLogging",
    "cloudtrail/trail-stopped": "finding: cloudtrail:trail cloudtrail.amazonaws.com:StopLogging",
    "cloudtrail/trail-stopped-by-name": "finding: cloudtrail:trail cloudtrail.amazonaws.com:StopLogging",
    "delivery/build-failed": "finding: codebuild:project build-failed",
    "delivery/build-failed-of-another-kind": "finding: codebuild:project build-failed",
    "delivery/build-failed-that-the-suite-started": "ignored: the suite did it itself",
    "delivery/build-succeeded": "ignored: build-status is SUCCEEDED",
    "delivery/build-without-project": "malformed: the event lacks detail.project-name",
    "delivery/codedeploy-failed": "finding: codedeploy:deployment-group deployment-failure",
    "delivery/codedeploy-succeeded": "ignored: state is SUCCESS",
    "delivery/ecs-deployment-completed": "ignored: eventName is SERVICE_DEPLOYMENT_COMPLETED",
    "delivery/ecs-deployment-failed": "finding: ecs:service SERVICE_DEPLOYMENT_FAILED",
    "delivery/ecs-service-impaired": "finding: ecs:service SERVICE_TASK_START_IMPAIRED",
    "delivery/ecs-service-steady": "ignored: eventName is SERVICE_STEADY_STATE",
    "delivery/pipeline-action-failed": "finding: codepipeline:pipeline pipeline-failed Test/Unit",
    "delivery/pipeline-failed": "finding: codepipeline:pipeline pipeline-failed",
    "delivery/pipeline-succeeded": "ignored: state is SUCCEEDED",
    "kubernetes/crash-loop": "finding: eks:workload BackOff",
    "kubernetes/crash-loop-begins": "finding: eks:workload BackOff",
    "kubernetes/crash-loop-of-a-lone-pod": "finding: eks:pod BackOff",
    "kubernetes/crash-loop-of-another-account": "ignored: 'arn:aws:eks:us-east-1:999999999999:cluster/shop' is no "
    "cluster of the account and Region that sent it",
    "kubernetes/crash-loop-without-uid": "malformed: the event lacks detail.event.metadata.uid",
    "kubernetes/image-cannot-be-pulled": "finding: eks:workload BackOff",
    "kubernetes/image-pulled": "ignored: type is Normal",
    "billing/anomaly-over-sns": "finding: ce:anomaly-monitor cost-anomaly",
    "billing/charges-alarm": "finding: cloudwatch:alarm charges",
    "billing/concurrency-alarm": "finding: lambda:function concurrency",
    "billing/instance-launched": "finding: autoscaling:autoScalingGroup instance-launched",
    "billing/instance-not-launched": "ignored: 'EC2 Instance Launch Unsuccessful' is not read",
    "billing/scaled-below-max": "ignored: it is not as large as it may become",
    "billing/scaled-to-max": "finding: ecs:service scaled-to-max ecs:service:DesiredCount",
    "billing/table-scaled-to-max": "finding: dynamodb:table scaled-to-max dynamodb:table:WriteCapacityUnits",
    "delivery/configuration-deployed": "ignored: 'On Deployment Complete' is not read",
    "delivery/configuration-rolled-back": "finding: appconfig:environment rolled-back ga3tqep",
    "delivery/invocation-given-up-of-another-account": "ignored: "
    "'arn:aws:lambda:us-east-1:999999999999:function:checkout-mail' is no function of the account and Region "
    "that sent it",
    "delivery/invocation-given-up-of-the-suite": "ignored: the suite did it itself",
    "delivery/invocation-given-up": "finding: lambda:function invocation-RetriesExhausted",
    "delivery/pipeline-failed-that-the-suite-started": "ignored: the suite did it itself",
    "delivery/stack-drifted": "finding: cloudformation:stack stack-drifted",
    "delivery/stack-in-sync": "ignored: status-details/stack-drift-status is IN_SYNC",
    "delivery/stack-rolls-back": "finding: cloudformation:stack stack-update-rollback-in-progress",
    "delivery/stack-updated": "ignored: status-details/status is UPDATE_COMPLETE",
    "delivery/task-did-not-start": "finding: ecs:task-definition task-stopped TaskFailedToStart",
    "delivery/task-ended-well": "ignored: stopCode is EssentialContainerExited, and no container failed",
    "delivery/task-failed": "finding: ecs:service task-stopped EssentialContainerExited",
    "delivery/task-runs": "ignored: lastStatus is RUNNING",
    "delivery/task-stopped-by-a-person": "ignored: stopCode is UserInitiated, and no container failed",
    "kubernetes/fargate-pod-will-end": "finding: eks:pod pod-termination-scheduled",
    "kubernetes/line-of-another-kind": "ignored: the line is not of a cluster's audit log",
    "kubernetes/node-not-ready": "finding: eks:node NodeNotReady",
    "kubernetes/node-not-tainted-forbidden": "ignored: the request failed, so nothing was changed: 403",
    "kubernetes/node-ready": "ignored: type is Normal",
    "kubernetes/node-tainted-by-the-suite": "ignored: the suite did it itself",
    "kubernetes/node-tainted": "finding: eks:node node-tainted",
    "kubernetes/node-under-pressure": "finding: eks:node NodeHasDiskPressure",
    "kubernetes/pod-evicted": "finding: eks:pod Evicted",
    "kubernetes/pod-eviction-asked": "finding: eks:object create pods/eviction",
    "kubernetes/pod-not-scheduled": "finding: eks:pod FailedScheduling",
}


def test_each_event_of_ours_becomes_what_it_should() -> None:
    files = [file for source in SOURCES for file in sorted((EVENTS / source).glob("*.json"))]
    table = {
        f"{file.parent.name}/{file.stem}": became(file.parent.name, json.loads(file.read_text())) for file in files
    }
    assert table == BECAME


@pytest.mark.parametrize(
    ("event", "arn"),
    [
        ("billing/anomaly", "arn:aws:ce::000000000000:anomalymonitor/0f0e0d0c-0000-4000-8000-000000000001"),
        ("billing/budget-exceeded", "arn:aws:budgets::000000000000:budget/checkout"),
        (
            "cloudtrail/group-opened-to-the-world",
            "arn:aws:ec2:us-east-1:000000000000:security-group/sg-0a1b2c3d4e5f60718",
        ),
        (
            "cloudtrail/rotation-failed",
            "arn:aws:secretsmanager:us-east-1:000000000000:secret:checkout/database-AbCdEf",
        ),
        ("cloudtrail/trail-stopped", "arn:aws:cloudtrail:us-east-1:000000000000:trail/audit"),
        ("cloudtrail/trail-stopped-by-name", "arn:aws:cloudtrail:us-east-1:000000000000:trail/audit"),
        ("cloudtrail/root-signed-in", "arn:aws:iam::000000000000:root"),
        ("delivery/build-failed", "arn:aws:codebuild:us-east-1:000000000000:project/checkout-tests"),
        ("delivery/pipeline-failed", "arn:aws:codepipeline:us-east-1:000000000000:checkout"),
        ("delivery/codedeploy-failed", "arn:aws:codedeploy:us-east-1:000000000000:deploymentgroup:checkout/live"),
        ("delivery/ecs-deployment-failed", "arn:aws:ecs:us-east-1:000000000000:service/shop/checkout"),
        ("kubernetes/crash-loop", "arn:aws:eks:us-east-1:000000000000:cluster/shop/checkout/deployment/checkout"),
        (
            "kubernetes/crash-loop-of-a-lone-pod",
            "arn:aws:eks:us-east-1:000000000000:cluster/shop/checkout/pod/checkout-7d9c5b6f4-x2x4z",
        ),
    ],
)
def test_a_finding_is_about_what_was_touched_or_failed(event: str, arn: str) -> None:
    assert found(event.split("/")[0], estate.event(event)).subject.arn == arn


@pytest.mark.parametrize(
    ("event", "episode"),
    [
        ("billing/anomaly", "1a2b3c4d-0000-4000-8000-000000000001"),
        ("billing/budget-exceeded", "2026-03 1600.00"),
        ("billing/budget-of-a-day", "2026-03-01 90.00"),
        ("cloudtrail/trail-stopped", "0b9ae0c2-0000-4000-8000-000000000001"),
        ("cloudtrail/insight-begins", "12345678-0000-4000-8000-000000000001"),
        ("delivery/build-failed", "8745a7a9-0000-4000-8000-000000000001"),
        ("delivery/pipeline-failed", "b938328a-0000-4000-8000-000000000001"),
        ("delivery/codedeploy-failed", "d-123456789"),
        ("delivery/ecs-deployment-failed", "ecs-svc/1234567890123456789"),
        ("delivery/ecs-service-impaired", "2026-03-02T03:03:58.123Z"),
        ("kubernetes/crash-loop", "2dbed976-0000-4000-8000-000000000001"),
    ],
)
def test_the_episode_is_the_producers_own_however_often_and_late_it_is_told(event: str, episode: str) -> None:
    once, again = told_twice(event)
    assert (once.episode, once.id) == (episode, again.id)


def test_a_warning_that_is_counted_up_is_the_same_finding_seen_later() -> None:
    first, later = estate.event("kubernetes/crash-loop"), estate.event("kubernetes/crash-loop")
    later["detail"]["event"] |= {"count": 40, "lastTimestamp": "2026-03-02T03:20:00Z"}
    assert found("kubernetes", first).id == found("kubernetes", later).id
    assert found("kubernetes", first).observed_at < found("kubernetes", later).observed_at


def test_only_the_rules_that_let_the_world_in_are_named() -> None:
    opened = found("cloudtrail", estate.event("cloudtrail/group-opened-to-the-world"))
    assert opened.evidence["rules"] == ["sgr-0a1b2c3d4e5f60711"]
    assert found("cloudtrail", estate.event("cloudtrail/group-opened-to-an-office")).evidence["rules"] == []


@pytest.mark.parametrize(
    ("words", "episode"),
    [
        ("for the current month", "2026-03 1600.00"),
        ("for the current quarter", "2026-Q1 1600.00"),
        ("for the current year", "2026 1600.00"),
        ("per day", "2026-03-01 1600.00"),
    ],
)
def test_a_budget_is_told_once_in_each_of_its_periods(words: str, episode: str) -> None:
    event = estate.event("billing/budget-exceeded")
    event["detail"]["Message"] = event["detail"]["Message"].replace("for the current month", words)
    assert found("billing", event).episode == episode


def test_a_budget_of_an_account_that_did_not_send_it_is_ignored() -> None:
    event = estate.event("billing/budget-exceeded") | {"account": "111111111111"}
    assert became("billing", event) == "ignored: it is about account 000000000000, which did not send it"


@pytest.mark.parametrize(
    "event", ["billing/anomaly", "cloudtrail/trail-stopped", "delivery/build-failed", "delivery/ecs-deployment-failed"]
)
def test_an_event_that_only_looks_like_one_of_aws_is_ignored_since_anybody_may_send_it(event: str) -> None:
    forged = estate.event(event) | {"source": "com.example"}
    assert became(event.split("/")[0], forged).endswith("anybody may send such an event")


@pytest.mark.parametrize("event", ["billing/budget-exceeded", "kubernetes/crash-loop"])
def test_what_teams_send_never_comes_from_aws(event: str) -> None:
    assert became(event.split("/")[0], estate.event(event) | {"source": "aws.ce"}) == "ignored: AWS sends no such event"


def test_in_other_partitions_arns_are_of_that_partition() -> None:
    event = estate.event("delivery/build-failed") | {"region": "us-gov-west-1"}
    assert found("delivery", event).subject.arn.startswith("arn:aws-us-gov:codebuild:us-gov-west-1:")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in an event."""
    pairs: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, inner in pairs for found in ((*path, key), *places(inner, (*path, key)))]


EVERYWHERE = [(name, place) for name in BECAME for place in places(estate.event(name))]


@given(st.sampled_from(EVERYWHERE), JSON)
def test_whatever_stands_anywhere_nothing_but_malformed_is_raised(
    where: tuple[str, tuple[str | int, ...]], value: Any
) -> None:
    name, place = where
    holder: Any = (event := estate.event(name))
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    assert became(name.split("/")[0], event).split(":")[0] in ("finding", "ignored", "malformed")


@given(st.sampled_from(SOURCES), st.dictionaries(st.text(max_size=8), JSON, max_size=4))
def test_any_event_at_all_is_ignored_or_malformed(source: str, event: dict[str, Any]) -> None:
    assert became(source, event).split(":")[0] in ("ignored", "malformed")


def counted(source: str, events: list[Any]) -> dict[str, int]:
    """How many events became what."""
    return dict(Counter(became(source, event).split(":")[0] for event in events))


real = pytest.mark.skipif(not SHARED.is_dir(), reason="the collected real events are not beside the repository")


@real
@pytest.mark.parametrize(
    ("source", "became_of_all"),
    [
        ("billing", {"finding": 1, "ignored": 513, "malformed": 4}),
        ("cloudtrail", {"finding": 24, "ignored": 493, "malformed": 1}),
        ("cloudwatch", {"finding": 3, "ignored": 514, "malformed": 1}),
        ("delivery", {"finding": 5, "ignored": 512, "malformed": 1}),
        ("kubernetes", {"finding": 1, "ignored": 517}),
    ],
)
def test_every_recorded_event_goes_through_each_detector(source: str, became_of_all: dict[str, int]) -> None:
    events = [json.loads(file.read_text()) for file in sorted((SHARED / "events").rglob("*.json"))]
    assert counted(source, events) == became_of_all


@real
def test_every_recorded_budget_is_read() -> None:
    said = {}
    for file in sorted((SHARED / "events_other" / "budgets_sns").glob("*.json")):
        told = json.loads(file.read_text())
        event = estate.event("billing/budget-exceeded")
        event["account"] = next(iter(re.findall(r"\d{12}", told["message"])), event["account"])
        event["detail"] |= {"Subject": told["subject"], "Message": told["message"]}
        seen = found("billing", event)
        said[seen.evidence["budget"]] = (seen.episode, seen.evidence["amount"])
    assert said == {
        "killswitch": ("2023-03-04 0.00", "2.15"),
        "billingThree": ("2019-10 24.00", "36.69"),
        "teste": ("2021-07 21.00", "41.45"),
        "cost-managment-test": ("2021-06-27 80", "81"),
    }


@real
def test_every_recorded_warning_of_a_cluster_is_found_and_nothing_else_is() -> None:
    counts: Counter[str] = Counter()
    for file in sorted((SHARED / "events_other" / "kubernetes").glob("*.json")):
        for item in json.loads(file.read_text())["items"]:
            event = estate.event("kubernetes/crash-loop-of-a-lone-pod")
            event["detail"]["event"] = item
            counts[became("kubernetes", event)] += 1
    assert sum(counts.values()) > 0
    assert {line.split(":")[0] for line in counts} == {"finding", "ignored"}
    assert counts["finding: eks:pod BackOff"] == 3


@real
def test_recorded_calls_are_read_or_lack_what_cloudtrail_always_says() -> None:
    sample = SHARED / "cloudtrail" / "enveloped_sample.jsonl.gz"
    with gzip.open(Path(sample), "rt") as lines:
        said = Counter(became("cloudtrail", json.loads(line)["event"]).split(" '")[0] for line in lines)
    malformed = {line: count for line, count in said.items() if line.startswith("malformed")}
    assert malformed == {
        "malformed: the event lacks detail.eventID": 20,
        "malformed: detail.eventTime": 72,
        "malformed: the event lacks account": 9,
        "malformed: the event lacks region": 6,
    }
