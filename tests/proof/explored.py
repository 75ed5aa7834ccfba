"""What the real handlers ask when they are explored: the same functions, under crashes, doubles and brakes."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from botocore import xform_name
from botocore.session import get_session

from infra.catalogue import discover
from tests.chaos import behaviour
from tests.chaos.scenario import FAULTS, Suite
from tests.chaos.scenarios import BY_NAME
from tests.chaos.search import explore, play
from tests.proof.calls import STAND_INS, Call

FAULTY = ("worse",)
"""The scenarios of which every schedule with one fault is played; of the others the one in which nothing goes wrong."""
BESIDE = {"basket": "checkout"}
"""The functions that scenarios repair beside the catalogue's."""
OURS = "clock"
"""What is no service: a handler that waits."""


def explored() -> list[Call]:
    """Every call, each once."""
    return list(named(each for suite in played() for each in suite.behaviours.asked()))


def played() -> Iterator[Suite]:
    """Every scenario, played."""
    for name, scenario in BY_NAME.items():
        suite = Suite(scenario)
        play(suite, {})
        if name in FAULTY:
            explore(suite, FAULTS)
        yield suite


def named(asked: Iterable[tuple[str, behaviour.Call]]) -> Iterator[Call]:
    """The calls of our functions, by the names that AWS gives their operations."""
    actors = {entry.name for entry in discover().functions.values()}
    for function, call in asked:
        actor = STAND_INS.get(function, function)
        if actor in actors and call.service != OURS:
            service, operation = spelled(call.service, call.operation)
            yield Call(actor, service, operation, _ours(call.said))


@cache
def spelled(service: str, method: str) -> tuple[str, str]:
    """The service's id and the operation of a client's method. KeyError: there is no such method."""
    model = get_session().get_service_model(service)
    return str(model.service_id), {xform_name(name): str(name) for name in model.operation_names}[method]


def _ours(said: dict[str, Any]) -> dict[str, Any]:
    name = said.get("FunctionName")
    return said | {"FunctionName": BESIDE[name]} if name in BESIDE else said
