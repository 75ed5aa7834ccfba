"""Times are UTC, durations are ISO 8601, and neither surprises whoever reads them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from edsr.times import Duration, Utc, duration_text, epoch, iso, parse, parse_epoch

MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis


def test_any_offset_is_read_and_written_as_utc() -> None:
    assert iso(parse("2026-03-02T05:04:05.123+0200")) == "2026-03-02T03:04:05.123Z"
    assert parse("2026-03-02T03:04:05Z") == datetime(2026, 3, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-03-02T03:04:05", "yesterday", "", "2026-13-01T00:00:00Z"])
def test_a_time_without_offset_or_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"offset|Invalid isoformat|month must be"):
        parse(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_time_that_does_not_exist_in_utc_is_refused_like_any_other(text: str) -> None:
    with pytest.raises(ValueError, match="outside the years 1 to 9999"):
        parse(text)
    with pytest.raises(ValidationError):
        TypeAdapter(Utc).validate_python(text)


@given(MOMENTS, MOMENTS)
def test_text_sorts_as_time_does(one: datetime, other: datetime) -> None:
    if one <= other:
        assert iso(one) <= iso(other)


@given(MOMENTS)
def test_what_was_written_reads_back_to_the_millisecond(at: datetime) -> None:
    assert abs(parse(iso(at)) - at) < timedelta(milliseconds=1)
    assert timedelta(0) <= at - parse_epoch(epoch(at)) < timedelta(seconds=1)


def test_the_last_microsecond_of_a_second_belongs_to_it_also_in_a_far_year() -> None:
    assert epoch(datetime(2900, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC)) == epoch(datetime(2900, 1, 1, tzinfo=UTC))
    assert epoch(datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)) == -1


def test_a_zone_is_not_kept() -> None:
    berlin = timezone(timedelta(hours=1))
    assert TypeAdapter(Utc).validate_python(datetime(2026, 1, 1, 1, tzinfo=berlin)).tzinfo is UTC


def test_a_duration_is_written_as_operators_write_it() -> None:
    assert duration_text(timedelta(minutes=15)) == "PT15M"
    assert TypeAdapter(Duration).validate_python("PT1H") == timedelta(hours=1)


@pytest.mark.parametrize("text", ["PT0S", "-PT1S", "P9999D", "P99999999D", "soon"])
def test_a_duration_is_longer_than_nothing_and_no_longer_than_a_year(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Duration).validate_python(text)
