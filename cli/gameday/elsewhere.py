"""A game day in a real account: when it may not be, and where it then takes place. Nothing is broken on purpose."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cli import POLICIES, incidents
from cli.account import Account
from cli.errors import Declined
from cli.gameday.faults import Faults
from cli.gameday.happenings import Call, Function, Release, Settle, Traffic, Wait
from cli.gameday.place import Page, Seen
from cli.gameday.scenario import Scenario
from edsr.model import OPEN
from edsr.policy import Library, windows
from edsr.ports import Client, utc_now

HARMLESS = (Function, Traffic, Release, Wait, Settle, Call)
"""What may happen in a real account: an estate that is the day's own. Events are AWS's to send there."""


def check(account: Account, days: Sequence[Scenario], now: datetime) -> None:
    """Declined says why these days may not be played in this account now."""
    for day in days:
        strange = dict.fromkeys(one.do for one in (*day.estate, *day.timeline) if not isinstance(one, HARMLESS))
        if not day.real or strange:
            raise Declined(
                f"{day.id} is for the sandbox only: {', '.join(strange) or 'it does not say that it is real'}"
            )
    for calendar in Library.at(POLICIES).calendars():
        if any(windows.read(span).covers(now) for span in calendar.windows):
            raise Declined(f"it is {calendar.id} now ({calendar.title}): no game day is played then")
    if going_on := [one.id for one in incidents.every(account) if one.state in OPEN]:
        raise Declined(f"{len(going_on)} incidents are open, such as {going_on[0]}: first things first")


def confirmed(account: Account, number: str, said: str) -> None:
    """Declined unless the account's own number was typed."""
    if said.strip() != number:
        raise Declined(
            f"{said.strip() or 'nothing'} is not the number of the account of {account.name}: nothing was done"
        )


class Watched:
    """In place of a boundary: nothing is seen of the calls, and nothing goes wrong on purpose."""

    def __init__(self) -> None:
        self.faults = Faults(lambda _function: None)
        self.seen: list[Seen] = []

    def effects(self) -> list[Seen]:
        """None that anybody saw."""
        return []


class Elsewhere:
    """A real account, in which days are played on an estate of their own."""

    watched = False

    def __init__(self, account: Account) -> None:
        self.account, self.boundary = account, Watched()

    def client(self, service: str) -> Client:
        """A client of the account."""
        return self.account.client(service)

    def own(self, service: str) -> Client:
        """The same: nothing stands between."""
        return self.account.client(service)

    def begin(self) -> datetime:
        """A day begins now."""
        return utc_now()

    def end(self, alarms: Sequence[str]) -> None:
        """Nothing of the account's is touched; what the day made is taken away by who made it."""

    def read_pages(self) -> list[Page]:
        """People got them, not we."""
        return []

    def sweep(self) -> dict[str, Any]:
        """It comes each minute by itself."""
        return {}

    def restart(self) -> None:
        """No account is restarted."""
