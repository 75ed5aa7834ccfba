"""The proof for each actor: what its calls needed, which of its grants allowed that, and which grants are left."""

from collections.abc import Iterable
from dataclasses import dataclass

from edsr.route import ASKED
from infra.catalogue import discover
from infra.parts.names import MACHINE
from tests.proof.ambient import Ambient, explained
from tests.proof.calls import Call
from tests.proof.needs import NEEDS, Need, needs
from tests.proof.roles import Account
from tests.proof.statements import Grant

ACTORS = sorted([entry.name for entry in discover().functions.values()] + [MACHINE, ASKED])
"""The page itself has no permission that could be proven; what it asks through has."""


@dataclass(frozen=True)
class Shown:
    """What one role was needed for; `by` says which grants allowed each need.

    `unmapped` are operations of which nobody knows what they need, `ambient` the reasons for grants nobody used.
    """

    actor: str
    calls: int
    by: dict[Need, set[Grant]]
    grants: set[Grant]
    unmapped: set[str]

    @property
    def used(self) -> set[Grant]:
        """Grants that allowed something."""
        return {grant for grants in self.by.values() for grant in grants}

    @property
    def denied(self) -> set[Need]:
        """What was asked and no grant allows."""
        return {need for need, grants in self.by.items() if not grants}

    @property
    def ambient(self) -> dict[Grant, Ambient]:
        """Grants that AWS uses in its name."""
        rest = {grant: explained(self.actor, grant) for grant in self.grants - self.used}
        return {grant: reason for grant, reason in rest.items() if reason}

    @property
    def unused(self) -> set[Grant]:
        """Grants that nothing ever needed."""
        return self.grants - self.used - self.ambient.keys()


def shown(account: Account, calls: Iterable[Call]) -> dict[str, Shown]:
    """The proof of every actor, also of one that was never seen."""
    by_actor: dict[str, list[Call]] = {actor: [] for actor in ACTORS}
    for call in calls:
        by_actor[call.actor].append(call)
    return {actor: _shown(account, actor, heard) for actor, heard in by_actor.items()}


def _shown(account: Account, actor: str, calls: list[Call]) -> Shown:
    known = [call for call in calls if (call.service, call.operation) in NEEDS]
    unknown = {f"{call.service} {call.operation}" for call in calls if (call.service, call.operation) not in NEEDS}
    needed = {need for call in known for need in needs(call)}
    role = account.role_of(actor)
    by = {need: account.allowed(role, need) for need in needed}
    return Shown(actor, len(calls), by, role.grants, unknown)
