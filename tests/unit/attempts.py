"""What the tests of the protocol's writes are made of: attempts, their brakes, and writes by their labels."""

from typing import Any

from edsr.model import Direction, State, Step
from edsr.policy import Policy
from edsr.ports import Item, Key, Write
from edsr.protocol.brakes import Brakes
from edsr.protocol.brief import Brief
from edsr.protocol.incident import Incident
from edsr.protocol.rates import api_scope, limits_of
from edsr.protocol.stepping import Attempt, intent
from plan.draw import draw
from tests import estate
from tests.things import AT, a_finding, a_playbook, a_policy, an_incident
from tests.unit.test_a_plan_leaves_nothing_open import a_world

SEEN = {"state": {"version": "2"}, "revision": "r1"}


def by_label(writes: list[Write]) -> dict[str, Write]:
    """Writes by their labels, once it is sure that DynamoDB takes them."""
    assert len({write.key for write in writes}) == len(writes), "DynamoDB takes one write of an item a transaction"
    assert len({write.label for write in writes}) == len(writes), "a cancellation is told by its label"
    assert len(writes) <= 100, "DynamoDB takes a hundred writes a transaction"
    return {write.label: write for write in writes}


def values(write: Write) -> Item:
    """A write's values, which it has."""
    assert write.values is not None
    return write.values


def a_brief(policy: Policy | None = None, **finding: Any) -> Brief:
    """The brief of the finding's incident."""
    return Brief.of(a_finding(**finding), policy or a_policy(), a_playbook())


def a_step(**changes: Any) -> Step:
    """The rollback's one step, of a fleet of a hundred."""
    return draw(an_incident(), a_world()).step(1).model_copy(update=changes)


def the_brakes(incident: Incident, found: dict[Key, Item] | None = None, **changes: Any) -> Brakes:
    """Every brake of an incident, as it stood when an attempt looked."""
    brief = incident.brief
    given: dict[str, Any] = {
        "brief": brief,
        "policy": incident.policy,
        "limits": limits_of(brief, incident.policy, estate.ACT, [api_scope("lambda", brief.subject, brief)]),
        "found": found or {},
        "action": "shift-alias",
    }
    return Brakes(**given | changes)


def an_attempt(
    direction: Direction = Direction.APPLY, *, found: dict[Key, Item] | None = None, **changes: Any
) -> Attempt:
    """The first attempt at the step of a planned incident; `found` is what stood on its brakes."""
    given: dict[str, Any] = {"incident": an_incident(state=State.PLANNED), "lock": None, "earlier": None} | changes
    step = given.pop("step", None) or a_step()
    brakes = the_brakes(given["incident"], found)
    return Attempt(step=step, direction=direction, brakes=brakes, **given)


def intended(attempt: Attempt) -> dict[str, Write]:
    """The writes of its intent."""
    return by_label(intent(attempt, before=SEEN, token="t", at=AT)[0])
