"""A timeline's picture: a dot for each moment, in order and apart, within its frame, whatever is said."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edsr.timeline import Entry, Moment
from edsr.way import HIGH, LEAST, strip

AT = datetime(2026, 3, 2, tzinfo=UTC)
WORDS = st.text(max_size=20) | st.just('"><script>alert(1)</script>')
STORIES = st.lists(st.tuples(st.floats(0, 1e6), WORDS, st.sampled_from(["good", "bad", "plain"])), max_size=40)


def entries(story: list[tuple[float, str, str]]) -> list[Entry]:
    """Moments, each so many seconds after the one before."""
    gaps = [0.0, *(gap for gap, _, _ in story[1:])]
    times = [AT + timedelta(seconds=sum(gaps[: n + 1])) for n in range(len(story))]
    return [
        Entry(Moment(at, what, "", tone), gap) for at, (_, what, tone), gap in zip(times, story, gaps, strict=False)
    ]


@given(STORIES)
def test_each_moment_has_a_dot_after_the_one_before_and_within_the_frame(story: list[tuple[float, str, str]]) -> None:
    picture = strip(entries(story))
    dots = [float(at) for at in re.findall(r'cx="([\d.]+)"', picture)]
    assert len(dots) == len(story)
    assert all(later - before >= LEAST - 0.11 for before, later in pairwise(dots))
    (wide,) = re.findall(r'viewBox="0 0 (\d+) ', picture)
    assert all(HIGH / 2 <= at <= int(wide) - HIGH / 2 + 1 for at in dots)
    assert "<script" not in picture


def test_what_took_longer_is_longer() -> None:
    picture = strip(entries([(0, "a", "bad"), (1, "b", "plain"), (9, "c", "good")]))
    first, second, third = (float(at) for at in re.findall(r'cx="([\d.]+)"', picture))
    assert third - second > second - first
    assert re.findall(r'<line class="(\w+)"', picture) == ["plain", "good"]
    assert 'aria-label="3 moments in 10.0 seconds; the last: c"' in picture
