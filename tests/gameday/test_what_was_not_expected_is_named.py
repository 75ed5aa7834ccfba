"""Whatever is not as a game day expects is named, with what was expected and what was seen."""

import re
from typing import Any

import pytest

from cli.gameday.evidence import Evidence, Look
from cli.gameday.judging import problems
from cli.gameday.measuring import Figure, Measure
from cli.incidents import Told
from edsr.audit import Flaw
from edsr.model import State
from tests.gameday.evidence import CLOSE, MOVED, OUTCOME, REFUSED, a_day, a_page, chain, decision, sound
from tests.things import an_incident

SLOW = Measure.model_validate({"name": "p95", "say": "latency", "of": "latency", "way": "p95", "most": 1})
ESCALATED = Told(an_incident(state=State.ESCALATED), chain(decision(), OUTCOME, CLOSE))
SUPPRESSED = Told(an_incident(state=State.SUPPRESSED), chain(decision("suppress", [REFUSED])))
RESOLVED = {"policy": "lambda-canary-rollback", "states": ["RESOLVED"]}


def wants(**changes: Any) -> dict[str, Any]:
    """A day that expects its incident otherwise."""
    return {"incidents": [{**RESOLVED, **changes}]}


CASES: dict[str, tuple[dict[str, Any], Evidence, str]] = {
    "it ended otherwise": ({}, sound(told=(ESCALATED,)), "to be RESOLVED, saw .* ESCALATED"),
    "nobody expected it": ({"incidents": []}, sound(), "nobody expected .* RESOLVED: all <steps> are better"),
    "none came": ({}, sound(told=(), effects=()), "expected 1 incidents of lambda-canary-rollback"),
    "it was decided otherwise": (wants(verdict="ask"), sound(), "expected the verdict ask, saw act"),
    "another gate refused": (
        wants(**{"states": ["SUPPRESSED"], "refused-by": ["latch"]}),
        sound(told=(SUPPRESSED,), effects=()),
        "expected latch to refuse, but cooldown did",
    ),
    "for another reason": (wants(reason="denied"), sound(), "expected a reason with 'denied', saw"),
    "changed twice": ({}, sound(effects=(MOVED, MOVED)), "expected lambda:UpdateAlias 1, saw lambda:UpdateAlias 2"),
    "changed unrecorded": (
        {"effects": {"lambda:UpdateAlias": 2}},
        sound(effects=(MOVED, MOVED)),
        "2 changes of the estate, and 1 outcomes in the audit",
    ),
    "changed nothing": ({}, sound(effects=()), "expected lambda:UpdateAlias 1, saw nothing"),
    "a page": ({}, sound(pages=(a_page(),)), "expected 0 pages, saw 1: somebody has to look"),
    "a page too many": (
        {"pages": {"most": 1}},
        sound(pages=(a_page(), a_page())),
        "expected 0 to 1 pages, saw 2",
    ),
    "a broken chain": ({}, sound(flaws=(Flaw("i-1", 2, "was changed"),)), "the audit is not whole: .*was changed"),
    "not exported": ({}, sound(exported=2), "only 2 of 3 audit records were exported"),
    "the estate": ({}, sound(looks=(Look("the alias", "1", "2", well=False),)), "the alias: expected '1', saw '2'"),
    "a figure": ({}, sound(figures=(Figure(SLOW, 2.5),)), "latency: 2.5, expected at most 1"),
    "no figure": ({}, sound(figures=(Figure(SLOW, None),)), "latency: nothing was seen of latency"),
    "slow to detect": ({"time-to-detect": "PT0.5S"}, sound(), "it took 1 s to detect, expected at most 0.5 s"),
    "slow to mend": ({"time-to-remediate": "PT10S"}, sound(), "it took 32 s to remediate, expected at most 10 s"),
}


def test_of_what_went_well_nothing_is_named() -> None:
    assert problems(a_day().expect, sound()) == []


def test_where_nobody_watched_neither_changes_nor_pages_are_asked_for() -> None:
    assert problems(a_day(pages=1).expect, sound(effects=(), watched=False)) == []


@pytest.mark.parametrize("case", CASES)
def test_it_is_named(case: str) -> None:
    changes, found, said = CASES[case]
    named = "\n".join(problems(a_day(**changes).expect, found))
    assert re.search(said, named), named
