"""Everything that was recorded goes through every source: a finding, a reason to ignore it, or what it lacks."""

import pytest

from tests import recorded

pytestmark = pytest.mark.skipif(
    not recorded.SHARED.is_dir(), reason="the recorded events are not beside the repository"
)

FOUND = {
    "billing": (5, 4),
    "cloudwatch": (3, 1),
    "custom": (1, 0),
    "data": (7, 2),
    "delivery": (5, 1),
    "edge": (2, 1),
    "health": (22, 7),
    "kubernetes": (33, 0),
    "logs": (12, 0),
    "traces": (0, 0),
}
"""By source: findings, and events that lack what a finding needs (most are templates, such as `<date>` for a time)."""


def test_each_source_finds_what_is_to_be_found_and_ignores_the_rest_with_a_reason() -> None:
    table = recorded.table()
    assert {source: (count.findings, count.malformed) for source, count in table.items()} == FOUND
    for count in table.values():
        assert count.findings + count.malformed + sum(count.ignored.values()) == count.events == len(recorded.events())
        assert all(count.ignored)
