"""Which AWS call a request is, and how AWS says no on the wire: read from botocore's own models of the services."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.model import ServiceModel

SIGNED = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")
CALLER = re.compile(r"\bapp/([A-Za-z0-9-]+)")
"""What the SDK puts into a user agent for the name of an application."""

SERVICES = {
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
    "elasticloadbalancing": "elbv2",
    "appconfig": "appconfig",
    "tagging": "resourcegroupstaggingapi",
}
"""By what a request is signed for, where the SDK calls the service otherwise."""


class Asked(NamedTuple):
    """A request as it comes: its body is whole."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Call(NamedTuple):
    """`service` as the SDK calls it, `operation` as its model does; empty when it is none of a known model.

    `caller` is the function that asks, or empty.
    """

    service: str
    operation: str
    caller: str = ""

    @property
    def name(self) -> str:
        """Such as `lambda:UpdateAlias`."""
        return f"{self.service}:{self.operation}"


class Said(NamedTuple):
    """An answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@cache
def model(service: str) -> ServiceModel | None:
    """A service's model; None for what is no service of the SDK."""
    loader = botocore.session.get_session().get_component("data_loader")
    try:
        return ServiceModel(loader.load_service_model(service, "service-2"), service)
    except UnknownServiceError:
        return None


def call(asked: Asked) -> Call:
    """Which call it is."""
    signed = SIGNED.search(asked.headers.get("authorization", ""))
    service = SERVICES.get(signed[1], signed[1]) if signed else ""
    caller = CALLER.search(asked.headers.get("user-agent", ""))
    return Call(service, _operation(service, asked), caller[1] if caller else "")


def _operation(service: str, asked: Asked) -> str:
    if target := asked.headers.get("x-amz-target"):
        return target.rpartition(".")[2]
    if "/operation/" in asked.path:  # CBOR over a path of its own
        return asked.path.rpartition("/operation/")[2]
    if asked.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return parse_qs(asked.body.decode(errors="replace")).get("Action", [""])[0]
    return _of_path(service, asked.method, urlsplit(asked.path).path) if service else ""


def _of_path(service: str, method: str, path: str) -> str:
    """Of the models' paths the one that says most literally what was asked for."""
    fitting = [
        (len(pattern.pattern), name)
        for verb, pattern, name in _paths(service)
        if verb == method and pattern.fullmatch(path)
    ]
    return max(fitting, default=(0, ""))[1]


@cache
def _paths(service: str) -> list[tuple[str, re.Pattern[str], str]]:
    known = model(service)
    return [_path(known, name) for name in known.operation_names] if known else []


def _path(known: ServiceModel, name: str) -> tuple[str, re.Pattern[str], str]:
    http = known.operation_model(name).http
    literal = urlsplit(http["requestUri"]).path.rstrip("/") or "/"
    parts = re.split(r"(\{[^}]+\})", literal)
    shape = "".join(
        (".+" if part.endswith("+}") else "[^/]+") if part.startswith("{") else re.escape(part) for part in parts
    )
    return http["method"], re.compile(shape + "/?"), name


def refused(service: str, code: str, message: str) -> Said:
    """An error as the service says it."""
    known = model(service)
    protocol = known.metadata["protocol"] if known else "json"
    status = 429 if code.endswith("TooManyRequestsException") else 400
    if protocol in ("query", "ec2", "rest-xml"):
        fault = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        wrapped = f"<Response><Errors>{fault}</Errors><RequestID>game-day</RequestID></Response>"
        plain = f"<ErrorResponse>{fault}<RequestId>game-day</RequestId></ErrorResponse>"
        body = {"ec2": wrapped, "rest-xml": fault}.get(protocol, plain)
        return Said(status, {"Content-Type": "text/xml"}, body.encode())
    return as_json(status, {"__type": code, "message": message}, code)


def as_json(status: int, body: Any, code: str = "") -> Said:
    """An answer in JSON, whether it is well or an error."""
    named = {"x-amzn-ErrorType": code, "x-amzn-query-error": f"{code};Sender"} if code else {}
    return Said(status, {"Content-Type": "application/x-amz-json-1.1", **named}, json.dumps(body, default=str).encode())
