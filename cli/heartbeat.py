"""The last heartbeat that came through the bus, a detector and decide."""

from typing import Any, NamedTuple

from cli.account import Account
from edsr.ports import utc_now
from edsr.protocol import keys
from edsr.times import epoch, iso, parse_epoch
from sweep.handler import HEARTBEAT_LATE_SECONDS


class Beat(NamedTuple):
    """When it was put on the bus, when it came to decide, and how long ago that was; in seconds."""

    put: int
    came: int
    ago: int

    def __str__(self) -> str:
        said = f"{self.ago} s ago, {self.came - self.put} s on its way"
        missed = f"late, one comes each minute and the sweep misses it after {HEARTBEAT_LATE_SECONDS} s"
        return f"{said}: {missed}" if self.late else said

    @property
    def late(self) -> bool:
        """Whether it is missed."""
        return self.ago > HEARTBEAT_LATE_SECONDS

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {"came": iso(parse_epoch(self.came)), "ago": self.ago, "lag": self.came - self.put, "late": self.late}


def last(account: Account) -> Beat | None:
    """The last one; None before the first."""
    item = account.store.read([keys.HEARTBEAT]).get(keys.HEARTBEAT)
    return Beat(item["put"], item["came"], epoch(utc_now()) - item["came"]) if item else None


def tone(beat: Beat | None) -> str:
    """How it is said."""
    return "plain" if beat is None else "bad" if beat.late else "good"
