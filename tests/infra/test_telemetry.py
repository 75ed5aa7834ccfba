"""OTLP is one switch: off, nothing of it is deployed; on, a collector reads the metrics that the suite emits."""

import base64
import gzip
import json
import struct
import urllib.error
import urllib.request
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from edsr import settings
from edsr.metrics import METRICS, NAMESPACE
from edsr.serve import Runtime
from infra.app import build
from infra.config import load
from infra.errors import ConfigurationInvalid
from tests.estate import client
from tests.infra.collector import KEY, Point, collecting, varint
from tests.infra.reading import Assembly

SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:collector-AbCdEf"
OTLP = {"endpoint": "https://collector.example.com/v1/metrics", "secret": SECRET}
STREAM, DELIVERY = "AWS::CloudWatch::MetricStream", "AWS::KinesisFirehose::DeliveryStream"


@pytest.fixture(scope="module")
def streaming(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """The suite with the switch on."""
    return Assembly(build(tmp_path_factory.mktemp("otlp"), given={"otlp": OTLP}))


def test_without_the_switch_nothing_of_it_is_there(dev: Assembly) -> None:
    assert list(dev.compute.of(STREAM)) + list(dev.compute.of(DELIVERY)) == []


def test_the_suites_metrics_and_no_others_are_streamed_as_opentelemetry(streaming: Assembly) -> None:
    stream = streaming.compute.one(STREAM)
    assert (stream["OutputFormat"], stream["IncludeFilters"]) == ("opentelemetry1.0", [{"Namespace": NAMESPACE}])
    (more,) = stream["StatisticsConfigurations"]
    assert {one["MetricName"] for one in more["IncludeMetrics"]} <= set(METRICS)


def test_they_are_delivered_to_the_collector_whose_key_is_in_no_template(streaming: Assembly) -> None:
    said = streaming.compute.one(DELIVERY)["HttpEndpointDestinationConfiguration"]
    assert said["EndpointConfiguration"] == {"Name": "collector", "Url": OTLP["endpoint"]}
    assert said["SecretsManagerConfiguration"]["SecretARN"] == SECRET
    assert (said["S3BackupMode"], said["RequestConfiguration"]["ContentEncoding"]) == ("FailedDataOnly", "GZIP")


def test_each_of_its_roles_may_only_hand_on(streaming: Assembly) -> None:
    roles = {
        role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"].get("Service"): role
        for role in streaming.compute.of("AWS::IAM::Role").values()
    }
    for service in ("streams.metrics.cloudwatch.amazonaws.com", "firehose.amazonaws.com"):
        role = roles[service]
        assert "PermissionsBoundary" in role
        assert "aws:SourceAccount" in json.dumps(role["AssumeRolePolicyDocument"])
        said = [item for policy in role["Policies"] for item in policy["PolicyDocument"]["Statement"]]
        assert all(item["Resource"] != "*" for item in said)


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "http://collector.example.com"},
        {"endpoint": "https://collector.example.com:4318/v1/metrics"},
        {"endpoint": "https://user:key@collector.example.com"},
        {"secret": "a-key-in-clear"},
        {"key": "a-key-in-clear"},
    ],
)
def test_what_firehose_would_not_take_or_would_show_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(ConfigurationInvalid, match="otlp"):
        load("dev", {"otlp": OTLP | change})


def piece(number: int, data: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(data)) + data


def double(number: int, value: float) -> bytes:
    return varint(number << 3 | 1) + struct.pack("<d", value)


def attribute(key: str, value: Any) -> bytes:
    """A pair; of several values each is a pair again."""
    if isinstance(value, dict):
        said = piece(6, b"".join(piece(1, attribute(name, one)) for name, one in value.items()))
    else:
        said = piece(1, value.encode())
    return piece(1, key.encode()) + piece(2, said)


def streamed(line: dict[str, Any]) -> bytes:
    """One line of the log, as CloudWatch would stream the metric that it reads from it."""
    ((directive,),) = (line["_aws"]["CloudWatchMetrics"],)
    ((metric,), (names,)) = directive["Metrics"], directive["Dimensions"]
    values, space = line[metric["Name"]], directive["Namespace"]
    about = {"Namespace": space, "MetricName": metric["Name"], "Dimensions": {name: line[name] for name in names}}
    quantiles = b"".join(piece(6, double(1, at) + double(2, of(values))) for at, of in ((0.0, min), (1.0, max)))
    said = b"".join(piece(7, attribute(key, value)) for key, value in about.items())
    count = varint(4 << 3 | 1) + struct.pack("<Q", len(values))
    summary = piece(1, count + double(5, sum(values)) + quantiles + said)
    name = f"amazonaws.com/{space}/{metric['Name']}"
    made = piece(1, name.encode()) + piece(3, b"{Count}") + piece(11, summary)
    request = piece(1, piece(2, piece(2, made)))
    return varint(len(request)) + request


def deliver(url: str, records: list[bytes], key: str) -> dict[str, Any]:
    """As Firehose does it."""
    data = [{"data": base64.b64encode(record).decode()} for record in records]
    body = gzip.compress(json.dumps({"requestId": "r-1", "timestamp": 1, "records": data}).encode())
    headers = {
        "Content-Type": "application/json", "Content-Encoding": "gzip", "X-Amz-Firehose-Protocol-Version": "1.0",
        "X-Amz-Firehose-Request-Id": "r-1", "X-Amz-Firehose-Access-Key": key,
    }  # fmt: skip
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - the stand-in on this machine
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        said: dict[str, Any] = json.loads(answer.read())
        return said


def emitted(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """A line of the log for each metric of the table, as a function prints it."""
    runtime: Runtime[Any] = Runtime(settings.Verify(), client)
    capsys.readouterr()
    for number, metric in enumerate(METRICS.values()):
        runtime.count(metric.name, number + 0.5, **{name: values[0] for name, values in metric.dimensions.items()})
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_collector_reads_every_metric_with_its_value_and_dimensions(
    streaming: Assembly, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = {one["Namespace"] for one in streaming.compute.one(STREAM)["IncludeFilters"]}
    lines = [line for line in emitted(capsys) if line["_aws"]["CloudWatchMetrics"][0]["Namespace"] in wanted]
    with collecting() as collector:
        records = [b"".join(map(streamed, lines[start : start + 5])) for start in range(0, len(lines), 5)]
        assert deliver(collector.url, records, KEY)["requestId"] == "r-1"
    read: dict[str, list[Point]] = defaultdict(list)
    for point in collector.points:
        read[point.metric].append(point)
    assert set(read) == {f"amazonaws.com/edsr/{name}" for name in METRICS}
    for number, metric in enumerate(METRICS.values()):
        (point,) = read[f"amazonaws.com/edsr/{metric.name}"]
        assert (point.values, point.total, point.quantiles) == (1, number + 0.5, {0.0: number + 0.5, 1.0: number + 0.5})
        said = {name: values[0] for name, values in metric.dimensions.items()}
        assert point.attributes["Dimensions"].items() >= said.items()


def test_a_collector_that_does_not_know_the_key_takes_nothing() -> None:
    with collecting() as collector, pytest.raises(urllib.error.HTTPError, match="401"):
        deliver(collector.url, [], "another")
    assert collector.points == []


def test_the_page_says_where_the_switch_is() -> None:
    assert '"otlp"' in (Path(__file__).parents[2] / "docs" / "operating.md").read_text()
