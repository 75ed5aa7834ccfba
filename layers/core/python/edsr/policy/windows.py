"""Windows of time in a document: `cron(0 9 ? * FRI *)/PT8H Europe/Berlin`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from edsr.policy import cron
from edsr.times import read_duration

LONGEST = timedelta(days=31)


class Window(NamedTuple):
    """Spans of time: each begins when the schedule's wall clock says so, and lasts so long, in true time."""

    schedule: cron.Cron
    lasts: timedelta
    zone: ZoneInfo

    def covers(self, at: datetime) -> bool:
        """Whether one of the spans contains a time: its first moment does, its end does not."""
        return any(begins <= at < begins + self.lasts for begins in self._near(at))

    def _near(self, at: datetime) -> Iterator[datetime]:
        """For each day on which a span could have begun that reaches a time, the last that had begun by then."""
        day = _earlier(at.astimezone(self.zone).date(), -1)
        first = _earlier((at - self.lasts).astimezone(self.zone).date(), 1)
        while day >= first:
            if self.schedule.takes(day):
                yield from next(([begins] for begins in self._begins(day) if begins <= at), [])
            if day == date.min:
                return
            day -= timedelta(days=1)

    def _begins(self, day: date) -> Iterator[datetime]:
        """Where clocks are put forward over a beginning, it comes with the hour that is left out; where they are put
        back over one, the first of the two counts."""
        for hour in reversed(self.schedule.hours):
            for minute in reversed(self.schedule.minutes):
                yield datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone).astimezone(UTC)


def _earlier(day: date, days: int) -> date:
    """So many days before, as far as the calendar goes."""
    return date.fromordinal(min(max(day.toordinal() - days, date.min.toordinal()), date.max.toordinal()))


@lru_cache(256)
def read(text: str) -> Window:
    """Read a window; ValueError says what is wrong. Without a time zone it is UTC."""
    schedule, closed, rest = text.partition(")")
    lasts, _, zone = rest.removeprefix("/").partition(" ")
    if not closed or not rest.startswith("/"):
        raise ValueError(f"{text!r}: write a cron expression, a slash, a duration and a time zone, such as {EXAMPLE}")
    span = read_duration(lasts)
    if span > LONGEST:
        raise ValueError(f"{text!r}: a window lasts {LONGEST.days} days at most")
    return Window(cron.read(schedule + closed), span, _zone(zone or "UTC"))


EXAMPLE = "cron(0 9 ? * FRI *)/PT8H Europe/Berlin"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as exc:
        raise ValueError(f"{name!r} is no time zone: write it as in Europe/Berlin or UTC") from exc


def _checked(said: Any) -> Any:
    read(said)
    return said


Span = Annotated[str, AfterValidator(_checked)]
"""A window as a document says it."""

CALENDAR = "calendar:"
"""Stands before the id of a calendar where a window may stand."""

_NAMED = re.compile(rf"{CALENDAR}[a-z0-9-]{{1,48}}")


def _checked_or_named(said: str) -> str:
    if not said.startswith(CALENDAR):
        read(said)
    elif not _NAMED.fullmatch(said):
        raise ValueError(f"{said!r}: write calendar: and the id of a file in calendars/")
    return said


Written = Annotated[str, AfterValidator(_checked_or_named)]
"""A window as a policy says it: itself, or the name of a calendar."""


def named(windows: Iterable[str]) -> tuple[str, ...]:
    """The ids of the calendars among a policy's windows, each once."""
    return tuple(dict.fromkeys(said.removeprefix(CALENDAR) for said in windows if said.startswith(CALENDAR)))


def covering(said: str, calendars: Mapping[str, tuple[str, ...]], at: datetime) -> str:
    """Which span of a policy's window contains a time, with its calendar's name; nothing when none does."""
    if not said.startswith(CALENDAR):
        return said if read(said).covers(at) else ""
    name = said.removeprefix(CALENDAR)
    return next((f"{name}, {span}" for span in calendars[name] if read(span).covers(at)), "")
