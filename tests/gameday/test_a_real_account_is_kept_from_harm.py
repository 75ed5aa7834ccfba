"""In a real account only harmless days are played, never in a freeze or an open incident, and after its number."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cli.account import Account
from cli.errors import Declined
from cli.gameday import documents
from cli.gameday.elsewhere import check, confirmed
from edsr.model import State
from tests.things import an_incident

ROLLBACK = documents.named(["canary-rollback"])
MARCH, CHRISTMAS = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 12, 25, tzinfo=UTC)


class Tables(Account):
    """An account whose state table holds these incidents."""

    def __init__(self, *states: State) -> None:
        super().__init__("prod", lambda _service: None, is_sandbox=False)
        object.__setattr__(self, "_states", states)

    def scan(self, table: str, **query: Any) -> list[dict[str, Any]]:
        """Its incidents."""
        del table, query
        found: tuple[State, ...] = self._states  # type: ignore[attr-defined]
        return [_item(state) for state in found]


def _item(state: State) -> dict[str, Any]:
    one = an_incident(state=state)
    texts = {
        "pk": f"INC#{one.id}",
        "sk": "HEAD",
        "st": state.value,
        "head_hash": one.head.hash,
        "finding": one.finding.model_dump_json(),
        "policy_doc": one.policy.model_dump_json(by_alias=True),
        "playbook_doc": one.playbook.model_dump_json(by_alias=True),
        "decision_id": one.decision_id,
    }
    numbers = {"head_seq": one.head.seq, "deadline": one.deadline}
    return {name: {"S": said} for name, said in texts.items()} | {n: {"N": str(said)} for n, said in numbers.items()}


def test_a_quiet_day_is_played() -> None:
    check(Tables(State.RESOLVED), ROLLBACK, MARCH)


@pytest.mark.parametrize(
    ("states", "days", "now", "why"),
    [
        ((), ["duplicate-events"], MARCH, "duplicate-events is for the sandbox only: fault, send"),
        ((), ["canary-rollback"], CHRISTMAS, "it is year-end-freeze now"),
        ((State.RESOLVED, State.RUNNING), ["canary-rollback"], MARCH, "1 incidents are open, such as i-"),
    ],
)
def test_it_is_declined(states: tuple[State, ...], days: list[str], now: datetime, why: str) -> None:
    with pytest.raises(Declined, match=why):
        check(Tables(*states), documents.named(days), now)


def test_only_the_accounts_own_number_goes_on() -> None:
    confirmed(Tables(), "000000000000", " 000000000000 ")
    for typed in ("", "yes", "000000000001"):
        with pytest.raises(Declined, match="nothing was done"):
            confirmed(Tables(), "000000000000", typed)
