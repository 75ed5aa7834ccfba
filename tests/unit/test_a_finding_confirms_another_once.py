"""Findings are counted before a policy acts: each once, none lost when two come at once, none longer than it counts."""

from typing import Any

import pytest

from edsr.policy import Policy
from edsr.protocol import keys
from edsr.protocol.confirming import Confirming, confirm, confirming
from edsr.times import epoch
from tests.things import ALIAS, AT, a_finding, a_policy
from tests.unit.attempts import values

NOW = epoch(AT)
FOUND = a_finding()
SEEN = epoch(FOUND.observed_at)


def patient(count: int = 3) -> Policy:
    return a_policy(safeguards={"confirmations": {"count": count}})


def test_the_first_makes_the_item_and_the_next_compares_its_number() -> None:
    (first,) = confirm(FOUND, patient(), confirming(None), AT)
    assert (first.key, first.condition) == (
        keys.confirming("lambda-canary-rollback", ALIAS),
        "attribute_not_exists(#pk)",
    )
    assert (values(first)[":seen"], values(first)[":next"]) == ({FOUND.id: SEEN}, 1)
    (again,) = confirm(FOUND, patient(), confirming({"seen": {"f-1": NOW}, "ver": 4}), AT)
    assert (again.condition, values(again)[":ver"], values(again)[":next"]) == ("#ver = :ver", 4, 5)
    assert values(again)[":seen"] == {"f-1": NOW, FOUND.id: SEEN}


@pytest.mark.parametrize(
    ("policy", "seen"), [(patient(1), {}), (patient(), {FOUND.id: SEEN}), (patient(), {FOUND.id: NOW, "f-1": NOW})]
)
def test_nothing_is_written_for_a_duplicate_or_where_one_is_enough(policy: Policy, seen: dict[str, int]) -> None:
    assert confirm(FOUND, policy, Confirming(seen, 1), AT) == []


@pytest.mark.parametrize(
    ("seen", "kept"),
    [
        ({"old": NOW - 600, "young": NOW - 599}, {"young"}),
        ({f"f-{n}": NOW - n for n in range(9)}, {"f-0", "f-1"}),
    ],
)
def test_only_as_many_are_kept_as_may_be_asked_for(seen: dict[str, Any], kept: set[str]) -> None:
    (write,) = confirm(FOUND, patient(), Confirming(seen, 1), AT)
    assert set(values(write)[":seen"]) == kept | {FOUND.id}
