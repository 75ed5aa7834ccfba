"""Requests of people: only the route's events are answered, and what they say of themselves counts for nothing."""

from typing import Any

import pytest

from edsr.errors import Denied, EdsrError, Malformed, Refused, Transient
from edsr.policy import Library
from edsr.route import Asked, Body, asked, through_route
from edsr.serve import Runtime
from tests import estate
from tests.asking import read, request
from tests.policies import SHIPPED

ROUTE = estate.ROUTE.route


class Wish(Body):
    """What is asked for in these tests."""

    what: str


def wish(**said: Any) -> dict[str, Any]:
    return request("ann", "/wishes", **said)


def changed(*path: str, value: Any) -> dict[str, Any]:
    """The route's event with one thing otherwise; without it when the value is None."""
    event = wish(what="x")
    place = event
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return event


def test_what_came_through_the_route_says_who_asks_for_what() -> None:
    found = asked(wish(what="x"), ROUTE)
    assert (found.caller, found.path) == ("arn:aws:iam::123456789012:user/ops/ann", "/wishes")
    assert found.read(Wish).what == "x"


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"by": "ann", "what": "x"},
        {"requestContext": None},
        changed("requestContext", value=None),
        changed("requestContext", "authorizer", value=None),
        changed("requestContext", "authorizer", value={"jwt": {"claims": {"sub": "ann"}}}),
        changed("requestContext", "authorizer", "iam", value={}),
        changed("requestContext", "authorizer", "iam", "userArn", value=["arn:aws:iam::1:user/a"]),
        changed("requestContext", "authorizer", "iam", "userArn", value="ann"),
        changed("requestContext", "apiId", value="another"),
        changed("requestContext", "http", "method", value="GET"),
        changed("rawPath", value=None),
        changed("isBase64Encoded", value=True),
    ],
)
def test_anything_else_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="only through the route, where AWS says who asks"):
        asked(event, ROUTE)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"what": "x", "by": "bob"}', "by: Extra inputs are not permitted"),
        ("{}", "what: Field required"),
        ('{"what": 1}', "what: Input should be a valid string"),
        ("[]", "the body: Input should be an object"),
        ("{", "the body: Invalid JSON"),
    ],
)
def test_a_body_that_says_too_much_or_too_little_is_malformed(body: str, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        Asked("arn:aws:iam::1:user/a", "/wishes", body).read(Wish)


def answered(error: EdsrError | None) -> dict[str, Any]:
    def run(_asked: Asked, _runtime: Runtime[Any]) -> dict[str, Any]:
        if error:
            raise error
        return {"done": True}

    return through_route(run)(wish(), estate.runtime(estate.ROUTE, Library.at(SHIPPED)))


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (None, 200, {"done": True}),
        (Malformed("what?"), 400, {"error": "what?"}),
        (Refused("not you"), 403, {"error": "not you"}),
        (Transient("again"), 503, {"error": "again"}),
    ],
)
def test_each_outcome_has_its_status_and_its_words(error: EdsrError | None, status: int, said: dict[str, Any]) -> None:
    assert read(answered(error)) == (status, said)


def test_what_fails_is_raised_so_that_it_is_counted() -> None:
    with pytest.raises(Denied):
        answered(Denied("the role lacks it"))
