"""Facts from the store: everything the gates ask for, in one read."""

from datetime import datetime

from decide.facts import Facts
from edsr.declare import ActionEntry, Catalogue
from edsr.model import Finding, State
from edsr.policy import Playbook
from edsr.ports import Item, Store
from edsr.protocol import keys
from edsr.protocol.incident import Incident
from edsr.times import epoch


def gather(
    store: Store, finding: Finding, now: datetime, careful: tuple[str, ...] = ()
) -> tuple[Facts, Incident | None]:
    """The facts about a finding, and its incident when there is one already. Raises Transient."""
    claim, guard = keys.claim(finding.id), keys.guard(finding.subject.arn)
    switch, head = keys.switch_of(finding.incident_id), keys.incident(finding.incident_id)
    found = store.read([claim, guard, switch, head])
    item = found.get(head)
    facts = facts_of(now, found.get(claim), found.get(guard), found.get(switch), item)
    return facts._replace(careful=careful), Incident.of(item) if item else None


def careful(playbook: Playbook, catalogue: Catalogue) -> tuple[str, ...]:
    """The actions of a playbook that are never taken unasked: those that cannot be undone, those of which nobody could
    say whether they took effect, and those that customers see, since nothing measures yet how often they are right."""
    names = {step.action for stage in playbook.stages for step in stage.steps}
    known = [catalogue.actions[name] for name in sorted(names) if name in catalogue.actions]
    return tuple(action.id for action in known if _asks(action))


def _asks(action: ActionEntry) -> bool:
    return not action.reversible or action.klass == "D" or action.customer_visible


def facts_of(now: datetime, claim: Item | None, guard: Item | None, switch: Item | None, head: Item | None) -> Facts:
    """Facts from items as stored; a claim that has expired claims nothing."""
    held = guard or {}
    live = claim and claim["exp"] >= epoch(now)
    return Facts(
        now=now,
        claimed=claim["inc_id"] if claim and live else None,
        standing=State(head["st"]) if head else None,
        holder=held.get("inc_id"),
        held_until=held.get("until", 0),
        cooling=held.get("cool", {}),
        latched="latched" in held,
        undone=held.get("undone", {}),
        switches=tuple(sorted(switch["engaged"])) if switch and "engaged" in switch else None,
    )
