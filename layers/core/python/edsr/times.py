"""Times: UTC everywhere, ISO 8601 in models and audit, epoch seconds in items."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, PlainSerializer, TypeAdapter

_BEGAN = datetime(1970, 1, 1, tzinfo=UTC)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time needs its offset, such as Z or +00:00")
    try:
        return at.astimezone(UTC)
    except OverflowError as exc:
        raise ValueError("in UTC the time lies outside the years 1 to 9999") from exc


def iso(at: datetime) -> str:
    """`2026-01-31T09:00:00.123Z`: UTC with milliseconds, so that text sorts as time does."""
    return _utc(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse(text: str) -> datetime:
    """Read any ISO 8601 time that carries its offset; ValueError says what is wrong."""
    return _utc(datetime.fromisoformat(text))


def epoch(at: datetime) -> int:
    """Whole seconds since 1970, rounded down."""
    since = at - _BEGAN
    return since.days * 86_400 + since.seconds


def parse_epoch(seconds: int) -> datetime:
    """The time of an epoch second, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


Utc = Annotated[datetime, AfterValidator(_utc), PlainSerializer(iso, when_used="json")]
"""A time in a model: aware, converted to UTC, written by `iso`."""

_durations = TypeAdapter(timedelta)
_YEAR = timedelta(days=366)


def _sensible(span: timedelta) -> timedelta:
    if not timedelta(0) < span <= _YEAR:
        raise ValueError("a duration must be longer than zero, and a year at most")
    return span


def duration_text(span: timedelta) -> str:
    """`PT15M`: ISO 8601, as operators write it."""
    return str(_durations.dump_python(span, mode="json"))


def read_duration(text: str) -> timedelta:
    """Read an ISO 8601 duration; ValueError says what is wrong."""
    return _sensible(_durations.validate_python(text))


Duration = Annotated[timedelta, AfterValidator(_sensible), PlainSerializer(duration_text, when_used="json")]
"""A length of time in a document, written as ISO 8601 (`PT15M`)."""
