"""Times: UTC everywhere, ISO 8601 in models and audit, epoch seconds in items."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, PlainSerializer, TypeAdapter


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time needs its offset, such as Z or +00:00")
    return at.astimezone(UTC)


def iso(at: datetime) -> str:
    """`2026-01-31T09:00:00.123Z`: UTC with milliseconds, so that text sorts as time does."""
    return _utc(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse(text: str) -> datetime:
    """Read any ISO 8601 time that carries its offset; ValueError says what is wrong."""
    return _utc(datetime.fromisoformat(text))


def epoch(at: datetime) -> int:
    """Whole seconds since 1970, rounded down."""
    return int(at.timestamp())


def parse_epoch(seconds: int) -> datetime:
    """The time of an epoch second, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


Utc = Annotated[datetime, AfterValidator(_utc), PlainSerializer(iso, when_used="json")]
"""A time in a model: aware, converted to UTC, written by `iso`."""

_durations = TypeAdapter(timedelta)


def _positive(span: timedelta) -> timedelta:
    if span <= timedelta(0):
        raise ValueError("a duration must be longer than zero")
    return span


def duration_text(span: timedelta) -> str:
    """`PT15M`: ISO 8601, as operators write it."""
    return str(_durations.dump_python(span, mode="json"))


Duration = Annotated[timedelta, AfterValidator(_positive), PlainSerializer(duration_text, when_used="json")]
"""A length of time in a document, written as ISO 8601 (`PT15M`)."""
