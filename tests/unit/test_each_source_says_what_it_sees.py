"""Events of health, data, edge, logs, traces and teams: which are findings, which are ignored, which cannot be read."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.catalogue import discover
from tests import estate
from tests.estate import EVENTS
from tests.sources import became, found, told_twice

SOURCES = ("custom", "data", "edge", "health", "logs", "traces")
BECAME = {
    "custom/alert": "finding: sns:topic HighErrorRate",
    "custom/announced-by-the-suite": "ignored: the suite did it itself",
    "custom/problem-of-a-later-version": "malformed: detail.v: Input should be 1",
    "custom/problem-of-another-account": "ignored: 'arn:aws:sqs:us-east-1:999999999999:payments' is not of "
    "the account and Region that sent it",
    "custom/problem-without-identity": "malformed: detail.id: Field required",
    "custom/problem": "finding: sqs:queue payments-stuck",
    "custom/well-again": "ignored: it is well again",
    "data/alarm-of-another-kind": "ignored: the alarm watches no such metric",
    "data/backlog-alarm-ok": "ignored: the alarm went to OK",
    "data/backup-completed": "ignored: 'Backup Job State Change' is not read",
    "data/backup-completed-of-another-account": "ignored: 'Backup Job State Change' is not read",
    "data/backup-completed-of-nothing": "ignored: 'Backup Job State Change' is not read",
    "data/backup-failed": "ignored: 'Backup Job State Change' is not read",
    "data/backlog-alarm": "finding: sqs:queue backlog-orders",
    "data/dead-letters-alarm": "finding: sqs:queue dlq-orders",
    "data/execution-failed-of-the-suite": "ignored: the suite did it itself",
    "data/execution-failed": "finding: states:stateMachine execution-failed",
    "data/execution-succeeded": "ignored: status is SUCCEEDED",
    "data/execution-succeeded-again": "ignored: status is SUCCEEDED",
    "data/execution-timed-out-again": "finding: states:stateMachine execution-timed-out",
    "data/execution-without-status": "malformed: the event lacks detail.status",
    "data/job-failed": "finding: glue:job job-failed",
    "data/job-succeeded": "ignored: state is SUCCEEDED",
    "data/partitions-added": "ignored: typeOfChange is BatchCreatePartition",
    "data/quality-failed-in-a-job": "finding: glue:job data-quality orders-complete",
    "data/quality-failed": "finding: glue:table data-quality orders-complete",
    "data/quality-passed": "ignored: state is SUCCEEDED",
    "data/ruleset-failed": "finding: databrew:ruleset data-quality orders",
    "data/ruleset-passed": "ignored: validationState is SUCCEEDED",
    "data/schema-changed": "finding: glue:table UpdateTable",
    "data/stream-behind-alarm": "finding: kinesis:stream clicks-behind",
    "data/topic-behind-alarm": "finding: cloudwatch:alarm payments-lag",
    "edge/alarm-of-another-kind": "ignored: the alarm watches no such metric",
    "edge/attack-alarm": "finding: elasticloadbalancing:loadbalancer ddos-checkout",
    "edge/balancer-errors-alarm-ok": "ignored: the alarm went to OK",
    "edge/balancer-errors-alarm": "finding: elasticloadbalancing:loadbalancer checkout-5xx",
    "edge/blocked-requests-alarm": "finding: cloudwatch:alarm waf-blocks",
    "edge/canary-failed": "finding: synthetics:canary canary-failed",
    "edge/canary-without-run": "malformed: the event lacks detail.canary-run-id",
    "edge/distribution-errors-alarm": "finding: cloudfront:distribution site-5xx",
    "edge/line-of-another-kind": "ignored: the line is not of a web ACL's log",
    "edge/request-allowed": "ignored: the action is ALLOW",
    "edge/request-blocked": "finding: wafv2:regional request-blocked sql-injection",
    "health/call-denied": "ignored: the call was not throttled: UnauthorizedOperation",
    "health/call-of-the-suite-throttled": "ignored: the suite did it itself",
    "health/call-throttled": "finding: account throttled ec2.amazonaws.com:RunInstances",
    "health/check-of-another-kind": "ignored: the check is not about a quota",
    "health/database-backed-up": "ignored: EventCategories are backup",
    "health/database-failover": "finding: rds:db RDS-EVENT-0049",
    "health/event-of-an-earlier-day": "finding: ec2:instance AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED",
    "health/event-without-code": "malformed: the event lacks detail.eventTypeCode",
    "health/instance-running": "ignored: state is running",
    "health/instance-stopped": "finding: ec2:instance instance-stopped",
    "health/launch-failed": "finding: autoscaling:autoScalingGroup instance-launch-unsuccessful",
    "health/outage-over": "ignored: statusCode is closed",
    "health/outage": "finding: account AWS_LAMBDA_OPERATIONAL_ISSUE",
    "health/quota-ample": "ignored: status is OK",
    "health/quota-by-health": "finding: account AWS_SERVICEQUOTAS_THRESHOLD_BREACH",
    "health/quota-reached": "finding: servicequotas:quota quota-reached",
    "health/rebalance": "finding: ec2:instance rebalance-recommendation",
    "health/refresh-failed": "finding: autoscaling:autoScalingGroup instance-refresh-failed",
    "health/retirement-backup": "finding: ec2:instance AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED",
    "health/retirement-page-two": "finding: ec2:instance AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED",
    "health/retirement": "finding: ec2:instance AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED",
    "health/spot-interruption": "finding: ec2:instance spot-interruption",
    "logs/cold-start": "finding: lambda:function cold-starts",
    "logs/warm-start": "finding: lambda:function cold-starts",
    "logs/error-line": "finding: lambda:function errors",
    "logs/line-of-another-account": "ignored: it is of account 999999999999, which did not send it",
    "logs/line-of-the-suite": "ignored: the suite wrote it itself",
    "logs/line-without-id": "malformed: the event lacks detail.id",
    "logs/plain-line": "finding: logs:log-group crit",
    "traces/insight-begins": "finding: lambda:function insight-fault",
    "traces/insight-closes": "ignored: State is CLOSED",
    "traces/insight-of-a-service": "finding: xray:service insight-fault",
    "traces/insight-without-root": "malformed: the event lacks detail.RootCauseServiceId",
}
ACCOUNT = "000000000000"


def test_each_event_of_ours_becomes_what_it_should() -> None:
    files = [file for source in SOURCES for file in sorted((EVENTS / source).glob("*.json"))]
    table = {
        f"{file.parent.name}/{file.stem}": became(file.parent.name, json.loads(file.read_text())) for file in files
    }
    assert table == BECAME


@pytest.mark.parametrize("source", sorted(discover().detectors))
def test_every_detail_type_that_a_source_reads_has_an_event_of_ours(source: str) -> None:
    shown = {json.loads(file.read_text()).get("detail-type") for file in (EVENTS / source).glob("*.json")}
    left = set(discover().detectors[source].detail_types) - shown
    assert left <= NOT_SHOWN.get(source, set())


NOT_SHOWN = {
    "cloudtrail": {"AWS Console Action via CloudTrail"},
    "delivery": {"CodePipeline Stage Execution State Change", "On Deployment Rollback"},
    "health": {
        "AWS Health Abuse Event",
        "CloudWatch Alarm State Change",
        "EC2 Instance Terminate Unsuccessful",
        "RDS DB Cluster Event",
    },
    "security": {"Findings Imported V2", "Unused Access Finding for IAM entities", "Config Configuration Item Change"},
}
"""Detail types that are read in the same way as another one that is shown."""


@pytest.mark.parametrize(
    ("event", "arn"),
    [
        ("custom/problem", f"arn:aws:sqs:us-east-1:{ACCOUNT}:payments"),
        ("data/backlog-alarm", f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"),
        ("data/stream-behind-alarm", f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/clicks"),
        ("data/topic-behind-alarm", f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:payments-lag"),
        ("data/execution-failed", f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:settle-orders"),
        ("data/quality-failed", f"arn:aws:glue:us-east-1:{ACCOUNT}:table/lake/orders"),
        ("data/quality-failed-in-a-job", f"arn:aws:glue:us-east-1:{ACCOUNT}:job/orders-to-lake"),
        (
            "edge/attack-alarm",
            f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/app/checkout/50dc6c495c0c9188",
        ),
        ("edge/distribution-errors-alarm", f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1A2B3C4D5E6F7"),
        ("health/retirement", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-0a1b2c3d4e5f60718"),
        ("health/spot-interruption", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-0a1b2c3d4e5f60718"),
        ("health/outage", f"arn:aws:iam::{ACCOUNT}:root"),
        ("health/quota-reached", f"arn:aws:servicequotas:us-east-1:{ACCOUNT}:VPC/us-east-1/VPCs"),
        ("logs/error-line", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:checkout"),
        ("logs/plain-line", f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:shop/nginx"),
        ("traces/insight-begins", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:checkout"),
        ("traces/insight-of-a-service", f"arn:aws:xray:us-east-1:{ACCOUNT}:service/payments.example.com"),
    ],
)
def test_a_finding_is_about_what_is_in_trouble(event: str, arn: str) -> None:
    assert found(event.split("/")[0], estate.event(event)).subject.arn == arn


@pytest.mark.parametrize(
    ("event", "episode"),
    [
        ("custom/problem", "batch-4711"),
        ("data/execution-failed", "0b9ae0c2-0000-4000-8000-000000000001"),
        ("data/execution-timed-out-again", "0b9ae0c2-0000-4000-8000-000000000001 2"),
        ("data/job-failed", "jr_0123456789abcdef0123456789abcdef"),
        ("edge/request-blocked", "1-65e29a65-000000000000000000000001"),
        ("health/retirement", "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED_0001 2026-03-02T03:04:05.000Z 1"),
        ("health/launch-failed", "87654321-0000-4000-8000-000000000001"),
        ("health/call-throttled", "3038ebd2-0000-4000-8000-000000000001"),
        ("logs/error-line", "37193748619999999999999999999999999999999999999999999999"),
        ("traces/insight-begins", "0a1b2c3d-0000-4000-8000-000000000001"),
    ],
)
def test_the_episode_is_the_producers_own_however_often_and_late_it_is_told(event: str, episode: str) -> None:
    once, again = told_twice(event)
    assert (once.episode, once.id) == (episode, again.id)


def test_the_backup_copy_of_a_health_event_is_the_same_finding_though_another_region_sends_it() -> None:
    first, copy = estate.event("health/retirement"), estate.event("health/retirement-backup")
    assert (first["region"], copy["region"]) == ("us-east-1", "us-west-2")
    assert found("health", first).id == found("health", copy).id
    assert found("health", copy).subject.region == "us-east-1"


def test_another_page_of_a_health_event_is_another_finding() -> None:
    ids = {found("health", estate.event(f"health/retirement{page}")).id for page in ("", "-page-two")}
    assert len(ids) == 2


def test_a_page_whose_number_the_communication_does_not_end_with_is_told_apart_all_the_same() -> None:
    first = estate.event("health/retirement")
    second = estate.event("health/retirement")
    for event, page in ((first, "1"), (second, "2")):
        event["detail"] |= {"communicationId": "32157c62a5a64a33ec5445c5c77f941128b345fa", "page": page}
    assert found("health", first).id != found("health", second).id


def test_a_health_event_of_an_organization_is_about_the_account_that_is_affected() -> None:
    event = estate.event("health/retirement")
    event["detail"]["affectedAccount"] = "111122223333"
    assert found("health", event).subject.account == "111122223333"
    assert found("health", event).id != found("health", estate.event("health/retirement")).id


def test_when_maintenance_begins_is_told_in_one_spelling() -> None:
    assert found("health", estate.event("health/retirement")).evidence["begins"] == "2026-03-16T05:00:00.000Z"


def test_a_quota_that_is_told_at_each_refresh_counts_once_a_day() -> None:
    event = estate.event("health/quota-reached")
    same, next_day = event | {"time": "2026-03-02T23:00:00Z"}, event | {"time": "2026-03-03T03:04:05Z"}
    assert found("health", event).id == found("health", same).id != found("health", next_day).id


def test_a_failed_execution_is_told_again_only_when_it_fails_again_after_a_redrive() -> None:
    event = estate.event("data/execution-failed")
    redriven = estate.event("data/execution-failed")
    redriven["detail"]["redriveCount"] = 1
    assert found("data", event).id != found("data", redriven).id
    assert found("data", event).observed_at == datetime(2026, 3, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("source", SOURCES)
def test_an_event_that_only_looks_like_one_of_aws_is_ignored_since_anybody_may_send_it(source: str) -> None:
    for file in sorted((EVENTS / source).glob("*.json")):
        event = json.loads(file.read_text())
        if event["source"].startswith("aws.") and not BECAME[f"{source}/{file.stem}"].endswith("is not read"):
            forged = became(source, event | {"source": "com.example"})
            assert forged.endswith("anybody may send such an event"), file.stem


@pytest.mark.parametrize("event", ["custom/problem", "logs/error-line", "edge/request-blocked"])
def test_what_is_forwarded_or_sent_by_teams_never_comes_from_aws(event: str) -> None:
    forged = estate.event(event) | {"source": "aws.logs"}
    assert became(event.split("/")[0], forged) == "ignored: AWS sends no such event"


def test_a_signal_of_another_region_is_not_taken_and_one_of_no_region_is() -> None:
    event = estate.event("custom/problem")
    event["detail"]["subject"]["arn"] = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:payments"
    assert became("custom", event).startswith("ignored: ")
    event["detail"]["subject"]["arn"] = "arn:aws:s3:::payments"
    assert became("custom", event).startswith("finding: ")


def test_a_field_that_a_later_signal_may_have_is_overlooked() -> None:
    event = estate.event("custom/problem")
    event["detail"] |= {"team": {"name": "payments"}}
    assert found("custom", event).id == found("custom", estate.event("custom/problem")).id


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
ODD = st.sampled_from(
    [
        "\ud800",
        "\x00" * 8,
        "x" * (1 << 20),
        "../../etc/passwd",
        "${jndi:ldap://x}",
        "arn:",
        "arn:aws:::::",
        "1970-01-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "yyyy-mm-ddThh:mm:ssZ",
        10**400,
        -(10**40),
        float("nan"),
        float("inf"),
        [[[[]]]],
        {"": {"": {"": None}}},
    ]
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in an event."""
    pairs: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, inner in pairs for found in ((*path, key), *places(inner, (*path, key)))]


EVERY = [
    f"{source}/{file.stem}"
    for source in (*SOURCES, "billing", "cloudwatch", "delivery", "kubernetes")
    for file in sorted((EVENTS / source).glob("*.json"))
]
EVERYWHERE = [(name, place) for name in EVERY for place in places(estate.event(name))]


@given(st.sampled_from(EVERYWHERE), JSON | ODD)
def test_whatever_stands_anywhere_nothing_but_malformed_is_raised(
    where: tuple[str, tuple[str | int, ...]], value: Any
) -> None:
    name, place = where
    holder: Any = (event := estate.event(name))
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    assert became(name.split("/")[0], event).split(":")[0] in ("finding", "ignored", "malformed")


@given(st.sampled_from(EVERYWHERE))
def test_whatever_is_missing_nothing_but_malformed_is_raised(where: tuple[str, tuple[str | int, ...]]) -> None:
    name, place = where
    holder: Any = (event := estate.event(name))
    for key in place[:-1]:
        holder = holder[key]
    del holder[place[-1]]
    assert became(name.split("/")[0], event).split(":")[0] in ("finding", "ignored", "malformed")


@pytest.mark.parametrize("hours", [-30, -1, 1, 30])
def test_a_senders_clock_that_is_off_by_hours_changes_when_it_was_and_nothing_else(hours: int) -> None:
    event = estate.event("health/retirement")
    moved = datetime.fromisoformat(event["time"]) + timedelta(hours=hours)
    late = event | {"time": moved.isoformat()}
    assert found("health", late).id == found("health", event).id
    assert found("health", late).observed_at == moved


def test_an_event_of_1970_is_a_finding_of_1970() -> None:
    event = estate.event("health/instance-stopped") | {"time": "1970-01-01T00:00:00Z"}
    assert found("health", event).observed_at.year == 1970


@pytest.mark.parametrize("name", EVERY)
def test_a_detail_of_a_mebibyte_is_read_as_well_as_a_small_one(name: str) -> None:
    event = estate.event(name)
    event["detail"] = {**event["detail"], "ballast": "x" * (1 << 20)}
    assert became(name.split("/")[0], event) == became(name.split("/")[0], estate.event(name))


@given(st.sampled_from(SOURCES), st.dictionaries(st.text(max_size=8), JSON, max_size=4))
def test_any_event_at_all_is_ignored_or_malformed(source: str, event: dict[str, Any]) -> None:
    assert became(source, event).split(":")[0] in ("ignored", "malformed")
