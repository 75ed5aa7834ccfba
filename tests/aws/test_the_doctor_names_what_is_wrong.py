"""The doctor: what keeps a policy from firing is named, with what to do; what could not be asked is not called well."""

from typing import Any

import pytest

from cli.diagnosis.delivery import regions, rules, trail
from cli.diagnosis.finding import Level, Patient, Row, examine, reads
from cli.diagnosis.quotas import MEASURED, RULES, concurrency, counted, measured
from cli.diagnosis.sources import access_analyzer, config, guardduty, health, inspector, security_hub
from cli.doctor import CHECKS, as_json
from edsr.policy import Policy
from infra.parts.rules import rules_of
from tests import estate
from tests.aws.services import refusal
from tests.things import a_policy

MANAGEMENT, DATA = (
    {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": [kind]}]}]}
    for kind in ("Management", "Data")
)
CALLS = {"source": ["aws.ec2"], "detail-type": ["AWS API Call via CloudTrail"]}


def waiting(*sources: str, **detect: Any) -> Policy:
    """A policy that waits for events of a source."""
    pattern = detect.pop("pattern", {"source": list(sources)})
    return a_policy(detect={"source": "security", "severity": "high", "pattern": pattern})


def patient(*said: Policy | dict[str, Any], region: str = estate.REGION) -> Patient:
    """An account with these policies, in which some services are a test's own."""
    own = {name: service for one in said if isinstance(one, dict) for name, service in one.items()}
    policies = [one for one in said if isinstance(one, Policy)]
    return Patient(lambda service: own.get(service) or estate.client(service), policies, region)


class Answering:
    """A service that gives one answer to everything, or refuses with one code."""

    def __init__(self, answer: Any = None, refuses: str = "") -> None:
        self.answer, self.refuses = answer, refuses

    def __getattr__(self, _: str) -> Any:
        return self._ask

    def _ask(self, **_: Any) -> Any:
        if self.refuses:
            raise refusal(self.refuses)
        return self.answer


def few(limit: int) -> Answering:
    """A Lambda that lets so many functions run at once."""
    return Answering({"AccountLimit": {"ConcurrentExecutions": limit}})


UNMEASURED = {"service-quotas": Answering({"Quotas": []})}
"""Quotas of which AWS measures nothing."""


@pytest.fixture
def bus(aws: None) -> Any:  # noqa: ARG001 - moto has to answer first
    return estate.client("events")


def rule_name(policy: Policy) -> str:
    (rule,) = rules_of([policy])
    return rule.name


def put(bus: Any, name: str, state: str = "ENABLED") -> None:
    bus.put_rule(Name=name, EventPattern='{"source": ["x"]}', State=state)


def test_a_missing_trail_a_quota_near_its_limit_and_a_disabled_source_are_all_named(bus: Any) -> None:
    called, watched = waiting(pattern=CALLS), waiting("aws.guardduty")
    put(bus, rules_of([called])[0].name)
    for number in range(RULES * 80 // 100):
        put(bus, f"another-{number}")
    estate.client("guardduty").create_detector(Enable=False)
    found = examine(patient(called, watched, {"lambda": few(1000)}, UNMEASURED), CHECKS)
    assert [(row.level, row.what) for row in found] == [
        (Level.BLOCKED, "CloudTrail"),
        (Level.BLOCKED, "GuardDuty"),
        (Level.NEAR, "rules on the default bus"),
    ]
    assert all(row.why and row.remedy for row in found)
    assert found[0].policies == (called.id,)
    assert as_json(found[0])["level"] == "cannot fire"


def test_where_all_is_well_nothing_is_said(bus: Any) -> None:
    policy = waiting("aws.guardduty")
    put(bus, rules_of([policy])[0].name)
    estate.client("guardduty").create_detector(Enable=True)
    assert examine(patient(policy, {"lambda": few(1000)}, UNMEASURED), CHECKS) == []


@pytest.mark.parametrize(("state", "why"), [(None, "missing"), ("DISABLED", "disabled")])
def test_a_rule_that_takes_nothing_is_named(bus: Any, state: str | None, why: str) -> None:
    policy = waiting("aws.guardduty")
    if state:
        put(bus, rules_of([policy])[0].name, state)
    (row,) = rules(patient(policy))
    assert why in row.why
    assert row.policies == (policy.id,)


def test_what_comes_in_one_region_only_is_named_elsewhere(aws: None) -> None:  # noqa: ARG001
    policy = waiting("aws.iam", "aws.ec2")
    assert list(regions(patient(policy))) == []
    (row,) = regions(patient(policy, region="eu-central-1"))
    assert (row.what, row.policies) == ("aws.iam", (policy.id,))
    assert "us-east-1" in row.remedy


def trailed(selectors: Any, logging: bool = True) -> Any:
    """A CloudTrail with one trail."""

    class Trails(Answering):
        def describe_trails(self) -> Any:
            return {"trailList": [{"Name": "t", "TrailARN": "arn", "IsMultiRegionTrail": True}]}

        def get_trail_status(self, **_: Any) -> Any:
            return {"IsLogging": logging}

    return Trails(selectors)


def test_a_trail_that_is_stopped_is_named() -> None:
    (row,) = trail(patient(waiting(pattern=CALLS), {"cloudtrail": trailed({}, logging=False)}))
    assert "t is stopped" in row.why


@pytest.mark.parametrize(
    ("selectors", "lacks"),
    [
        ({"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]}, None),
        ({"EventSelectors": [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]}, "write"),
        ({"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": False}]}, "write"),
        (
            {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]},
            None,
        ),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]}, "write"),
    ],
)
def test_a_trail_that_selects_other_events_is_named(selectors: Any, lacks: str | None) -> None:
    found = list(trail(patient(waiting(pattern=CALLS), {"cloudtrail": trailed(selectors)})))
    assert [f"selects {lacks} events" in row.why for row in found] == ([True] if lacks else [])


def test_without_a_policy_that_waits_for_it_nothing_is_asked() -> None:
    nobody = patient(a_policy(), {name: Answering(refuses="Broken") for name in ("cloudtrail", "guardduty", "health")})
    assert [*trail(nobody), *guardduty(nobody), *health(nobody)] == []


@pytest.mark.parametrize(
    ("check", "service", "source", "off"),
    [
        (guardduty, "guardduty", "aws.guardduty", Answering({"DetectorIds": []})),
        (security_hub, "securityhub", "aws.securityhub", Answering(refuses="InvalidAccessException")),
        (config, "config", "aws.config", Answering({"ConfigurationRecordersStatus": [{"recording": False}]})),
        (inspector, "inspector2", "aws.inspector2", Answering({"accounts": [{"state": {"status": "DISABLED"}}]})),
        (access_analyzer, "accessanalyzer", "aws.access-analyzer", Answering({"analyzers": []})),
        (health, "health", "aws.health", Answering(refuses="SubscriptionRequiredException")),
    ],
)
def test_a_source_that_is_off_is_named_and_one_that_does_not_answer_is_not_called_well(
    check: Any, service: str, source: str, off: Answering
) -> None:
    policy = waiting(source)
    (row,) = check(patient(policy, {service: off}))
    assert (row.level, row.policies) == (Level.BLOCKED, (policy.id,))
    (unknown,) = examine(patient(policy, {service: Answering(refuses="AccessDeniedException")}), [check])
    assert unknown.level is Level.UNKNOWN
    assert "AccessDeniedException" in unknown.why


def test_a_new_accounts_ten_functions_at_once_are_too_few() -> None:
    (row,) = concurrency(patient({"lambda": few(10)}))
    assert row.level is Level.NEAR
    assert "10 may run at once" in row.why


def quota(code: str, value: float, **more: Any) -> dict[str, Any]:
    """One as Service Quotas tells it."""
    return {"ServiceName": "S", "QuotaCode": code, "QuotaName": code.lower(), "Value": value, **more}


def of(metric: str, statistic: str) -> dict[str, Any]:
    """How the use of a quota is measured."""
    said = {"MetricNamespace": "AWS/Usage", "MetricName": metric, "MetricDimensions": {"Service": "S"}}
    return {"UsageMetric": {**said, "MetricStatisticRecommendation": statistic}}


class Quotas:
    """A Service Quotas that tells these of EventBridge, so many a page, and none of other services."""

    def __init__(self, *said: dict[str, Any]) -> None:
        self.said = said

    def list_service_quotas(self, *, ServiceCode: str, NextToken: str = "0") -> Any:  # noqa: N803 - as AWS calls them
        begin = int(NextToken)
        shown = list(self.said[begin : begin + 2]) if ServiceCode == "events" else []
        return {"Quotas": shown, **({"NextToken": str(begin + 2)} if begin + 2 < len(self.said) else {})}


def used(**values: list[float]) -> Answering:
    """A CloudWatch that knows what was used, by the metric's turn."""
    return Answering({"MetricDataResults": [{"Id": name, "Values": said} for name, said in values.items()]})


def test_what_aws_measures_is_held_against_what_the_account_may() -> None:
    quotas = Quotas(
        quota("CALLS", 10, **of("CallCount", "Sum")),
        quota("OPEN", 100, **of("ResourceCount", "Maximum")),
        quota("UNMEASURED", 1),
        quota("CALM", 10, **of("CallCount", "Sum")),
        quota("IDLE", 10, **of("CallCount", "Sum")),
        quota("HOURLY", 100, **of("CallCount", "Sum"), Period={"PeriodValue": 1, "PeriodUnit": "HOUR"}),
    )
    known = used(q0=[60.0, 480.0], q1=[80.0], q2=[479.0], q4=[2.0])
    rows = list(measured(patient({"service-quotas": quotas, "cloudwatch": known})))
    assert [(row.level, row.what) for row in rows] == [
        (Level.NEAR, "S: calls"),  # 480 in a minute are eight a second
        (Level.NEAR, "S: open"),
        (Level.NEAR, "S: hourly"),  # two in a minute would be 120 in an hour
    ]
    assert rows[0].why == f"8 of 10 in the busiest minute of the last day: {MEASURED['events']}"


@pytest.mark.parametrize("service", ["service-quotas", "cloudwatch"])
def test_measures_that_are_denied_are_told_once(service: str) -> None:
    quotas = Quotas(quota("CALLS", 10, **of("CallCount", "Sum")))
    asked = {"service-quotas": quotas, "cloudwatch": used(), service: Answering(refuses="AccessDeniedException")}
    (row,) = examine(patient(asked), [measured])
    assert (row.level, "AccessDeniedException" in row.why) == (Level.UNKNOWN, True)


def test_what_is_counted_is_held_against_what_the_account_was_given(bus: Any) -> None:
    for number in range(80):
        put(bus, f"rule-{number}")
    assert list(counted(patient(UNMEASURED))) == []
    (row,) = counted(patient({"service-quotas": Quotas(quota("L-244521F2", 100))}))
    assert (row.what, row.why.split(":")[0]) == ("rules on the default bus", "80 of 100")


def test_a_pattern_without_a_source_is_not_taken_for_every_source() -> None:
    assert not reads(waiting(pattern={"detail-type": ["x"]}), {"source": "aws.iam"})


def test_the_worst_comes_first() -> None:
    def checked(_: Patient) -> Any:
        """A check."""
        yield Row(Level.NEAR, "b", "", "")
        yield Row(Level.BLOCKED, "c", "", "")

    assert [row.level for row in examine(patient(), [checked])] == [Level.BLOCKED, Level.NEAR]
