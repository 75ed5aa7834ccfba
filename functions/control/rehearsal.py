"""What people ask for at `/rehearsals`: they answer a rehearsal, by which the way of an answer is proven."""

from typing import Any

from edsr.people import person
from edsr.ports import Store
from edsr.protocol.rehearsing import answer
from edsr.route import Asked, Body
from edsr.serve import Runtime
from edsr.settings import Route


class Rehearsed(Body):
    """There is nothing to say."""


def rehearsal(asked: Asked, store: Store, runtime: Runtime[Route]) -> dict[str, Any]:
    """Gives which one was answered, and by whom. Anybody may whom AWS lets in. Raises Refused."""
    asked.read(Rehearsed)
    who = person(asked.caller, runtime.library().people())
    found = answer(store, by=who.name, caller=who.arn, clock=runtime.clock)
    return {"asked": found.asked, "is": "answered", "by": found.by}
