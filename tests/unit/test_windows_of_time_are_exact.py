"""Windows: EventBridge's cron on a wall clock, for so long in true time, through every change of clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsr.policy import cron
from edsr.policy.windows import Window, read

FRIDAY = "cron(0 9 ? * FRI *)/PT8H Europe/Berlin"
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("when", "within"),
    [
        ("2026-03-06T08:59:59+01:00", False),
        ("2026-03-06T09:00:00+01:00", True),
        ("2026-03-06T16:59:59+01:00", True),
        ("2026-03-06T17:00:00+01:00", False),
        ("2026-03-05T12:00:00+01:00", False),
        ("2026-07-03T09:00:00+02:00", True),
        ("2026-07-03T08:59:59+02:00", False),
    ],
)
def test_it_begins_on_the_wall_clock_of_its_zone_and_ends_before_its_end(when: str, within: bool) -> None:
    assert read(FRIDAY).covers(at(when)) is within


@pytest.mark.parametrize(
    ("window", "when", "within"),
    [
        ("cron(30 2 29 3 ? 2026)/PT1H Europe/Berlin", "2026-03-29T03:30:00+02:00", True),
        ("cron(30 2 29 3 ? 2026)/PT1H Europe/Berlin", "2026-03-29T03:29:59+02:00", False),
        ("cron(30 2 29 3 ? 2026)/PT1H Europe/Berlin", "2026-03-29T04:30:00+02:00", False),
        ("cron(30 2 25 10 ? 2026)/PT30M Europe/Berlin", "2026-10-25T02:30:00+02:00", True),
        ("cron(30 2 25 10 ? 2026)/PT30M Europe/Berlin", "2026-10-25T02:30:00+01:00", False),
        ("cron(0 0 28 3 ? 2026)/P2D Europe/Berlin", "2026-03-30T00:59:59+02:00", True),
        ("cron(0 0 28 3 ? 2026)/P2D Europe/Berlin", "2026-03-30T01:00:00+02:00", False),
        ("cron(0 22 ? * FRI *)/P2DT10H UTC", "2026-03-09T07:59:59+00:00", True),
        ("cron(0 0 1 JAN ? *)/P31D Pacific/Kiritimati", "2025-12-31T10:00:00+00:00", True),
        ("cron(0/15 * ? * * *)/PT1M", "2026-03-06T09:45:59+00:00", True),
        ("cron(0/15 * ? * * *)/PT1M", "2026-03-06T09:46:00+00:00", False),
    ],
)
def test_clocks_that_change_move_a_beginning_and_never_its_length(window: str, when: str, within: bool) -> None:
    assert read(window).covers(at(when)) is within


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("cron(0 0 L * ? *)", {"2026-01-31", "2026-02-28", "2026-03-31"}),
        ("cron(0 0 15W * ? *)", {"2026-01-15", "2026-02-16", "2026-03-16"}),
        ("cron(0 0 1W * ? *)", {"2026-01-01", "2026-02-02", "2026-03-02"}),
        ("cron(0 0 31W * ? *)", {"2026-01-30", "2026-03-31"}),
        ("cron(0 0 ? * 6L *)", {"2026-01-30", "2026-02-27", "2026-03-27"}),
        ("cron(0 0 ? * 6#2 *)", {"2026-01-09", "2026-02-13", "2026-03-13"}),
        ("cron(0 0 ? 2 SUN#1 2026)", {"2026-02-01"}),
        ("cron(0 0 1,15 1-2 ? 2026/2)", {"2026-01-01", "2026-01-15", "2026-02-01", "2026-02-15"}),
        ("cron(0 0 1/15 MAR ? *)", {"2026-03-01", "2026-03-16", "2026-03-31"}),
        ("cron(0 0 ? JAN L *)", {"2026-01-03", "2026-01-10", "2026-01-17", "2026-01-24", "2026-01-31"}),
        ("cron(0 0 ? 2 MON-TUE *)", {f"2026-02-{day:02d}" for day in (2, 3, 9, 10, 16, 17, 23, 24)}),
    ],
)
def test_the_days_are_those_that_eventbridge_means(text: str, days: set[str]) -> None:
    first_quarter = [date(2026, 1, 1) + timedelta(days=n) for n in range(90)]
    schedule = cron.read(text)
    assert {day.isoformat() for day in first_quarter if schedule.takes(day)} == days


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("cron(0 9 * * FRI *)/PT8H", "exactly one of day-of-month and day-of-week has to be \\?"),
        ("cron(0 9 ? * ? *)/PT8H", "exactly one of"),
        ("cron(0 9 ? * FRI)/PT8H", "six fields"),
        ("cron(60 9 ? * FRI *)/PT8H", "'60' is no minutes: 0 to 59"),
        ("cron(0 9 ? * FRY *)/PT8H", "'FRY' is no day-of-week"),
        ("cron(0 9-7 ? * FRI *)/PT8H", "names no hours"),
        ("cron(0/0 9 ? * FRI *)/PT8H", "names no minutes"),
        ("cron(0 9 ? * FRI#6 *)/PT8H", "first to a fifth"),
        ("cron(0 9 ? * FRI *)", "write a cron expression, a slash"),
        ("cron(0 9 ? * FRI *)/PT0S", "longer than zero"),
        ("cron(0 9 ? * FRI *)/P32D", "31 days at most"),
        ("cron(0 9 ? * FRI *)/PT8H Europe/Berlim", "is no time zone"),
        ("cron(0 9 ? * FRI *)/PT8H ../../etc/passwd", "is no time zone"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read(text)


@given(st.text("0123456789*/,-?LW#() cronPTHDMUC", max_size=40))
def test_whatever_is_written_is_read_or_told(text: str) -> None:
    try:
        window = read(f"cron({text})/PT1H")
    except ValueError:
        return
    assert isinstance(window.covers(datetime(2026, 3, 6, tzinfo=UTC)), bool)


MINUTES = st.sampled_from(["0", "30", "0/20", "5,50"])
HOURS = st.sampled_from(["*", "2", "1-3", "0/6", "23"])
DAYS = st.sampled_from([("?", "*"), ("?", "SUN"), ("25,29", "?"), ("L", "?"), ("?", "1L"), ("1/2", "?")])
LASTING = st.sampled_from([timedelta(minutes=1), timedelta(hours=1), timedelta(hours=25), timedelta(days=3)])
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu"])


@given(MINUTES, HOURS, DAYS, LASTING, ZONES, st.integers(0, 366 * 24 * 60))
def test_it_covers_a_time_when_some_minute_before_began_a_span_that_reaches_it(
    minutes: str, hours: str, days: tuple[str, str], lasts: timedelta, zone: str, later: int
) -> None:
    """The same said slowly: every wall-clock minute of the days before is tried."""
    window = Window(cron.read(f"cron({minutes} {hours} {days[0]} * {days[1]} *)"), lasts, ZoneInfo(zone))
    when = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=later)
    local = when.astimezone(ZoneInfo(zone)).date()
    slowly = any(
        begins <= when < begins + lasts
        for back in range(-1, lasts.days + 3)
        if window.schedule.takes(day := local - timedelta(days=back))
        for hour in window.schedule.hours
        for minute in window.schedule.minutes
        for begins in [datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)]
    )
    assert window.covers(when) is slowly
