"""The engine lacks Health, GuardDuty, Security Hub and Access Analyzer; here they answer as where nobody uses them."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from ministack import app

Answered = tuple[int, dict[str, str], bytes]


class Answer(NamedTuple):
    """What a service says when it is not switched on: to which request, or to every one."""

    status: int
    said: dict[str, Any]
    request: str = ""
    error: str = ""


OFF = {
    "health": Answer(400, {"message": "no support plan"}, error="SubscriptionRequiredException"),
    "securityhub": Answer(401, {"Message": "not subscribed to AWS Security Hub"}, error="InvalidAccessException"),
    "guardduty": Answer(200, {"detectorIds": []}, "GET /detector"),
    "access-analyzer": Answer(200, {"analyzers": []}, "GET /analyzer"),
}


def answering(service: str, answer: Answer) -> Callable[..., Awaitable[Answered]]:
    async def handle(method: str, path: str, *_: Any) -> Answered:
        kind = {"Content-Type": "application/json"}
        if answer.request and answer.request != f"{method} {path.rstrip('/')}":
            return 400, kind, json.dumps({"error": f"Unsupported service: {service}"}).encode()
        said = {"__type": answer.error, **answer.said} if answer.error else answer.said
        return answer.status, {**kind, "x-amzn-errortype": answer.error}, json.dumps(said).encode()

    return handle


def install() -> None:
    app.SERVICE_HANDLERS.update({service: answering(service, answer) for service, answer in OFF.items()})
