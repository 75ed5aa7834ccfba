"""CloudWatch's events: which are findings, which are ignored, which cannot be read; and nothing else ever happens."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detect.detectors.cloudwatch import detect
from detect.intake import Ignored
from edsr.errors import Malformed
from edsr.model import Finding
from tests import estate
from tests.things import AT, a_policy

POLICY = a_policy()
RECORDED = estate.ROOT.parent / "shared" / "data" / "events" / "aws-cloudwatch"


def alarm(**detail: Any) -> dict[str, Any]:
    event = estate.event("cloudwatch/canary-alarm")
    event["detail"].update(detail)
    return event


def found(event: dict[str, Any]) -> Finding:
    said = detect(event, POLICY, AT)
    assert isinstance(said, Finding), said
    return said


def became(event: Any) -> str:
    try:
        said = detect(event, POLICY, AT)
    except (Malformed, ValueError) as exc:
        return f"malformed: {exc}"
    return f"ignored: {said.reason}" if isinstance(said, Ignored) else f"finding: {said.subject.kind} {said.condition}"


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (
            "alarm-muted",
            "ignored: the alarm's actions are suppressed by "
            "arn:aws:cloudwatch:us-east-1:000000000000:alarm-mute-rule:release",
        ),
        ("anomaly-band-alarm", "finding: ecs:service checkout-cpu-out-of-band"),
        ("canary-alarm", "finding: lambda:alias canary-checkout-errors"),
        ("canary-alarm-metric-math", "finding: lambda:alias canary-checkout-error-rate"),
        ("canary-alarm-ok", "ignored: the alarm went to OK"),
        ("canary-alarm-without-timestamp", "malformed: the event lacks detail.state.timestamp"),
        ("composite-alarm", "finding: cloudwatch:alarm checkout-unhealthy"),
        ("composite-alarm-suppressed", "ignored: the alarm's actions are suppressed by Alarm"),
        ("contributor-alarm", "finding: dynamodb:table tables-idle 6d442278dba546f6"),
        ("queue-backlog-alarm", "finding: sqs:queue backlog-orders"),
        ("queue-backlog-alarm-ok", "ignored: the alarm went to OK"),
        ("queue-dead-letters-alarm", "finding: sqs:queue dlq-orders"),
        ("queue-dead-letters-alarm-ok", "ignored: the alarm went to OK"),
        ("burn-rate-alarm", "finding: cloudwatch:alarm edsr-burn-checkout-availability-fast"),
        ("burn-rate-alarm-ok", "ignored: the alarm went to OK"),
        ("configuration-alarm", "finding: lambda:alias configuration-features-errors"),
        ("configuration-alarm-ok", "ignored: the alarm went to OK"),
        ("deployment-alarm", "finding: elasticloadbalancing:loadbalancer deployment-web-errors"),
        ("deployment-alarm-ok", "ignored: the alarm went to OK"),
        ("people-alarm", "finding: lambda:alias people-checkout-errors"),
        ("people-alarm-ok", "ignored: the alarm went to OK"),
        ("producer-pressure-alarm", "finding: sqs:queue pressure-orders"),
        ("producer-pressure-alarm-ok", "ignored: the alarm went to OK"),
        ("worker-backlog-alarm", "finding: sqs:queue workers-orders"),
        ("worker-backlog-alarm-ok", "ignored: the alarm went to OK"),
        ("zone-alarm", "finding: elasticloadbalancing:loadbalancer zone-use1-az1-checkout-errors"),
        ("zone-alarm-ok", "ignored: the alarm went to OK"),
    ],
)
def test_each_event_of_ours_becomes_what_it_should(event: str, said: str) -> None:
    assert became(estate.event(f"cloudwatch/{event}")) == said


def test_every_event_of_ours_is_in_the_table() -> None:
    assert len(list((estate.EVENTS / "cloudwatch").glob("*.json"))) == 27


def test_a_finding_is_about_the_alias_that_the_alarm_watches() -> None:
    said = found(alarm())
    assert said.subject.arn == "arn:aws:lambda:us-east-1:000000000000:function:checkout:live"
    assert said.title == "canary-checkout-errors is in ALARM"
    assert said.evidence["previous"] == "OK"
    assert said.evidence["reason"].startswith("Threshold Crossed: 1 out of the last 1")


@pytest.mark.parametrize(
    ("dimensions", "arn", "kind"),
    [
        ({"FunctionName": "f"}, "arn:aws:lambda:us-east-1:000000000000:function:f", "lambda:function"),
        ({"FunctionName": "f", "Resource": "f"}, "arn:aws:lambda:us-east-1:000000000000:function:f", "lambda:function"),
        (
            {"FunctionName": "f", "Resource": "f:a"},
            "arn:aws:lambda:us-east-1:000000000000:function:f:a",
            "lambda:alias",
        ),
        (
            {"FunctionName": "f", "Resource": "g:a"},
            "arn:aws:lambda:us-east-1:000000000000:function:f",
            "lambda:function",
        ),
        ({}, "arn:aws:cloudwatch:us-east-1:000000000000:alarm:canary-checkout-errors", "cloudwatch:alarm"),
    ],
)
def test_the_subject_follows_from_the_metrics_dimensions(dimensions: dict[str, str], arn: str, kind: str) -> None:
    metric = {"namespace": "AWS/Lambda", "name": "Errors", "dimensions": dimensions}
    subject = found(alarm(configuration={"metrics": [{"metricStat": {"metric": metric}}]})).subject
    assert (subject.arn, subject.kind) == (arn, kind)


def test_the_subject_of_an_alarm_on_a_queue_is_the_queue() -> None:
    said = found(estate.event("cloudwatch/queue-backlog-alarm")).subject
    assert (said.arn, said.kind) == ("arn:aws:sqs:us-east-1:000000000000:orders", "sqs:queue")


def measured(*metrics: tuple[str, dict[str, str]]) -> dict[str, Any]:
    queries = [{"metricStat": {"metric": {"namespace": space, "dimensions": said}}} for space, said in metrics]
    return alarm(configuration={"metrics": queries})


@pytest.mark.parametrize(
    ("space", "dimensions", "arn"),
    [
        ("AWS/EC2", {"InstanceId": "i-1"}, "arn:aws:ec2:us-east-1:000000000000:instance/i-1"),
        ("AWS/RDS", {"DBClusterIdentifier": "orders"}, "arn:aws:rds:us-east-1:000000000000:cluster:orders"),
        ("AWS/SNS", {"TopicName": "mail"}, "arn:aws:sns:us-east-1:000000000000:mail"),
        (
            "AWS/States",
            {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:settle"},
            "arn:aws:states:us-east-1:000000000000:stateMachine:settle",
        ),
        (
            "AWS/States",
            {"StateMachineArn": "arn:none"},
            "arn:aws:cloudwatch:us-east-1:000000000000:alarm:canary-checkout-errors",
        ),
        (
            "AWS/ECS",
            {"ClusterName": "shop"},
            "arn:aws:cloudwatch:us-east-1:000000000000:alarm:canary-checkout-errors",
        ),
    ],
)
def test_the_dimensions_of_a_metric_name_a_resource_or_none(space: str, dimensions: dict[str, str], arn: str) -> None:
    assert found(measured((space, dimensions))).subject.arn == arn


def test_math_over_the_metrics_of_several_resources_is_about_the_alarm() -> None:
    one, other = ("AWS/EC2", {"InstanceId": "i-1"}), ("AWS/EC2", {"InstanceId": "i-2"})
    assert found(measured(one, one)).subject.kind == "ec2:instance"
    assert found(measured(one, other)).subject.kind == "cloudwatch:alarm"


def test_a_composite_alarm_names_the_alarms_that_set_it_off() -> None:
    event = estate.event("cloudwatch/composite-alarm-suppressed")
    del event["detail"]["state"]["actionsSuppressedBy"]
    assert found(event).evidence["set_off_by"] == [
        "arn:aws:cloudwatch:us-east-1:000000000000:alarm:canary-checkout-errors"
    ]
    event["detail"]["state"]["reasonData"] = "[" * 100_000
    assert "set_off_by" not in found(event).evidence


def test_copies_that_arrive_later_under_another_event_id_are_the_same_finding() -> None:
    late = alarm() | {"id": "another", "time": "2026-03-02T09:00:00Z"}
    assert found(late).id == found(alarm()).id


def test_the_transitions_time_in_another_spelling_is_the_same_finding() -> None:
    respelled = alarm(state=alarm()["detail"]["state"] | {"timestamp": "2026-03-02T04:04:05.123+01:00"})
    assert found(respelled).id == found(alarm()).id


def test_the_next_transition_is_another_finding() -> None:
    later = alarm(state=alarm()["detail"]["state"] | {"timestamp": "2026-03-02T03:04:05.124+0000"})
    assert found(later).id != found(alarm()).id


def test_an_event_that_only_looks_like_cloudwatchs_is_ignored_since_anybody_may_send_it() -> None:
    assert became(alarm() | {"source": "com.example"}).startswith("ignored: 'com.example' is not aws.cloudwatch")


@pytest.mark.parametrize("named", ["traceparent", "correlation-id"])
def test_a_correlation_id_of_the_events_own_is_kept(named: str) -> None:
    assert found(alarm(**{named: "00-abc"})).correlation_id == "00-abc"
    assert found(alarm()).correlation_id == found(alarm()).incident_id


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("resources",), []),
        (("resources",), [None]),
        (("resources",), ["no ARN"]),
        (("resources",), {"0": "arn:x"}),
        (("account",), 123456789012),
        (("account",), "1" * 13),
        (("detail",), []),
        (("detail",), None),
        (("detail", "alarmName"), {"deep": 1}),
        (("detail", "alarmName"), "x" * 600),
        (("detail", "alarmName"), "\ud800"),
        (("detail", "state"), "ALARM"),
        (("detail", "state", "value"), ["ALARM"]),
        (("detail", "state", "timestamp"), 0),
        (("detail", "state", "timestamp"), "yesterday"),
        (("detail", "state", "timestamp"), "0001-01-01T00:00:00+23:59"),
        (("detail", "state", "reason"), "\ud800"),
    ],
)
def test_an_event_that_lacks_what_a_finding_needs_is_malformed(place: tuple[str, ...], value: Any) -> None:
    assert became(with_(alarm(), place, value)).startswith("malformed: ")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("detail", "previousState"), "OK"),
        (("detail", "previousState"), [1]),
        (("detail", "state", "reason"), ["odd"]),
        (("detail", "state", "reason"), "\U0001f6d1" * 100_000),
        (("detail", "configuration"), "odd"),
        (("detail", "configuration"), None),
        (("detail", "configuration", "metrics"), 5),
        (("detail", "configuration", "metrics"), [None, "x", {"metricStat": "x"}, {"metricStat": {"metric": [1]}}]),
        (("detail", "configuration", "metrics"), [{"metricStat": {"metric": {"dimensions": [1]}}}]),
        (("detail", "traceparent"), {"a": 1}),
        (("id",), None),
    ],
)
def test_oddities_beside_the_point_are_overlooked(place: tuple[str, ...], value: Any) -> None:
    assert became(with_(alarm(), place, value)).startswith("finding: ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PLACES: list[tuple[str, ...]] = [
    ("source",), ("detail-type",), ("account",), ("region",), ("resources",), ("id",), ("detail",),
    ("detail", "alarmName"), ("detail", "state"), ("detail", "state", "value"), ("detail", "state", "timestamp"),
    ("detail", "state", "reason"), ("detail", "previousState"), ("detail", "configuration"),
    ("detail", "configuration", "metrics"), ("detail", "traceparent"),
]  # fmt: skip


@given(st.sampled_from(PLACES), JSON)
def test_whatever_stands_anywhere_nothing_but_malformed_is_raised(place: tuple[str, ...], value: Any) -> None:
    assert became(with_(alarm(), place, value)).split(":")[0] in ("finding", "ignored", "malformed")


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=4))
def test_any_event_at_all_is_ignored_or_malformed(event: dict[str, Any]) -> None:
    assert became(event).split(":")[0] in ("ignored", "malformed")


CONFIGURED = "ignored: 'CloudWatch Alarm Configuration Change' is not read"
QUIET = "ignored: the alarm's actions are suppressed by "
MUTED = f"{QUIET}arn:aws:cloudwatch:us-east-1:1234567890:alarm-mute-rule:testMute"
RECORDED_BECAME = {
    "alarm-configuration-change__093431d78d": CONFIGURED,
    "alarm-configuration-change__336b192ece": CONFIGURED,
    "alarm-configuration-change__6acacd32f5": CONFIGURED,
    "alarm-configuration-change__98652105f9": CONFIGURED,
    "alarm-contributor-state-change__0fe3ceb621": MUTED,
    "alarm-state-change__10dc324506": "malformed: the event lacks detail.state.timestamp",
    "alarm-state-change__1b1240e4e9": "finding: ec2:instance EC2 CPU Utilization Anomaly",
    "alarm-state-change__221c8f30a6": MUTED,
    "alarm-state-change__7e22719a54": f"{QUIET}WaitPeriod",
    "alarm-state-change__8fad433342": f"{QUIET}WaitPeriod",
    "alarm-state-change__d74ada4fd5": "finding: ec2:instance ServerCpuTooHigh",
    "alarm-state-change__ea6d76f64d": "finding: cloudwatch:alarm DynamoDBInsightsAlarm",
}


@pytest.mark.skipif(not RECORDED.is_dir(), reason=f"there are no recorded events: {RECORDED.name} is not beside us")
def test_each_recorded_event_becomes_what_it_should() -> None:
    table = {
        file.stem.removeprefix("cloudwatch-"): became(json.loads(file.read_text()))
        for file in sorted(RECORDED.glob("*.json"))
    }
    assert table == RECORDED_BECAME


def with_(event: dict[str, Any], place: tuple[str, ...], value: Any) -> dict[str, Any]:
    holder = event
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    return event
