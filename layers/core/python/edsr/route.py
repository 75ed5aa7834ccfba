"""The route that people come through: who asks is what AWS says, never what they say; the answer is HTTP's."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from edsr.errors import Malformed, Refused, Transient
from edsr.serve import Event, Runtime
from edsr.settings import Route

Said = TypeVar("Said", bound="Body")
Way = TypeVar("Way")

PATHS = {
    "/answers": "edsr-approve-answer",
    "/switch": "edsr-control-switch",
    "/latches": "edsr-control-switch",
    "/demotions": "edsr-control-switch",
    "/labels": "edsr-control-switch",
    "/rehearsals": "edsr-control-switch",
}
"""What people may ask for, and the functions that do it."""

PAGE, ASKED = "edsr-approve-page", "edsr-approve-asked"
"""The page that people see, which may do nothing itself; and what it asks in the name of whoever has signed in."""

STATUS: dict[type[Exception], int] = {Malformed: 400, Refused: 403, Transient: 503}
"""Anything else is a fault of ours: the route answers it with 500, and it is counted as the function's error."""


class Body(BaseModel):
    """What a person sends. A key that is not asked for, such as who they say they are, is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Asked(NamedTuple):
    """A person's request: the ARN that AWS authenticated, the path, and the body."""

    caller: str
    path: str
    body: str

    def read(self, model: type[Said]) -> Said:
        """The body as this model; Malformed names the first thing that is wrong."""
        return read(self.body, model)


def read(body: str, model: type[Said]) -> Said:
    """A body as this model; Malformed names the first thing that is wrong."""
    try:
        return model.model_validate_json(body)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the body"
        raise Malformed(f"{where}: {first['msg']}") from exc


def asked(event: Event, route: str) -> Asked:
    """What came through the route with this id; Refused for anything else, such as an invocation by hand."""
    try:
        context = event["requestContext"]
        found = Asked(context["authorizer"]["iam"]["userArn"], event["rawPath"], event.get("body") or "{}")
        ours = (context["apiId"], context["http"]["method"]) == (route, "POST") and not event.get("isBase64Encoded")
    except (KeyError, TypeError) as exc:
        raise Refused("this is answered only through the route, where AWS says who asks") from exc
    if not (ours and isinstance(found.caller, str) and found.caller.startswith("arn:")):
        raise Refused("this is answered only through the route, where AWS says who asks")
    return found


class SignedIn(NamedTuple):
    """A request of the page for a person: the claims of their token, which API Gateway has verified, the method, the
    incident that it is about, and the body."""

    claims: dict[str, Any]
    method: str
    incident: str
    body: str


def signed_in(event: Event, route: str) -> SignedIn:
    """What came through the page's own route with this id; Refused for anything else."""
    try:
        context = event["requestContext"]
        claims, method = context["authorizer"]["jwt"]["claims"], context["http"]["method"]
        found = SignedIn(claims, method, event["pathParameters"]["incident"], event.get("body") or "{}")
        ours = context["apiId"] == route and method in ("GET", "POST") and not event.get("isBase64Encoded")
    except (KeyError, TypeError) as exc:
        raise Refused("this is answered only through the page, where API Gateway says who asks") from exc
    if not (ours and isinstance(claims, dict) and isinstance(found.incident, str)):
        raise Refused("this is answered only through the page, where API Gateway says who asks")
    return found


def through_route(
    run: Callable[[Asked, Runtime[Any]], dict[str, Any]],
) -> Callable[[Event, Runtime[Any]], dict[str, Any]]:
    """A handler for requests of the route: what is refused is answered in words, what fails is raised."""
    return _through(asked, run)


def through_page(
    run: Callable[[SignedIn, Runtime[Any]], dict[str, Any]],
) -> Callable[[Event, Runtime[Any]], dict[str, Any]]:
    """The same for requests of the page."""
    return _through(signed_in, run)


def _through(
    come: Callable[[Event, str], Way], run: Callable[[Way, Runtime[Any]], dict[str, Any]]
) -> Callable[[Event, Runtime[Any]], dict[str, Any]]:

    def answer(event: Event, runtime: Runtime[Any]) -> dict[str, Any]:
        given: Route = runtime.settings
        try:
            return _http(200, run(come(event, given.route), runtime))
        except (Malformed, Refused, Transient) as exc:
            runtime.log.warning("not done", extra={"error": type(exc).__name__, "reason": str(exc)})
            return _http(STATUS[type(exc)], {"error": str(exc)})

    return answer


def _http(status: int, said: dict[str, Any]) -> dict[str, Any]:
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(said)}
