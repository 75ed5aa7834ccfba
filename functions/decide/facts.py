"""What the gates are told: facts gathered once, before any of them looks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from edsr.budget import Budget
from edsr.model import State
from edsr.protocol.acting import Compared
from edsr.protocol.confirming import Confirming
from edsr.protocol.demotions import Demotion
from edsr.protocol.observing import Observed
from edsr.protocol.rates import Used
from edsr.protocol.storms import Weather


class Harm(NamedTuple):
    """Whether what a finding tells of is of our own making: whose action it may be, how the service compares with
    before it, and whether that has yet to end."""

    incident: str = ""
    compared: Compared = Compared(False, "nothing was done here lately")
    under_way: bool = False

    @property
    def waits(self) -> bool:
        """Whether it will be told in a moment: by more figures, or by the probes of what is under way."""
        return self.compared.early or (bool(self.compared.worse) and self.under_way)


class Facts(NamedTuple):
    """`claimed` is the incident that already has this finding, in state `standing`.

    `holder` is the incident that runs on the subject until `held_until` (epoch seconds); `cooling` maps policies to
    the second until which they leave it alone. `switches` are the engaged scopes of the kill switch, None when they
    cannot be read. `undone` maps playbooks to the second at which they were undone on the subject; `careful` are the
    playbook's actions that are never taken unasked.

    `rates` are what the incident would be counted in, `holders` the incidents that act in its slots, `breaker` its
    policy's breaker as stored, `denied` maps the playbook's latched actions to the incident in which each was denied.
    What was never touched is empty.

    `protected` says why the catalogue protects the subject, `confirming` what was found about it lately; `place` is
    where it stands among all subjects, when that is not to be worked out of its name. `weather` says how many others
    of its kind are unwell. `calendars` has the windows of every calendar there is, by its id. `demoted` is how far a
    person lets the policy go at most. `budget` is how the objective stands that the policy asks for, `observed` what
    the policy last told of the subject without acting: while it only observed, or to a person.
    `acts` are the incidents that acted on the service lately, with the second at which each began to; `harm` is what
    was found out about them.
    `recovered` is the second at which what the finding tells of was over, where that is known already.
    """

    now: datetime
    claimed: str | None = None
    standing: State | None = None
    holder: str | None = None
    held_until: int = 0
    cooling: Mapping[str, int] = {}
    latched: bool = False
    undone: Mapping[str, int] = {}
    careful: tuple[str, ...] = ()
    switches: tuple[str, ...] | None = None
    rates: tuple[Used, ...] = ()
    holders: frozenset[str] = frozenset()
    breaker: Mapping[str, Any] = {}
    denied: Mapping[str, str] = {}
    protected: str = ""
    confirming: Confirming = Confirming()
    place: int | None = None
    weather: Weather = Weather()
    calendars: Mapping[str, tuple[str, ...]] = {}
    demoted: Demotion | None = None
    budget: Budget = Budget()
    observed: Observed = Observed()
    recovered: int | None = None
    acts: Mapping[str, int] = {}
    harm: Harm = Harm()
