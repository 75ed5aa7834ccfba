"""Asking as a person: the events that the route hands on, and what comes back."""

import json
from typing import Any, NamedTuple

from cli.route import event
from edsr.policy import Library
from edsr.ports import Clock, utc_now
from edsr.serve import Handler
from tests import estate, policies


class Answer(NamedTuple):
    """What the route answers: HTTP's status, and the body."""

    status: int
    said: dict[str, Any]

    @property
    def why(self) -> str:
        """Why it was not done."""
        return str(self.said.get("error", ""))


def request(caller: str, path: str, **said: Any) -> dict[str, Any]:
    """The route's event for a caller whom IAM has let in; a name is one of those who may do everything."""
    arn = caller if caller.startswith("arn:") else policies.arn(caller)
    return event(arn, path, json.dumps(said), f"{estate.ROUTE.route}.execute-api.example")


def read(answered: dict[str, Any]) -> Answer:
    """What a function gave the route."""
    return Answer(answered["statusCode"], json.loads(answered["body"]))


def ask(handler: Handler[Any], library: Library, event: dict[str, Any], clock: Clock = utc_now) -> Answer:
    """Call a function with an event of the route."""
    return read(estate.call(handler, event, estate.ROUTE, library, clock))
