"""control: the switch's sixteen items are made with the stack, and an engaged one survives every deploy."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest

import control.handler
from edsr.aws.store import DynamoStore
from edsr.errors import Transient
from edsr.policy import Library
from edsr.protocol import keys
from tests import estate


class CloudFormation(BaseHTTPRequestHandler):
    """What CloudFormation was told."""

    told: ClassVar[list[dict[str, Any]]] = []
    status: ClassVar[int] = 200

    def do_PUT(self) -> None:
        """Take an answer."""
        said = self.rfile.read(int(self.headers["Content-Length"]))
        self.told.append(json.loads(said))
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quietly."""


@pytest.fixture
def url() -> Iterator[str]:
    CloudFormation.told.clear()
    CloudFormation.status = 200
    server = HTTPServer(("127.0.0.1", 0), CloudFormation)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/answer?signature=x"
    server.shutdown()
    thread.join()
    server.server_close()


def request(url: str, library: Library, kind: str = "Create") -> None:
    said = {"RequestType": kind, "ResponseURL": url, "StackId": "s", "RequestId": "r", "LogicalResourceId": "l"}
    estate.call(control.handler.handler, said, estate.TABLES, library)


def switches() -> list[dict[str, Any] | None]:
    found = DynamoStore(estate.client("dynamodb"), estate.TABLES).read([keys.switch(n) for n in range(16)])
    return [found[keys.switch(n)]["engaged"] if keys.switch(n) in found else None for n in range(16)]


def empty() -> None:
    for number in range(16):
        key = keys.switch(number)
        named = {"pk": {"S": key.pk}, "sk": {"S": str(key.sk)}}
        estate.client("dynamodb").delete_item(TableName="edsr-state", Key=named)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_sixteen_released_switches_are_made_and_cloudformation_is_told(url: str, library: Library, kind: str) -> None:
    estate.make_tables()
    empty()
    request(url, library, kind)
    assert switches() == [{}] * 16
    (said,) = CloudFormation.told
    assert said == {
        "Status": "SUCCESS",
        "Reason": "the kill switch is there",
        "PhysicalResourceId": "edsr-kill-switch",
        "StackId": "s",
        "RequestId": "r",
        "LogicalResourceId": "l",
    }


@pytest.mark.usefixtures("aws")
def test_an_engaged_switch_survives(url: str, library: Library) -> None:
    estate.make_tables()
    key = keys.switch(3)
    engaged = {"M": {"all": {"M": {"by": {"S": "me"}}}}}
    item = {"pk": {"S": key.pk}, "sk": {"S": str(key.sk)}, "engaged": engaged}
    estate.client("dynamodb").put_item(TableName="edsr-state", Item=item)
    request(url, library)
    assert switches()[3] == {"all": {"by": "me"}}


@pytest.mark.usefixtures("aws")
def test_deleting_the_stack_leaves_the_switches_to_the_table(url: str, library: Library) -> None:
    estate.make_tables()
    empty()
    request(url, library, "Delete")
    assert switches() == [None] * 16
    assert CloudFormation.told[0]["Status"] == "SUCCESS"


@pytest.mark.usefixtures("aws")
def test_cloudformation_is_told_of_a_failure_instead_of_being_kept_waiting(url: str, library: Library) -> None:
    request(url, library)
    assert CloudFormation.told[0]["Status"] == "FAILED"
    assert "ResourceNotFoundException" in CloudFormation.told[0]["Reason"]


@pytest.mark.usefixtures("aws")
def test_an_answer_that_does_not_arrive_is_given_again(url: str, library: Library) -> None:
    estate.make_tables()
    CloudFormation.status = 500
    with pytest.raises(Transient, match="did not take the answer: HTTP 500"):
        request(url, library)
