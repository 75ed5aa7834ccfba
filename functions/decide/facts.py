"""What the gates are told: facts gathered once, before any of them looks."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from edsr.model import State


class Facts(NamedTuple):
    """`claimed` is the incident that already has this finding, in state `standing`.

    `holder` is the incident that runs on the subject until `held_until` (epoch seconds); `cooling` maps policies to
    the second until which they leave it alone. `switches` are the engaged scopes of the kill switch, None when they
    cannot be read. `undone` maps playbooks to the second at which they were undone on the subject; `careful` are the
    playbook's actions that are never taken unasked.
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
