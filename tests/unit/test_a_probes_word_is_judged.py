"""Better counts at once; anything else has until the end of the window, and then only a measured worse is worse."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsr.model import Judged, Verify
from tests.things import AT
from verify.handler import judge
from verify.seen import Seen

HOW = Verify(probe="alarm-is-ok", args={}, within=300, every=15)


@pytest.mark.parametrize(
    ("seen", "seconds", "judged"),
    [
        (Judged.BETTER, 0, Judged.BETTER),
        (Judged.BETTER, 999, Judged.BETTER),
        (Judged.WORSE, 0, Judged.PENDING),
        (Judged.WORSE, 299, Judged.PENDING),
        (Judged.WORSE, 300, Judged.WORSE),
        (Judged.UNKNOWN, 299, Judged.PENDING),
        (Judged.UNKNOWN, 300, Judged.UNKNOWN),
        (Judged.PENDING, 299, Judged.PENDING),
        (Judged.PENDING, 300, Judged.UNKNOWN),
    ],
)
def test_the_window_gives_time_to_get_better(seen: Judged, seconds: int, judged: Judged) -> None:
    said = judge(Seen(seen, "what it saw"), HOW, since=AT, now=AT + timedelta(seconds=seconds))
    assert said == Seen(judged, "what it saw")


@given(st.sampled_from(list(Judged)), st.integers(0, 10_000))
def test_only_what_was_seen_to_be_worse_is_ever_judged_worse(seen: Judged, seconds: int) -> None:
    said = judge(Seen(seen, ""), HOW, since=AT, now=AT + timedelta(seconds=seconds))
    assert (said.judged is Judged.WORSE) <= (seen is Judged.WORSE)
    assert (said.judged is Judged.BETTER) == (seen is Judged.BETTER)


@given(st.sampled_from(list(Judged)), st.integers(300, 10_000))
def test_nothing_is_pending_for_ever(seen: Judged, seconds: int) -> None:
    said = judge(Seen(seen, ""), HOW, since=AT, now=AT + timedelta(seconds=seconds))
    assert said.judged is not Judged.PENDING
