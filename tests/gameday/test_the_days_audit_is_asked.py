"""What passed the boundary is a trail; the days' audit and the trail are asked as auditors ask."""

import gzip
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from cli.export import LINES, files
from cli.gameday import asking, trail
from cli.gameday.place import Seen
from cli.gameday.wire import Asked, Said, call
from edsr.model import AuditRecord, Kind
from edsr.ports import utc_now
from edsr.times import parse
from tests.lake import HAND, an_incident, exported
from tests.things import ALIAS

NOW = utc_now() - timedelta(minutes=5)
WELL = Said(200, {}, b"{}")
FORM, JSON = "application/x-www-form-urlencoded; charset=utf-8", "application/x-amz-json-1.1"


def asked(service: str, method: str = "POST", path: str = "/", body: bytes = b"", **headers: str) -> Asked:
    """A request of a hand's."""
    signed = f"AWS4-HMAC-SHA256 Credential=X/20260301/us-east-1/{service}/aws4_request, Signature=x"
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return Asked(method, path, {"authorization": signed, "user-agent": f"Boto3/1 app/{HAND}", **more}, body)


MOVED = asked("lambda", "PUT", "/2015-03-31/functions/checkout/aliases/live", b'{"FunctionVersion": "1"}')


def noted(request: Asked, said: Said = WELL) -> trail.Event | None:
    """What the trail has of a request."""
    return trail.event(Seen(NOW, call(request), said.status, 0.1), request, said)


@pytest.mark.parametrize(
    ("request_", "name", "parameters"),
    [
        (MOVED, "UpdateAlias", {"functionName": "checkout", "name": "live", "functionVersion": "1"}),
        (
            asked("ecs", body=b'{"service": "shop", "desiredCount": 4}', x_amz_target="EC2Ecs.UpdateService"),
            "UpdateService",
            {"service": "shop", "desiredCount": 4},
        ),
        (
            asked("ec2", body=b"Action=RevokeSecurityGroupIngress&Version=1&GroupId=sg-1", content_type=FORM),
            "RevokeSecurityGroupIngress",
            {"groupId": "sg-1"},
        ),
        (
            asked("apigateway", "PATCH", "/restapis/ab%20c/stages/prod", b'{"patchOperations": []}'),
            "UpdateStage",
            {"restApiId": "ab c", "stageName": "prod", "patchOperations": []},
        ),
        (asked("lambda", "PUT", "/2015-03-31/functions/f/aliases/live", b"no JSON"), "UpdateAlias", None),
    ],
    ids=["path and body", "target", "form", "quoted path", "no JSON"],
)
def test_a_call_is_noted_with_what_it_asks_for(
    request_: Asked, name: str, parameters: dict[str, object] | None
) -> None:
    event = noted(request_)
    assert event
    assert event["eventName"] == name
    assert event["requestParameters"] == (parameters or {"functionName": "f", "name": "live"})
    assert event["userIdentity"]["arn"].endswith(f"/{HAND}")
    assert "errorCode" not in event


@pytest.mark.parametrize(
    "request_",
    [
        asked("lambda", "GET", "/2015-03-31/functions/checkout/aliases/live"),
        asked("dynamodb", x_amz_target="DynamoDB_20120810.TransactWriteItems"),
        asked("events", x_amz_target="AWSEvents.PutEvents"),
        asked("sns", body=b"Action=Publish", content_type=FORM),
        asked("s3", "PUT", "/bucket/key"),
        MOVED._replace(headers={**MOVED.headers, "user-agent": "Boto3/1"}),
    ],
    ids=["a read", "a row", "an event", "a message", "an object", "somebody else's"],
)
def test_what_no_trail_has_by_default_is_not_noted(request_: Asked) -> None:
    assert noted(request_) is None


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Said(400, {"x-amzn-ErrorType": "ThrottlingException:http"}, b""), "ThrottlingException"),
        (Said(400, {}, b'{"__type": "com.amazon#AccessDenied"}'), "AccessDenied"),
        (Said(403, {}, b"<Error><Code>UnauthorizedOperation</Code></Error>"), "UnauthorizedOperation"),
        (Said(500, {}, b"?"), "UnknownError"),
    ],
)
def test_what_was_refused_is_noted_as_refused(said: Said, code: str) -> None:
    event = noted(MOVED, said)
    assert event
    assert event["errorCode"] == code


def lane(folder: Path, chains: Sequence[Sequence[AuditRecord]], calls: int) -> list[asking.Asking]:
    """What a lane's audit says, with so many calls in its trail a moment after the first intent."""
    exported(folder / asking.AUDIT, chains)
    intent = next((one for chain in chains for one in chain if one.kind is Kind.INTENT), None)
    at = parse(intent.ts) + timedelta(seconds=0.5) if intent else NOW
    event = trail.event(Seen(at, call(MOVED), 200, 0.1), MOVED, WELL)
    assert event
    trail.write(folder / asking.TRAIL, [event | {"eventID": f"e-{n}"} for n in range(calls)])
    return asking.ask(folder)


ACTED = an_incident("checkout", at=NOW).acted(ALIAS).closed().records


def test_where_each_action_has_its_call_nothing_is_wrong(tmp_path: Path) -> None:
    found = {one.name: one for one in lane(tmp_path, [ACTED], 1)}
    assert asking.problems(list(found.values())) == []
    assert found["actions-on-a-resource"].told == {"resource": ALIAS}
    assert found["one-incident"].told == {"incident": ACTED[0].incident_id}
    assert len(found["one-incident"].rows) == len(ACTED)
    assert [row["percent"] for row in found["completeness"].rows] == [100.0]


@pytest.mark.parametrize(
    ("calls", "records", "what"),
    [
        (2, ACTED, "1 calls of the suite's that its audit lacks: calls-without-record"),
        (0, ACTED, "1 actions in the audit that nobody saw: records-without-call"),
        (1, ACTED[:1] + ACTED[2:], "gaps in the audit's chains: gaps-in-the-chain"),
        (1, ACTED[1:], "nothing allowed"),
        (2, ACTED, "the audit is not complete"),
    ],
)
def test_what_auditors_would_find_is_told(
    calls: int, records: Sequence[AuditRecord], what: str, tmp_path: Path
) -> None:
    assert what in "\n".join(asking.problems(lane(tmp_path, [records], calls)))


def test_where_nothing_was_done_what_is_about_something_is_not_asked(tmp_path: Path) -> None:
    names = {one.name for one in lane(tmp_path, [an_incident("quiet", at=NOW).records], 0)}
    assert not names & {"actions-on-a-resource", "one-incident"}
    assert "refusals" in names


def test_only_what_this_run_has_kept_is_there(tmp_path: Path) -> None:
    lane(tmp_path / "lane-1", [ACTED], 1)
    assert [one.name for one in asking.kept(tmp_path)] == ["lane-1"]
    asking.forget(tmp_path)
    assert asking.kept(tmp_path) == []
    assert list(files(tmp_path, LINES)) == []


def test_a_trail_is_written_as_cloudtrail_delivers_it(tmp_path: Path) -> None:
    event = noted(MOVED)
    assert event
    (file,) = trail.write(tmp_path, [event]).rglob("*.json.gz")
    assert json.loads(gzip.decompress(file.read_bytes())) == {"Records": [event]}
    assert f"/us-east-1/{event['eventTime'][:10].replace('-', '/')}/" in file.as_posix()
