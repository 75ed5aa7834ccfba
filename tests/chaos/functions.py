"""The real functions, each as something a session can run; and the others who act on the same estate."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

from aws_lambda_powertools import Logger

from edsr.policy import Library
from edsr.protocol import keys
from edsr.protocol.incident import CHECK_EVERY
from edsr.serve import Handler, Runtime
from edsr.settings import Settings
from edsr.times import parse_epoch
from infra.catalogue import discover
from tests.chaos.behaviour import Client, Run, Session
from tests.chaos.tasks import Function
from tests.estate import ACCOUNT, REGION, ROUTE

MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:edsr-remediate"
VALUES = {
    "machine": MACHINE,
    "state_table": "edsr-state",
    "audit_table": "edsr-audit",
    "subject_rate": "9/PT15M",
    "service_rate": "9/PT10M",
    "api_rate": "99/PT1M",
    "global_rate": "99/PT1M",
    "route": ROUTE.route,
}
STEADY_TIMEOUT = 900


class Silence:
    """A logger that says nothing."""

    def _nothing(self, *_: Any, **__: Any) -> None:
        return

    append_keys = debug = info = warning = error = exception = _nothing


@dataclass(frozen=True)
class Quiet(Runtime[Any]):
    """A runtime without metrics."""

    def count(self, name: str, value: float = 1, **dimensions: str) -> None:
        del name, value, dimensions


def run_of(handler: Handler[Any], library: Callable[[], Library], rates: Mapping[str, str]) -> Run:
    """A handler as something a session runs, as Lambda would."""
    settings = settings_of(handler.declared.settings, rates)
    timeout = handler.declared.timeout
    silence = cast("Logger", Silence())

    def run(payload: Any, session: Session) -> Any:
        began = session.at
        given: dict[str, Any] = {
            "settings": settings,
            "clients": lambda service, *, mutating=False: Client(session, service, mutating=mutating),
            "clock": lambda: parse_epoch(session.at),
            "library": library,
            "remaining": lambda: float(timeout - (session.at - began)),
            "log": silence,
            "sleep": session.sleep,
        }
        wanted = {field.name for field in fields(Runtime)}
        return handler.handle(payload, Quiet(**{name: each for name, each in given.items() if name in wanted}))

    return run


def settings_of(model: type[Settings], rates: Mapping[str, str] | None = None) -> Settings:
    """Settings that name our own resources here; what has no name of its own is called by its setting."""
    values = VALUES | dict(rates or {})
    said = {name: values.get(name, f"edsr-{name.replace('_', '-')}") for name in model.model_fields}
    return model.model_validate(said)


def handlers() -> dict[str, Handler[Any]]:
    """Every function that there is, by its name."""
    return {entry.name: importlib.import_module(module).handler for module, entry in discover().functions.items()}


def engage(payload: Any, session: Session) -> None:
    """An operator pulls the kill switch: all of its copies at once."""
    updates = [
        {
            "Update": {
                "TableName": "edsr-state",
                "Key": {"pk": {"S": keys.switch(number).pk}, "sk": {"S": str(keys.switch(number).sk)}},
                "UpdateExpression": "SET #engaged.#scope = :said",
                "ExpressionAttributeNames": {"#engaged": "engaged", "#scope": payload["scope"]},
                "ExpressionAttributeValues": {":said": {"M": {"undo": {"BOOL": payload.get("undo", False)}}}},
            }
        }
        for number in range(keys.SWITCHES)
    ]
    session.ask("dynamodb", "transact_write_items", {"TransactItems": updates}, mutating=True)


def change(payload: Any, session: Session) -> None:
    """Somebody else makes a call: `{service, operation, said}`."""
    session.ask(payload["service"], payload["operation"], payload["said"], mutating=True)


def hasty(payload: Any, session: Session) -> Any:
    """The real sweep, on a clock on which every open incident is due."""
    found = handlers()["edsr-sweep"]
    given = Quiet(
        settings_of(found.declared.settings),
        lambda service, *, mutating=False: Client(session, service, mutating=mutating),
        clock=lambda: parse_epoch(session.at + DUE),
        log=cast("Logger", Silence()),
        library=lambda: Library.at(NO_DOCUMENTS),
    )
    return found.handle(payload, given)


NO_DOCUMENTS = Path(__file__).parent
DUE = int(CHECK_EVERY.total_seconds()) + 1
OTHERS: Mapping[str, Run] = {"engage": engage, "change": change, "hasty-sweep": hasty}


def known(found: Mapping[str, Handler[Any]]) -> dict[str, Function]:
    """How each is treated."""
    ours = {name: Function(handler.declared.timeout) for name, handler in found.items()}
    return ours | {name: Function(STEADY_TIMEOUT, steady=True) for name in OTHERS}
