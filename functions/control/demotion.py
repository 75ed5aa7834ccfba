"""What people ask for at `/demotions`: a policy goes less far, or as far as its document says again."""

from typing import Annotated, Any, Literal

from pydantic import Field

from control.operators import permitted, there_is
from edsr.errors import Malformed
from edsr.model import Mode
from edsr.policy import Library
from edsr.ports import Store
from edsr.protocol.demotions import EVERYWHERE, Demotion, demote, lift
from edsr.route import Asked, Body
from edsr.serve import Runtime
from edsr.settings import Route
from edsr.times import epoch


class Demoted(Body):
    """Demote a policy (`to` observe or approve), or lift it (`to` null). `until` is epoch seconds."""

    policy: Annotated[str, Field(max_length=48)]
    service: Annotated[str, Field(max_length=48)] = EVERYWHERE
    to: Literal["observe", "approve"] | None
    reason: Annotated[str, Field(min_length=3, max_length=256)]
    until: int | None = None


def demotion(asked: Asked, store: Store, runtime: Runtime[Route]) -> dict[str, Any]:
    """Gives what the policy may do there then. Raises Refused, with the reason, and Malformed."""
    said, library = asked.read(Demoted), runtime.library()
    _check(said, library, epoch(runtime.clock()))
    service = next((one for one in library.services() if one.id == said.service), None)
    where = f"{said.policy} on {said.service}" if service else said.policy
    by = permitted(asked.caller, where, service, library)
    runtime.log.warning("demoting", extra={"by": by, **said.model_dump()})
    if said.to is None:
        lift(store, said.policy, said.service, by=by, reason=said.reason, clock=runtime.clock, caller=asked.caller)
    else:
        made = Demotion(Mode(said.to), by, said.reason, said.until, asked.caller)
        demote(store, said.policy, said.service, made, runtime.clock)
    return {"policy": said.policy, "service": said.service, "is": said.to or "as written", "by": by}


def _check(said: Demoted, library: Library, now: int) -> None:
    """What is written wrongly would demote nothing, and a time that is over would end at once."""
    there_is("policy", said.policy, {one.id for one in library.policies()})
    there_is("service", said.service, {EVERYWHERE, *(one.id for one in library.services())})
    if said.until is not None and (said.to is None or said.until <= now):
        raise Malformed("until is over already" if said.to else "until is for a demotion, not for lifting one")
