"""The commands ask the route: signed in an account, as the local user in the sandbox, and errors say what to do."""

import io
import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from cli.account import Account
from cli.errors import Declined, Unavailable
from cli.route import ask
from edsr.ports import Client
from infra.parts.names import PEOPLE_PARAMETER

KEYS = Credentials("AKIDEXAMPLE", "secret", "session")


class Gateway(BaseHTTPRequestHandler):
    """The route: it keeps what came, and answers what a test wants."""

    came: ClassVar[list[tuple[str, dict[str, str], bytes]]] = []
    status: ClassVar[int] = 200
    said: ClassVar[bytes] = b'{"is": "off"}'

    def do_POST(self) -> None:
        """Keep and answer."""
        body = self.rfile.read(int(self.headers["content-length"]))
        Gateway.came.append((self.path, dict(self.headers.items()), body))
        self.send_response(Gateway.status)
        self.end_headers()
        self.wfile.write(Gateway.said)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Meta:
    """What a client knows of itself."""

    region_name = "eu-central-1"


class Parameters:
    """A parameter store that knows where the route is."""

    meta = Meta

    def __init__(self, url: str) -> None:
        self.url = url

    def get_parameter(self, **said: str) -> dict[str, Any]:
        """As AWS answers."""
        assert said == {"Name": PEOPLE_PARAMETER}
        return {"Parameter": {"Value": self.url}}


class Functions:
    """A Lambda that keeps with what it was invoked."""

    def __init__(self, **answer: Any) -> None:
        self.answer = answer
        self.came: dict[str, Any] = {}

    def invoke(self, **said: Any) -> dict[str, Any]:
        """As AWS answers."""
        self.came = {"function": said["FunctionName"], **json.loads(said["Payload"])}
        return {"Payload": io.BytesIO(json.dumps(self.answer).encode()), **self.answer.get("fault", {})}


@pytest.fixture
def url() -> Iterator[str]:
    """Where the route is."""
    Gateway.came, Gateway.status, Gateway.said = [], 200, b'{"is": "off"}'
    server = HTTPServer(("127.0.0.1", 0), Gateway)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def an_account(url: str, credentials: Any = KEYS, functions: Any = None) -> Account:
    clients: dict[str, Client] = {"ssm": Parameters(url), "lambda": functions}
    return Account("prod", clients.__getitem__, is_sandbox=functions is not None, credentials=credentials)


def test_in_an_account_the_request_is_signed_for_the_route_and_says_nothing_of_who_asks(url: str) -> None:
    assert ask(an_account(url), "/switch", {"do": "off"}) == {"is": "off"}
    ((path, headers, body),) = Gateway.came
    assert (path, json.loads(body)) == ("/switch", {"do": "off"})
    signed = re.match(
        r"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{8}/eu-central-1/execute-api/", headers["Authorization"]
    )
    assert signed
    assert headers["X-Amz-Security-Token"] == "session"


def test_the_signature_is_over_the_body_and_the_path(url: str) -> None:
    ask(an_account(url), "/switch", {"do": "off"})
    ((path, headers, body),) = Gateway.came
    again = AWSRequest("POST", url + path, data=body, headers={"content-type": headers["content-type"]})
    again.context["timestamp"] = headers["X-Amz-Date"]
    signer = SigV4Auth(KEYS.get_frozen_credentials(), "execute-api", "eu-central-1")
    again.headers["X-Amz-Date"] = headers["X-Amz-Date"]
    again.headers["X-Amz-Security-Token"] = "session"
    said = signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again)
    assert headers["Authorization"].endswith(f"Signature={said}")


@pytest.mark.parametrize(
    ("status", "said", "error", "why"),
    [
        (403, b'{"error": "you may not"}', Declined, "you may not"),
        (400, b'{"error": "reason: is missing"}', Declined, "reason: is missing"),
        (503, b'{"error": "lost 20 races"}', Unavailable, "lost 20 races"),
        (403, b'{"message": "Forbidden"}', Unavailable, "you need execute-api:Invoke on POST /switch of edsr-people"),
        (429, b'{"message": "Too Many Requests"}', Unavailable, "try again in a second"),
        (500, b'{"message": "Internal Server Error"}', Unavailable, r"HTTP 500.*docs/operating\.md"),
        (502, b"<html>", Unavailable, r"HTTP 502, and no JSON.*docs/operating\.md"),
    ],
)
def test_each_refusal_says_whose_it_is_and_what_to_do(
    url: str, status: int, said: bytes, error: type[Exception], why: str
) -> None:
    Gateway.status, Gateway.said = status, said
    with pytest.raises(error, match=why):
        ask(an_account(url), "/switch", {})


def test_without_credentials_one_is_told_to_log_in(url: str) -> None:
    with pytest.raises(Unavailable, match="the profile 'prod' has no credentials: log in"):
        ask(an_account(url, credentials=None), "/switch", {})
    assert Gateway.came == []


def test_a_route_that_is_not_there_leads_to_the_second_path() -> None:
    with pytest.raises(Unavailable, match=r"cannot be reached.*docs/operating\.md says how to stop everything without"):
        ask(an_account("http://127.0.0.1:9"), "/switch", {})


def test_nobody_says_who_they_are_in_an_account(url: str) -> None:
    with pytest.raises(Declined, match="in an account AWS says who you are"):
        ask(an_account(url), "/switch", {}, "bob")
    assert Gateway.came == []


def test_in_the_sandbox_the_function_gets_the_routes_event_of_a_user_whom_no_account_has() -> None:
    functions = Functions(statusCode=200, body='{"is": "off"}')
    account = an_account("https://abc123.execute-api.example", functions=functions)
    assert ask(account, "/latches", {"latch": "x"}, "ann") == {"is": "off"}
    context = functions.came["requestContext"]
    assert functions.came["function"] == "edsr-control-switch"
    assert context["authorizer"]["iam"]["userArn"] == "arn:aws:iam::000000000000:user/sandbox/ann"
    assert (context["apiId"], functions.came["rawPath"]) == ("abc123", "/latches")


def test_a_function_that_fails_in_the_sandbox_is_named_with_its_error() -> None:
    functions = Functions(errorType="Denied", errorMessage="no", fault={"FunctionError": "Unhandled"})
    with pytest.raises(Unavailable, match="edsr-approve-answer failed: Denied: no"):
        ask(an_account("https://abc.example", functions=functions), "/answers", {})
