"""control's other function: people engage and release the kill switch, release latches, demote policies, and label."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from control.demotion import demotion
from control.labelling import labelling
from control.operators import permitted, there_is
from control.rehearsal import rehearsal
from edsr.aws.store import DynamoStore
from edsr.declare import Function, Permission
from edsr.errors import Malformed
from edsr.policy import Library, Service
from edsr.ports import Store
from edsr.protocol import keys
from edsr.protocol.controls import ALL, Engaged, engage, release, release_latch
from edsr.route import Asked, Body, through_route
from edsr.serve import Handler, Runtime
from edsr.settings import Route
from edsr.times import epoch

SWITCHED = ("KIL#*", "CTL#*", "BRK#deny#*", "GRD#*", "MOD#*", "LBL#*", "RHS")
"""What is changed here; of incidents it is only read whether they have ended."""

Why = Annotated[str, Field(min_length=3, max_length=256)]


class Switched(Body):
    """Stop automation (`off`) or let it go on (`on`). `until` is epoch seconds; `undo` lets undoing go on."""

    do: Literal["off", "on"]
    scope: Annotated[str, Field(max_length=128)]
    reason: Why
    until: int | None = None
    undo: bool = False


class Released(Body):
    """Release what latched: `action:<action>:<account>` or `subject:<ARN>`."""

    latch: Annotated[str, Field(max_length=512)]
    reason: Why


def run(asked: Asked, runtime: Runtime[Route]) -> dict[str, Any]:
    """Do what a path of the route says. Raises Refused, with the reason, and Malformed."""
    store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
    asks = ASKS.get(asked.path)
    if asks is None:
        raise Malformed(f"nothing can be asked for at {asked.path}")
    return asks(asked, store, runtime)


def _switch(asked: Asked, store: Store, runtime: Runtime[Route]) -> dict[str, Any]:
    """Gives what the scope is then: `off`, `on`, or `on-asked` when a second person has to agree."""
    said = asked.read(Switched)
    by = permitted(asked.caller, said.scope, _service(said.scope, runtime.library()), runtime.library())
    runtime.log.warning("switching", extra={"by": by, **said.model_dump()})
    if said.do == "on":
        whole = release(store, said.scope, by=by, reason=said.reason, clock=runtime.clock, caller=asked.caller)
        return {"scope": said.scope, "is": "on" if whole else "on-asked", "by": by}
    _check(said, runtime)
    engage(store, said.scope, Engaged(by, said.reason, said.undo, said.until, asked.caller), runtime.clock)
    return {"scope": said.scope, "is": "off", "by": by}


def _latch(asked: Asked, store: Store, runtime: Runtime[Route]) -> dict[str, Any]:
    said = asked.read(Released)
    key = keys.latched(said.latch)
    if key is None:
        raise Malformed(f"{said.latch!r} is no latch: write action:<action>:<account> or subject:<ARN>")
    service = runtime.library().owner(said.latch.removeprefix("subject:"))
    by = permitted(asked.caller, said.latch, service, runtime.library())
    runtime.log.warning("releasing", extra={"by": by, **said.model_dump()})
    release_latch(store, key, by=by, reason=said.reason, clock=runtime.clock, caller=asked.caller)
    return {"latch": said.latch, "is": "released", "by": by}


def _service(scope: str, library: Library) -> Service | None:
    """The service that a scope is; None for any other scope."""
    return next((service for service in library.services() if scope == f"service:{service.id}"), None)


def _check(said: Switched, runtime: Runtime[Route]) -> None:
    """A scope that is written wrongly would stop nothing, and a time that is over would end at once."""
    there_is("scope", said.scope, set(_scopes(runtime.library())))
    if said.until is not None and said.until <= epoch(runtime.clock()):
        raise Malformed("until is over already")


def _scopes(library: Library) -> Iterable[str]:
    """Everything there is to stop: accounts and Regions are those in which the catalogue's services are."""
    yield ALL
    yield from (f"policy:{policy.id}" for policy in library.policies())
    for service in library.services():
        yield f"service:{service.id}"
        for resource in service.resources:
            place = re.match(r"arn:[^:]*:[^:]*:(?P<region>[^:]*):(?P<account>[^:]*):", resource.arn)
            yield from (f"{kind}:{name}" for kind, name in (place.groupdict() if place else {}).items() if name)


ASKS: Mapping[str, Callable[[Asked, Store, Runtime[Route]], dict[str, Any]]] = {
    "/switch": _switch,
    "/latches": _latch,
    "/demotions": demotion,
    "/labels": labelling,
    "/rehearsals": rehearsal,
}
"""What people may ask for, by its path."""

handler = Handler(
    through_route(run),
    Function(
        settings=Route,
        permissions=(
            Permission(actions=("dynamodb:BatchGetItem",), on="state-table", keys=(*SWITCHED, "INC#*")),
            Permission(actions=("dynamodb:PutItem", "dynamodb:UpdateItem"), on="state-table", keys=SWITCHED),
            Permission(actions=("dynamodb:PutItem",), on="audit-table", keys=("CTL#*",)),
        ),
    ),
)
