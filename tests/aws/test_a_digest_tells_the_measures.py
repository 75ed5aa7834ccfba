"""The digest: CloudWatch is asked for the measures as the table has them, and a topic is told of what it says."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.validate import ParamValidator

import record.digest
from edsr.errors import Malformed, Transient
from edsr.indicators.table import INDICATORS
from edsr.metrics import METRICS
from edsr.policy import Library
from edsr.ports import Client
from edsr.serve import Runtime
from edsr.settings import Digest
from tests.aws.services import refusal
from tests.estate import REGION

NOW = datetime(2026, 3, 2, 7, 0, 12, tzinfo=UTC)
TOPIC = "arn:aws:sns:us-east-1:123456789012:edsr-digests"


class Services:
    """A CloudWatch that has these figures, and an SNS that remembers; both know what AWS takes."""

    def __init__(self, figures: dict[str, float]) -> None:
        self.figures = figures
        self.asked: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []

    def __call__(self, service: str, *, mutating: bool = False) -> Client:
        """Both in one."""
        assert service in ("cloudwatch", "sns")
        assert not mutating
        return self

    def get_paginator(self, operation: str) -> "Services":
        """Of metric data."""
        assert operation == "get_metric_data"
        return self

    def paginate(self, **said: Any) -> list[dict[str, Any]]:
        """Two pages."""
        _valid("cloudwatch", "GetMetricData", said)
        self.asked.append(said)
        if "throttled" in self.figures:
            raise refusal("Throttling")
        shown = [query["Id"] for query in said["MetricDataQueries"] if query["ReturnData"]]
        results = [{"Id": name, "Values": [self.figures[name]] if name in self.figures else []} for name in shown]
        return [{"MetricDataResults": results[:3]}, {"MetricDataResults": results[3:]}]

    def publish(self, **said: Any) -> None:
        """Told."""
        _valid("sns", "Publish", said)
        assert len(said["Subject"]) <= 100
        assert said["Subject"].isascii()
        self.told.append(said)


def _valid(service: str, operation: str, said: dict[str, Any]) -> None:
    shape = boto3.client(service, region_name=REGION).meta.service_model.operation_model(operation).input_shape
    assert not ParamValidator().validate(said, shape).has_errors()


def tell(services: Services, library: Library, days: Any = 7) -> dict[str, Any]:
    runtime = Runtime(Digest(digest_topic=TOPIC), services, lambda: NOW, lambda: library)
    answer: dict[str, Any] = record.digest.handler.handle({"v": 1, "days": days}, runtime)
    return answer


WELL = {"m1": 12.5, "m2": 120, "m3": 98, "m4": 1, "m7": 100, "m8": 210, "m10": 100, "a1": 61}


@pytest.mark.usefixtures("credentials")
def test_a_week_is_the_seven_whole_days_before_today(library: Library) -> None:
    services = Services(WELL)
    tell(services, library)
    (asked,) = services.asked
    assert (asked["StartTime"].isoformat(), asked["EndTime"].isoformat()) == (
        "2026-02-23T00:00:00+00:00", "2026-03-02T00:00:00+00:00",
    )  # fmt: skip


@pytest.mark.usefixtures("credentials")
def test_every_measure_is_asked_for_by_metrics_that_record_emits(library: Library) -> None:
    services = Services(WELL)
    tell(services, library)
    queries = services.asked[0]["MetricDataQueries"]
    assert [one["Id"] for one in queries if one["ReturnData"]] == [one.id.lower() for one in INDICATORS]
    stats = [one["MetricStat"] for one in queries if "MetricStat" in one]
    assert {one["Metric"]["MetricName"] for one in stats} <= set(METRICS)
    assert {one["Period"] for one in stats} == {7 * 86_400}
    assert {(d["Name"], d["Value"]) for one in stats for d in one["Metric"]["Dimensions"]} == {("service", "edsr")}


@pytest.mark.usefixtures("credentials")
def test_what_is_missed_is_told_first_and_in_the_subject(library: Library) -> None:
    services = Services(WELL | {"m3": 90, "m5": 1})
    assert tell(services, library) == {"days": 7, "missed": 2, "of": 8}
    (told,) = services.told
    assert (told["TopicArn"], told["Subject"]) == (TOPIC, "EDSR: the last 7 days, 2 of 8 targets missed")
    lines = told["Message"].splitlines()
    assert lines[2] == "MISSED M3 remediation success rate: 90 % (target: >= 95 %)"
    assert "M1 time to detect: 12.5 s (target: <= 60 s)" in lines
    assert "M6 manual interventions avoided: 0 (target: watched)" in lines


@pytest.mark.usefixtures("credentials")
def test_what_nobody_could_measure_is_told_as_that(library: Library) -> None:
    services = Services({})
    assert tell(services, library) == {"days": 7, "missed": 0, "of": 1}
    assert "M1 time to detect: - (target: <= 60 s)" in services.told[0]["Message"]


@pytest.mark.usefixtures("credentials")
def test_figures_that_cannot_be_read_are_not_told_as_none(library: Library) -> None:
    services = Services({"throttled": 1})
    with pytest.raises(Transient):
        tell(services, library)
    assert services.told == []


@pytest.mark.parametrize("days", [0, 32, "7", None])
def test_a_period_that_is_none_is_refused(library: Library, days: Any) -> None:
    with pytest.raises(Malformed):
        tell(Services({}), library, days)
