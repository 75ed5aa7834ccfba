"""A demotion lowers how far a policy goes, the lowest that has not ended counts, and nothing is ever raised by one."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decide.chain import decide
from decide.facts import Facts
from edsr.model import DecisionVerdict, Mode
from edsr.protocol.demotions import EVERYWHERE, LADDER, Demotion, demoted
from edsr.times import epoch
from tests.things import AT, a_finding, a_policy

NOW = epoch(AT)


def item(**said: tuple[str, int | None]) -> dict[str, object]:
    """A stored item: by service (`all` for everywhere), to what and until when."""
    return {
        "demoted": {
            EVERYWHERE if where == "all" else where: {"to": to, "by": "ann", "reason": "noisy", "at": NOW - 60}
            | ({} if end is None else {"end": end})
            for where, (to, end) in said.items()
        }
    }


@pytest.mark.parametrize(
    ("stored", "goes_to"),
    [
        ({}, None),
        (item(all=("approve", None)), "approve"),
        (item(checkout=("observe", None)), "observe"),
        (item(orders=("observe", None)), None),
        (item(all=("approve", None), checkout=("observe", None)), "observe"),
        (item(all=("observe", NOW + 1)), "observe"),
        (item(all=("observe", NOW)), None),
        (item(all=("approve", None), checkout=("observe", NOW - 1)), "approve"),
    ],
)
def test_the_lowest_that_has_not_ended_counts(stored: dict[str, object], goes_to: str | None) -> None:
    found = demoted(stored, "checkout", AT)
    assert (found.to.value if found else None) == goes_to


@given(written=st.sampled_from(LADDER), to=st.sampled_from([Mode.OBSERVE, Mode.APPROVE]))
def test_nothing_is_raised_and_the_decision_says_who_lowered_it(written: Mode, to: Mode) -> None:
    facts = Facts(now=AT + timedelta(seconds=2), switches=(), demoted=Demotion(to, "ann", "noisy"))
    decision = decide(a_finding(), a_policy(written), facts)
    lowest = min(written, to, key=LADDER.index)
    assert decision.mode is lowest
    verdicts = {Mode.OBSERVE: DecisionVerdict.OBSERVE, Mode.APPROVE: DecisionVerdict.ASK}
    assert decision.verdict is verdicts.get(lowest, DecisionVerdict.ACT)
    reason = next(row.reason for row in decision.rows if row.gate == "mode")
    assert ("ann demoted it" in reason) is (lowest is not written)
