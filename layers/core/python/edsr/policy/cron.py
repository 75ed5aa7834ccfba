"""EventBridge's cron expressions: `cron(minutes hours day-of-month month day-of-week year)`, exactly and no others."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_ITEM = re.compile(r"(\*|\w+(?:-\w+)?)(?:/(\d{1,4}))?")
_WRITTEN = re.compile(r"cron\(([^()]*)\)")

Matches = Callable[[date], bool]


class _Field(NamedTuple):
    """What a field may hold: its name, its least and most, and the names that stand for numbers from the least on."""

    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()


_MINUTES, _HOURS = _Field("minutes", 0, 59), _Field("hours", 0, 23)
_DAY, _MONTH = _Field("day-of-month", 1, 31), _Field("month", 1, 12, _MONTHS)
_WEEKDAY, _YEAR = _Field("day-of-week", 1, 7, _DAYS), _Field("year", 1970, 2199)


class Cron(NamedTuple):
    """A schedule on a wall clock: the minutes and hours of a day, and the days. Sunday is day 1 of a week."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: frozenset[int]
    years: frozenset[int]
    on: Matches

    def takes(self, day: date) -> bool:
        """Whether the schedule has times on a day."""
        return day.month in self.months and day.year in self.years and self.on(day)


def read(text: str) -> Cron:
    """Read `cron(0 9 ? * FRI *)`; ValueError says what is wrong."""
    written = _WRITTEN.fullmatch(text)
    fields = written.group(1).split() if written else []
    if len(fields) != 6:
        raise ValueError(f"{text!r}: write cron(minutes hours day-of-month month day-of-week year), six fields")
    minutes, hours, day, month, weekday, year = fields
    if (day == "?") == (weekday == "?"):
        raise ValueError(f"{text!r}: exactly one of day-of-month and day-of-week has to be ?")
    return Cron(
        tuple(sorted(_numbers(minutes, _MINUTES))),
        tuple(sorted(_numbers(hours, _HOURS))),
        _numbers(month, _MONTH),
        _numbers(year, _YEAR),
        _weekday(weekday) if day == "?" else _day(day),
    )


def _numbers(text: str, field: _Field) -> frozenset[int]:
    return frozenset(number for part in text.split(",") for number in _part(part, field))


def _part(part: str, field: _Field) -> Iterator[int]:
    written = _ITEM.fullmatch(part)
    if written is None:
        raise ValueError(f"{part!r} cannot be read as {field.name}")
    span, step = written.groups()
    first, dash, last = span.partition("-")
    begin = field.least if span == "*" else _number(first, field)
    end = _number(last, field) if dash else field.most if span == "*" or step else begin
    every = int(step) if step else 1
    if begin > end or every < 1:
        raise ValueError(f"{part!r} names no {field.name}: write the lower first, and a step of 1 or more")
    yield from range(begin, end + 1, every)


def _number(text: str, field: _Field) -> int:
    if text.upper() in field.names:
        return field.names.index(text.upper()) + field.least
    if not (text.isascii() and text.isdecimal() and field.least <= int(text) <= field.most):
        raise ValueError(f"{text!r} is no {field.name}: {field.least} to {field.most}")
    return int(text)


def _day(text: str) -> Matches:
    """`L` is the month's last day; `15W` the weekday nearest to the 15th, within the month."""
    if text == "L":
        return lambda day: day.day == _last(day)
    if text.endswith("W"):
        number = _number(text.removesuffix("W"), _DAY)
        return lambda day: day.day == _nearest_weekday(day, number)
    numbers = _numbers(text, _DAY)
    return lambda day: day.day in numbers


def _weekday(text: str) -> Matches:
    """`6L` is the month's last Friday, `6#2` its second; `L` alone is Saturday."""
    if "#" in text:
        name, _, which = text.partition("#")
        number = _number(name, _WEEKDAY)
        if which not in ("1", "2", "3", "4", "5"):
            raise ValueError(f"{text!r}: a month has a first to a fifth, 1 to 5")
        return lambda day: _of_week(day) == number and (day.day + 6) // 7 == int(which)
    if len(text) > 1 and text.endswith("L"):
        number = _number(text.removesuffix("L"), _WEEKDAY)
        return lambda day: _of_week(day) == number and day.day + 7 > _last(day)
    numbers = frozenset({7}) if text == "L" else _numbers(text, _WEEKDAY)
    return lambda day: _of_week(day) in numbers


def _of_week(day: date) -> int:
    return day.isoweekday() % 7 + 1


def _last(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def _nearest_weekday(day: date, number: int) -> int:
    """A weekday of the day's month; no nearest one exists where the month lacks the number."""
    if number > _last(day):
        return 0
    wanted = day.replace(day=number)
    shift = {6: -1, 7: 1}.get(wanted.isoweekday(), 0)
    if not 1 <= number + shift <= _last(day):
        shift = 2 if shift < 0 else -2
    return (wanted + timedelta(days=shift)).day
