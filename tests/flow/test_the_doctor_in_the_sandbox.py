"""In the sandbox: the doctor names a trail that is missing, a quota near its limit and a source that is off."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cli.account import Account
from cli.diagnosis.finding import Level, examine
from cli.diagnosis.quotas import RULES
from cli.doctor import CHECKS, patient
from tests.things import a_policy

pytestmark = pytest.mark.sandbox

WATCHING = {"source": "security", "severity": "high", "pattern": {"source": ["aws.config"]}}


@pytest.fixture
def crowded(account: Account) -> Iterator[Account]:
    """A default bus of which four rules in five are taken."""
    events = account.client("events")
    names = [f"taken-{number}" for number in range(RULES * 80 // 100)]
    for name in names:
        events.put_rule(Name=name, EventPattern='{"source": ["nobody"]}')
    yield account
    for name in names:
        events.delete_rule(Name=name)


def test_all_three_are_named_and_each_with_what_to_do(crowded: Account) -> None:
    known = patient(crowded)
    said = replace(known, policies=[*known.policies, a_policy(id="watches-config", detect=WATCHING)])
    found = {row.what: row for row in examine(said, CHECKS)}
    named = {what: found[what].level for what in ("CloudTrail", "AWS Config", "rules on the default bus")}
    assert named == {
        "CloudTrail": Level.BLOCKED,
        "AWS Config": Level.BLOCKED,
        "rules on the default bus": Level.NEAR,
    }
    assert "stopped-cloudtrail" in found["CloudTrail"].policies
    assert found["AWS Config"].policies == ("watches-config",)
    assert all(found[what].why and found[what].remedy for what in named)
