"""PLAN, INTENT, OUTCOME and CLOSE: what is written, and what must hold for any of it to be."""

from typing import Any

import pytest

from edsr import audit
from edsr.audit import Head
from edsr.model import Direction, Outcome, Plan, State, Status
from edsr.ports import Write
from edsr.protocol import keys
from edsr.protocol.ending import Ending, Known, close
from edsr.protocol.planning import plan
from edsr.protocol.rates import SKEW
from edsr.protocol.stepping import COMPENSATION, LEASE, outcome
from edsr.times import epoch
from plan.draw import draw
from tests.things import ALIAS, AT, an_incident
from tests.unit.attempts import SEEN, a_step, an_attempt, by_label, intended, values
from tests.unit.test_a_plan_leaves_nothing_open import a_world

NOW = epoch(AT)
RATES = (
    "RTE subject:" + ALIAS,
    "RTE service:checkout",
    "RTE policy:lambda-canary-rollback:checkout",
    "RTE all",
    "RTE api:lambda#123456789012#us-east-1",
)


def test_a_plan_is_committed_to_a_decided_or_agreed_incident_before_its_deadline_and_by_one_only() -> None:
    incident = an_incident()
    drawn = draw(incident, a_world())
    writes = by_label(plan(incident, drawn, at=AT))
    assert writes["HEAD"].condition == (
        "#head_seq = :seq AND #head_hash = :hash AND #st IN (:when0, :when1) AND #deadline > :now"
    )
    assert states(writes["HEAD"]) == {"DECIDED", "APPROVED"}
    assert writes["PLAN"].condition == "attribute_not_exists(#pk) OR #digest <> :digest"
    assert Plan.model_validate_json((writes["PLAN"].item or {})["body"]) == drawn
    assert (writes["REC"].item or {})["body"]["digest"] == drawn.digest


def states(write: Write) -> set[str]:
    """The states that a move may leave."""
    return {value for name, value in values(write).items() if name.startswith(":when")}


def test_an_intent_is_fence_switch_brakes_step_head_and_record_or_nothing() -> None:
    writes = intended(an_attempt())
    assert list(writes) == ["LCK", "KIL", "BRK", "DENY", *RATES, "SEM", "ACT", "STEP", "HEAD", "REC"]
    assert (writes["KIL"].verb, writes["KIL"].key) == ("Check", keys.switch_of(an_incident().id))
    assert writes["STEP"].condition == "attribute_not_exists(#pk)"
    assert writes["HEAD"].condition.endswith("AND #origin IN (:event, :sweep) AND #deadline > :now")
    assert states(writes["HEAD"]) == {"PLANNED", "RUNNING"}


def test_a_plan_that_has_to_be_agreed_to_is_not_begun_before_it_is() -> None:
    writes = intended(an_attempt(incident=an_incident(state=State.APPROVED, asks=True)))
    assert states(writes["HEAD"]) == {"APPROVED", "RUNNING"}
    assert set(RATES) < set(writes)


def test_an_incidents_rates_are_taken_once_and_those_of_everything_and_of_the_api_by_every_intent() -> None:
    writes = intended(an_attempt(incident=an_incident(state=State.RUNNING)))
    assert list(writes) == ["LCK", "KIL", "BRK", "DENY", *RATES[-2:], "SEM", "ACT", "STEP", "HEAD", "REC"]


def test_the_fence_is_taken_from_whoever_holds_no_lease_and_only_ever_rises() -> None:
    first = intended(an_attempt())["LCK"]
    assert first.condition.endswith("attribute_not_exists(#fence)")
    assert values(first)[":fence"] == 1
    later = intended(an_attempt(lock={"fence": 7, "owner": "i-2"}))["LCK"]
    assert later.condition == (
        "(attribute_not_exists(#owner) OR #owner = :inc OR #lease_until < :expired) AND #fence = :read"
    )
    assert values(later) == {
        ":inc": an_incident().id,
        ":expired": epoch(AT - SKEW),
        ":lease": epoch(AT + LEASE),
        ":fence": 8,
        ":read": 7,
    }


@pytest.mark.parametrize("direction", list(Direction))
def test_every_scope_of_the_kill_switch_is_checked_and_a_missing_switch_stops_everything(direction: Direction) -> None:
    incident = an_incident(state=State.RUNNING)
    check = intended(an_attempt(direction, incident=incident))["KIL"]
    terms = check.condition.split(" AND ")
    assert terms[0] == "attribute_exists(#engaged)"
    assert [name for name in check.names or {} if name in check.condition] == list(check.names or {})
    assert set((check.names or {}).values()) == {
        "all", "service:checkout", "policy:lambda-canary-rollback", "account:123456789012", "region:us-east-1",
    }  # fmt: skip
    assert len(terms) == 6
    undoing = direction is Direction.REVERT
    assert all(("#undo = :true" in term) == undoing for term in terms[1:])


def test_an_attempt_made_again_replaces_only_the_attempt_it_saw_and_is_stopped_only_by_a_latch() -> None:
    again = an_attempt(lock={"fence": 4}, earlier={"fence": 4, "attempt": 1, "st": "INTENT"})
    writes = intended(again)
    assert list(writes) == ["LCK", "KIL", "DENY", "STEP", "HEAD", "REC"]
    step = writes["STEP"]
    assert (step.verb, step.condition) == ("Update", "#st = :intent AND #fence = :old")
    assert (values(step)[":old"], values(step)[":fence"], values(step)[":attempt"]) == (4, 5, 2)
    assert "#begun_at" not in step.update, "a token's life is counted from the first attempt"


def test_an_undo_may_be_late_but_only_of_a_running_incident_and_no_brake_holds_it() -> None:
    writes = intended(an_attempt(Direction.REVERT, incident=an_incident(state=State.RUNNING)))
    assert list(writes) == ["LCK", "KIL", "STEP", "HEAD", "REC"]
    assert values(writes["HEAD"])[":now"] == epoch(AT - COMPENSATION)
    assert states(writes["HEAD"]) == {"RUNNING"}


def test_the_end_of_a_temporary_measure_has_no_deadline_but_needs_the_subject_to_itself() -> None:
    writes = intended(an_attempt(Direction.REVERT, incident=an_incident(state=State.HOLDING)))
    assert list(writes) == ["LCK", "KIL", "GRD", "STEP", "HEAD", "REC"]
    assert writes["GRD"].condition == "attribute_not_exists(#inc_id) OR #inc_id = :inc OR #until < :now"
    assert states(writes["HEAD"]) == {"HOLDING"}
    assert values(writes["HEAD"])[":to"] == "HOLDING"
    assert "#deadline" not in writes["HEAD"].condition


def test_the_intent_says_what_will_be_done_to_what_as_it_was_seen() -> None:
    body = (intended(an_attempt(verdicts=({"step": 0, "judged": "better"},)))["REC"].item or {})["body"]
    assert body["target"] == ALIAS
    assert body["before"] == SEEN
    assert body["args"] == {"to": "1"}
    assert body["verdicts"] == [{"step": 0, "judged": "better"}]
    assert body["correlation_id"] == an_incident().finding.correlation_id


def test_an_outcome_is_written_once_under_the_fence_it_was_done_with() -> None:
    attempt = an_attempt(lock={"fence": 4})
    done = Outcome(step=1, direction=Direction.APPLY, status=Status.DONE, undo={"version": "2"}, fence=5, at=AT)
    writes, head = outcome(attempt, done, head=Head(3, "c" * 64), at=AT)
    labelled = by_label(writes)
    assert labelled["STEP"].condition == "#st = :intent AND #fence = :fence"
    assert values(labelled["STEP"])[":fence"] == 5
    assert values(labelled["HEAD"])[":when0"] == "RUNNING"
    assert (head.seq, (labelled["REC"].item or {})["prev"]) == (4, "c" * 64)


@pytest.mark.parametrize("status", list(Status))
def test_only_a_temporary_measure_that_took_effect_is_remembered_to_end(status: Status) -> None:
    done = Outcome(step=1, direction=Direction.APPLY, status=status, fence=1, at=AT)
    for expires, direction in ((600, Direction.APPLY), (None, Direction.APPLY), (600, Direction.REVERT)):
        attempt = an_attempt(direction, step=a_step(expires=expires, renew=2))
        labelled = by_label(outcome(attempt, done, head=Head(3, "c" * 64), at=AT)[0])
        began = expires and direction is Direction.APPLY and status in (Status.DONE, Status.RECOVERED)
        assert ("EXP" in labelled) is bool(began)
        if began:
            assert labelled["EXP"].condition == "attribute_not_exists(#pk)"
            assert labelled["EXP"].item == {"expires_at": NOW + 600, "lasts": 600, "renewals": 0, "max": 2}


def known(**changes: Any) -> Known:
    incident = an_incident(**changes)
    return Known(incident.brief, incident.head, frozenset({"b", ALIAS}))


@pytest.mark.parametrize("undone", [False, True])
def test_an_incident_ends_once_and_frees_what_it_holds(undone: bool) -> None:
    ending = Ending(State.REVERTED if undone else State.RESOLVED, "because", [])
    writes = by_label(close(known(), ending, (State.RUNNING,), actor="close", at=AT))
    assert list(writes) == ["HEAD", "REC", "GRD", "SEM", f"LCK {ALIAS}", "LCK b"]
    assert states(writes["HEAD"]) == {"RUNNING"}
    assert writes["HEAD"].update.endswith("REMOVE #open, #next_check_at")
    assert (writes["GRD"].condition, writes["LCK b"].condition) == ("#inc_id = :inc", "#owner = :inc")
    assert writes["SEM"].condition == "contains(#holders, :inc)"
    assert values(writes["GRD"])[":cool"] == NOW + 900
    assert ("#undone.#playbook = :now" in writes["GRD"].update) is undone


def test_every_record_follows_the_head_that_was_read() -> None:
    ending = Ending(State.ABORTED, "because", [])
    ended = close(known(head=Head(9, "d" * 64)), ending, (State.RUNNING,), actor="x", at=AT)
    record = by_label(ended)["REC"].item or {}
    assert record["prev"] == "d" * 64
    said = {name: value for name, value in record.items() if name not in ("prev", "hash", "ttl")} | {"seq": 10}
    assert record["hash"] == audit._hash("d" * 64, said)
