"""The verdict on a soak of detection: of what came as it had to nothing is named, of anything else its name."""

from collections import Counter
from typing import Any

import pytest

from cli import POLICIES
from edsr.policy import Library
from tests.soak.detection import Came, Moment, differences
from tests.soak.mixing import Mixed
from tests.soak.standing import FINDINGS
from tests.things import AT


@pytest.fixture(scope="module")
def mixed() -> Mixed:
    return Mixed(Library.at(POLICIES).policies(), AT).fill(10)


def whole(mixed: Mixed, **changes: Any) -> Came:
    """What is there when nothing was lost."""
    came = Came(
        handled=mixed.handled.total(),
        failed=2,
        incidents=frozenset(mixed.incidents),
        recoveries=frozenset(mixed.recoveries),
        quarantined=Counter(mixed.malformed),
        copies=1,
        left={FINDINGS: 0, "edsr-decide-dlq": 0},
    )
    return came._replace(**changes)


def test_each_event_has_one_end(mixed: Mixed) -> None:
    assert len(mixed.events) == 10
    assert (len(mixed.incidents), mixed.duplicates, mixed.malformed.total()) == (6, 1, 1)
    assert mixed.handled.total() == 6 + 1 + 1 + len(mixed.recoveries)
    assert differences(mixed, whole(mixed)) == []


def test_each_difference_has_a_name(mixed: Mixed) -> None:
    first, *others = sorted(mixed.incidents)
    (bad,) = mixed.malformed
    (over, *_) = sorted(mixed.recoveries)
    came = whole(
        mixed,
        handled=3,
        incidents=frozenset([*others, "i-of-nothing"]),
        recoveries=frozenset(mixed.recoveries.keys() - {over}),
        quarantined=Counter({"another": 1}),
        left={FINDINGS: 0, "edsr-decide-dlq": 7},
    )
    assert differences(mixed, came) == [
        f"lost incident {first}: {mixed.incidents[first]}",
        "incident i-of-nothing came of nothing",
        f"lost recovery {over}: {mixed.recoveries[over]}",
        f"quarantined 1 times too few: {bad}",
        "quarantined 1 times too often: another",
        "queue edsr-decide-dlq holds 7",
        f"3 calls of detectors went well, not {mixed.handled.total()}",
    ]


def test_it_is_over_when_every_call_was_made_or_given_up_and_no_finding_waits() -> None:
    assert not Moment(8, 0, {FINDINGS: 0, "edsr-detect-delivery-dlq": 1}).over(10)
    assert Moment(8, 6, {FINDINGS: 0, "edsr-detect-delivery-dlq": 2}).over(10)
    assert not Moment(10, 0, {FINDINGS: 1}).over(10)
