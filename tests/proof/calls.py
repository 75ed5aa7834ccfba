"""The recorder: every call that a handler, or the state machine, makes to AWS, with who made it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NamedTuple

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from botocore.handlers import BUILTIN_HANDLERS

from edsr.ports import utc_now
from edsr.times import iso
from infra.catalogue import discover
from infra.parts.names import MACHINE
from tests import estate
from tests.flow.conftest import FUNCTIONS

HOOK = "provide-client-params"
"""botocore's first word on a call: the parameters as the caller gave them."""

STAND_INS = {"edsr-act-move-alias": "edsr-act-shift-alias", "edsr-act-deny-alias": "edsr-act-shift-alias"}
"""Actions that only tests have, with the same hands and permissions as a shipped one."""

PLAIN_CODE = {"S3", "SQS", "CloudWatch"}
"""Services that say AccessDenied; the others say AccessDeniedException."""


class Call(NamedTuple):
    """Who called which operation of which service (botocore's service id), with which parameters."""

    actor: str
    service: str
    operation: str
    params: dict[str, Any]


class Recorder:
    """Hears every call while it listens; `denying` says which are answered that permission is missing."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.denied: list[Call] = []
        self.denying: Callable[[Call], bool] = lambda _: False
        self.weights: dict[str, float] = {}
        self.answers: dict[str, dict[str, Any]] = {}
        self.alarmed_at = iso(utc_now())
        self._names = _names()
        self._listens = False

    @contextmanager
    def attached(self) -> Iterator["Recorder"]:
        """Every client that is made from here on, by whomever, can be heard."""
        ears = [(HOOK, self._heard), ("before-call", self._answered), ("after-call.lambda.GetAlias", self._weighed)]
        BUILTIN_HANDLERS.extend(ears)
        estate._client.cache_clear()
        yield self
        for ear in ears:
            BUILTIN_HANDLERS.remove(ear)
        estate._client.cache_clear()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """What is called in here is heard."""
        self._listens = True
        yield
        self._listens = False
        self.denying, self.weights, self.answers = lambda _: False, {}, {}
        self.denied.clear()

    def _heard(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if not self._listens:
            return
        acting = estate.ACTING.get()
        actor = self._names[id(acting)] if acting else MACHINE
        call = Call(actor, str(model.service_model.service_id), str(model.name), params)
        if acting is None and (call.service, call.operation) != ("Lambda", "Invoke"):
            return  # the test's own
        self.calls.append(call)
        if self.denying(call):
            self.denied.append(call)
            raise ClientError(_refusal(call.service), call.operation)

    def _answered(self, model: Any, **_: Any) -> Any:
        """What a story says that a service answers, instead of moto."""
        said = self.answers.get(str(model.name)) if self._listens else None
        return None if said is None else (AWSResponse("", 200, {}, None), said)

    def _weighed(self, parsed: dict[str, Any], **_: Any) -> None:
        """Moto forgets the weights of an alias."""
        if self._listens and self.weights:
            parsed["RoutingConfig"] = {"AdditionalVersionWeights": self.weights}


def _refusal(service: str) -> Any:
    code = "AccessDenied" if service in PLAIN_CODE else "AccessDeniedException"
    answered = {"HTTPStatusCode": 403, "RequestId": "denied"}
    return {"Error": {"Code": code, "Message": "not authorized"}, "ResponseMetadata": answered}


def _names() -> dict[int, str]:
    """The function that each handler object is."""
    found = discover()
    entries = [*found.functions.values(), *found.page.values()]
    shipped = {id(import_module(entry.module).handler): entry.name for entry in entries}
    played = {id(FUNCTIONS[name][0]): stands_for for name, stands_for in STAND_INS.items()}
    return shipped | played
