"""Calls pass the boundary unharmed, are counted, and meet the faults that are in force, as often as they were told."""

import http.client
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from cli.gameday.boundary import Boundary
from cli.gameday.faults import Fault, Faults, times
from cli.gameday.stand_ins import StandIns

HAND = "edsr-act-shift-alias"
ALIAS = {"FunctionName": "checkout", "Name": "live"}


class Engine(BaseHTTPRequestHandler):
    """Answers every call well, and counts."""

    protocol_version = "HTTP/1.1"
    answered = 0

    def answer(self) -> None:
        """The same each time."""
        self.rfile.read(int(self.headers.get("content-length") or 0))
        Engine.answered += 1
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        """Quiet."""


for verb in ("GET", "POST", "PUT"):
    setattr(Engine, f"do_{verb}", Engine.answer)


@pytest.fixture
def killed() -> list[str]:
    """The functions that died."""
    return []


@pytest.fixture
def boundary(killed: list[str]) -> Iterator[Boundary]:
    """A boundary in front of such an engine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Engine)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    Engine.answered = 0
    stand_ins = StandIns(lambda _service: None)
    with Boundary(lambda: int(server.server_address[1]), Faults(killed.append), stand_ins) as made:
        yield made
    server.shutdown()
    server.server_close()


def client(boundary: Boundary, service: str, who: str = HAND) -> Any:
    """A client as a function has it."""
    config = Config(user_agent_appid=who, retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=5)
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, endpoint_url=boundary.address, region_name="us-east-1", config=config, **keys)


def fault(kind: str, **more: Any) -> Fault:
    """A fault of moving aliases."""
    return Fault.model_validate({"kind": kind, "call": "lambda:UpdateAlias", **more})


def test_what_a_hand_changes_is_counted_and_what_it_reads_is_not(boundary: Boundary) -> None:
    client(boundary, "lambda").update_alias(**ALIAS)
    client(boundary, "lambda").get_alias(**ALIAS)
    client(boundary, "lambda", "edsr-verify").update_alias(**ALIAS)
    assert [seen.call.name for seen in boundary.effects()] == ["lambda:UpdateAlias"]
    assert Engine.answered == 3


@pytest.mark.parametrize(("kind", "code"), [("throttled", "ThrottlingException"), ("denied", "AccessDeniedException")])
def test_a_refusal_reaches_nobody_and_is_over_after_its_time(boundary: Boundary, kind: str, code: str) -> None:
    boundary.faults.add(fault(kind))
    with pytest.raises(ClientError) as caught:
        client(boundary, "lambda").update_alias(**ALIAS)
    assert caught.value.response["Error"]["Code"] == code
    assert (Engine.answered, boundary.effects()) == (0, [])
    client(boundary, "lambda").update_alias(**ALIAS)
    assert times(boundary.faults.met) == {f"{kind} lambda:UpdateAlias": 1}


def test_a_lost_answer_is_an_effect_all_the_same(boundary: Boundary) -> None:
    boundary.faults.add(fault("lost"))
    with pytest.raises(ConnectionClosedError):
        client(boundary, "lambda").update_alias(**ALIAS)
    assert len(boundary.effects()) == Engine.answered == 1


@pytest.mark.parametrize(("kind", "reached"), [("crash-before", 0), ("crash-after", 1)])
def test_a_crash_is_the_callers_before_or_after_its_call(
    boundary: Boundary, killed: list[str], kind: str, reached: int
) -> None:
    boundary.faults.add(fault(kind, function=HAND))
    with pytest.raises(ConnectionClosedError):
        client(boundary, "lambda").update_alias(**ALIAS)
    assert (killed, Engine.answered) == ([HAND], reached)


def test_it_strikes_no_other_function_and_lets_go_well_what_comes_first(boundary: Boundary) -> None:
    boundary.faults.add(fault("throttled", function=HAND, after=1))
    client(boundary, "lambda", "edsr-act-other").update_alias(**ALIAS)
    client(boundary, "lambda").update_alias(**ALIAS)
    with pytest.raises(ClientError):
        client(boundary, "lambda").update_alias(**ALIAS)


def test_what_is_lifted_strikes_no_more(boundary: Boundary) -> None:
    boundary.faults.add(fault("denied", times=100))
    boundary.faults.lift()
    client(boundary, "lambda").update_alias(**ALIAS)


def test_what_stands_in_keeps_its_state_and_refuses_what_aws_would(boundary: Boundary) -> None:
    scaling = client(boundary, "application-autoscaling", "edsr-act-cap-tasks")
    what = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "ResourceId": "service/a/b"}
    scaling.register_scalable_target(MinCapacity=2, MaxCapacity=50, **what)
    scaling.register_scalable_target(MaxCapacity=20, **what)
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=["service/a/b"])[
        "ScalableTargets"
    ]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 20)
    assert Engine.answered == 0
    assert len(boundary.effects()) == 2
    connection = http.client.HTTPConnection(boundary.address.removeprefix("http://"))
    headers = {
        "x-amz-target": "AnyScaleFrontendService.RegisterScalableTarget",
        "authorization": "AWS4-HMAC-SHA256 Credential=test/20260302/us-east-1/application-autoscaling/aws4_request",
    }
    connection.request("POST", "/", '{"MaxCapacity": "many"}', headers)
    answer = connection.getresponse()
    assert answer.status == 400
    assert b"ServiceNamespace" in answer.read()
    connection.close()
