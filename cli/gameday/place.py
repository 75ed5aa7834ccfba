"""What a game day needs of the place where it is played: the sandbox's stage, or a real account."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from cli.account import Account
from cli.gameday.faults import Faults
from cli.gameday.wire import Call
from edsr.ports import Client

READS = ("Get", "List", "Describe", "BatchGet", "Query", "Scan", "Head", "Search", "Lookup")
HAND = "edsr-act-"
OURS = ("dynamodb", "sts", "logs")
"""Services in which a hand changes nothing but what the suite itself remembers."""


class Seen(NamedTuple):
    """A call that took effect or was refused: when, by whom, how long it took, and how it was answered."""

    at: datetime
    call: Call
    status: int
    seconds: float

    @property
    def is_effect(self) -> bool:
        """Whether a hand changed the estate by it."""
        changes = not self.call.operation.startswith(READS) and self.call.service not in OURS
        return self.call.caller.startswith(HAND) and changes and self.status < 300


class Page(NamedTuple):
    """What a person was told."""

    at: datetime
    text: str


class Between(Protocol):
    """What stands between functions and AWS."""

    faults: Faults
    seen: list[Seen]

    def effects(self) -> list[Seen]:
        """What hands changed, in order."""
        ...


class Place(Protocol):
    """`watched` says whether what hands change is counted beside the audit, and whether pages can be read."""

    watched: bool
    account: Account

    @property
    def boundary(self) -> Between:
        """Where calls pass."""
        ...

    def client(self, service: str) -> Client:
        """A client of the customer's, who reaches what functions reach."""
        ...

    def own(self, service: str) -> Client:
        """A client that no fault strikes."""
        ...

    def begin(self) -> datetime:
        """A day begins; gives the time."""
        ...

    def end(self, alarms: Sequence[str]) -> None:
        """A day ends, and its alarms with it."""
        ...

    def read_pages(self) -> Sequence[Page]:
        """Everything that a person was told since the day began."""
        ...

    def sweep(self) -> dict[str, Any]:
        """Let the sweep look now."""
        ...

    def restart(self) -> None:
        """Everything stops, and starts again."""
        ...
