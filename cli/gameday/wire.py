"""Which AWS call a request is, and how AWS says no on the wire: read from botocore's own models of the services."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, ServiceModel

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
        (len(pattern.pattern) - 2 * pattern.groups, name)
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
    return http["method"], re.compile(_shape(http["requestUri"])), name


def _shape(uri: str) -> str:
    """What a path looks like; what it asks for are its groups."""
    parts = re.split(r"(\{[^}]+\})", urlsplit(uri).path.rstrip("/") or "/")
    return (
        "".join(
            ("(.+)" if part.endswith("+}") else "([^/]+)") if part.startswith("{") else re.escape(part)
            for part in parts
        )
        + "/?"
    )


def parameters(call: Call, asked: Asked) -> dict[str, Any]:
    """What a call asks for, as CloudTrail notes it: by the API's names, with a small first letter."""
    return {name[:1].lower() + name[1:]: value for name, value in _parameters(call, asked).items()}


def _parameters(call: Call, asked: Asked) -> dict[str, Any]:
    known, url = model(call.service), urlsplit(asked.path)
    text = asked.body.decode(errors="replace")
    if asked.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {name: said[0] for name, said in parse_qs(text).items() if name not in ("Action", "Version")}
    in_query = {name: said[0] for name, said in parse_qs(url.query).items()}
    in_path = _in_path(known.operation_model(call.operation), url.path) if known and call.operation else {}
    return {**in_path, **in_query, **_object(text)}


def _in_path(asked: OperationModel, path: str) -> dict[str, str]:
    """What a path asks for, by the names of the API, which calls it otherwise in its paths."""
    uri = asked.http.get("requestUri", "/")
    members = asked.input_shape.members.items() if asked.input_shape else ()
    names = {member.serialization.get("name", name): name for name, member in members}
    found = re.fullmatch(_shape(uri), path)
    said = re.findall(r"\{([^}+]+)\+?\}", urlsplit(uri).path)
    return {
        names.get(name, name): unquote(value)
        for name, value in zip(said, found.groups() if found else (), strict=False)
    }


def _object(text: str) -> dict[str, Any]:
    """A body's members; other bodies than objects of JSON are not noted."""
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


CODE = re.compile(rb'(?:"__type"\s*:\s*"|<Code>)(?:[\w.]+#)?(\w+)')


def code(said: Said) -> str | None:
    """The error that a service answers with; None when it answers well."""
    if said.status < 400:
        return None
    found = CODE.search(said.body)
    named = said.headers.get("x-amzn-ErrorType", "").split(":")[0]
    return named or (found[1].decode() if found else "UnknownError")


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
