"""The transactions of the protocol: what is written, and what must hold for any of it to be."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from decide.chain import decide
from decide.facts import Facts
from edsr import audit
from edsr.audit import Head
from edsr.model import OPEN, Direction, Outcome, Plan, State, Status, Step
from edsr.ports import Item, Write
from edsr.protocol import keys
from edsr.protocol.admission import CLAIM_KEPT, admit
from edsr.protocol.ending import Ending, close
from edsr.protocol.incident import DEADLINE, Incident
from edsr.protocol.planning import plan
from edsr.protocol.stepping import COMPENSATION, LEASE, SKEW, Attempt, intent, outcome
from edsr.times import epoch
from plan.draw import draw
from tests.things import ALIAS, AT, a_finding, a_playbook, a_policy, an_incident
from tests.unit.test_a_plan_leaves_nothing_open import a_world

NOW = epoch(AT)
SEEN = {"state": {"version": "2"}, "revision": "r1"}


def by_label(writes: list[Write]) -> dict[str, Write]:
    assert len({(write.key, write.label) for write in writes}) == len(writes)
    assert len({write.key for write in writes}) == len(writes), "DynamoDB takes one write of an item a transaction"
    return {write.label: write for write in writes}


def admitted(before: Incident | None = None, **facts: Any) -> dict[str, Write]:
    found, policy = a_finding(), a_policy()
    asked: dict[str, Any] = {"now": AT, "switches": ()}
    decision = decide(found, policy, Facts(**asked | facts))
    return by_label(admit(found, decision, policy, a_playbook(), before=before, at=AT))


def a_step() -> Step:
    return draw(an_incident(), a_world()).step(1)


def an_attempt(direction: Direction = Direction.APPLY, **changes: Any) -> Attempt:
    given: dict[str, Any] = {"incident": an_incident(state=State.PLANNED), "lock": None, "earlier": None} | changes
    return Attempt(step=a_step(), direction=direction, **given)


def intended(attempt: Attempt) -> dict[str, Write]:
    return by_label(intent(attempt, before=SEEN, token="t", at=AT)[0])


def values(write: Write) -> Item:
    assert write.values is not None
    return write.values


def test_to_act_takes_the_claim_the_guard_the_incident_and_the_record_at_once() -> None:
    writes = admitted()
    assert list(writes) == ["SIG", "GRD", "INC", "REC"]
    assert writes["SIG"].condition == "attribute_not_exists(#pk) OR #exp < :now"
    assert writes["GRD"].condition == (
        "(attribute_not_exists(#inc_id) OR #until < :now) AND attribute_not_exists(#latched)"
        " AND (attribute_not_exists(#cool.#policy) OR #cool.#policy <= :now)"
    )
    assert writes["GRD"].names == {"#policy": "lambda-canary-rollback"}
    assert writes["INC"].condition.startswith("attribute_not_exists(#pk) OR (#st = :suppressed")
    assert writes["REC"].condition == "attribute_not_exists(#pk)"


def test_the_guard_outlasts_the_deadline_and_the_claim_outlasts_every_duplicate() -> None:
    writes = admitted()
    item = writes["INC"].item or {}
    assert item["deadline"] == epoch(AT + DEADLINE)
    assert values(writes["GRD"])[":until"] == epoch(AT + DEADLINE) + 15 * 60
    assert (writes["SIG"].item or {})["exp"] == epoch(AT + CLAIM_KEPT) >= epoch(AT + timedelta(days=29))


@pytest.mark.parametrize(
    ("facts", "labels", "state"),
    [
        ({"switches": None}, ["SIG", "INC", "REC"], "ESCALATED"),
        ({"switches": ("all",)}, ["INC", "REC"], "SUPPRESSED"),
    ],
)
def test_what_does_not_act_guards_nothing_and_what_is_suppressed_may_come_again(
    facts: dict[str, Any], labels: list[str], state: str
) -> None:
    writes = admitted(**facts)
    assert list(writes) == labels
    assert (writes["INC"].item or {})["st"] == state
    assert "open" not in (writes["INC"].item or {})


def suppressed(times: int) -> Incident:
    return an_incident(state=State.SUPPRESSED, suppressed=times, head=Head(3, "b" * 64))


@pytest.mark.parametrize(("times", "recorded"), [(1, True), (2, False), (3, True), (4, False), (7, True), (1023, True)])
def test_a_storm_of_suppressions_is_recorded_at_1_2_4_8_and_so_on(times: int, recorded: bool) -> None:
    writes = admitted(before=suppressed(times), switches=("all",))
    assert list(writes) == (["INC", "REC"] if recorded else ["INC"])
    assert "#suppressed = :counted AND #head_seq = :seq AND #head_hash = :hash" in writes["INC"].condition


def test_a_suppressed_finding_that_comes_again_continues_its_chain() -> None:
    record = admitted(before=suppressed(1))["REC"]
    assert record.key.sk == 4
    assert (record.item or {})["prev"] == "b" * 64


def test_an_incident_reads_back_from_its_item_as_it_was_decided() -> None:
    item = admitted()["INC"].item or {}
    incident = Incident.of({"pk": keys.incident(a_finding().incident_id).pk, **item})
    assert (incident.finding, incident.policy.digest) == (a_finding(), a_policy().digest)
    assert (incident.state, incident.deadline, incident.suppressed) == (State.DECIDED, epoch(AT + DEADLINE), 0)
    assert (item["open"], item["next_check_at"]) == (keys.open_shard(incident.id), NOW + 120)


def test_a_plan_is_committed_to_a_decided_incident_before_its_deadline_and_by_one_only() -> None:
    incident = an_incident()
    drawn = draw(incident, a_world())
    writes = by_label(plan(incident, drawn, at=AT))
    assert writes["HEAD"].condition == (
        "#head_seq = :seq AND #head_hash = :hash AND #st IN (:when0) AND #deadline > :now"
    )
    assert values(writes["HEAD"])[":when0"] == "DECIDED"
    assert writes["PLAN"].condition == "attribute_not_exists(#pk) OR #digest <> :digest"
    assert Plan.model_validate_json((writes["PLAN"].item or {})["body"]) == drawn
    assert (writes["REC"].item or {})["body"]["digest"] == drawn.digest


def test_an_intent_is_fence_switch_step_head_and_record_or_nothing() -> None:
    writes = intended(an_attempt())
    assert list(writes) == ["LCK", "KIL", "STEP", "HEAD", "REC"]
    assert (writes["KIL"].verb, writes["KIL"].key) == ("Check", keys.switch_of(an_incident().id))
    assert writes["STEP"].condition == "attribute_not_exists(#pk)"
    assert writes["HEAD"].condition.endswith("AND #origin IN (:event, :sweep) AND #deadline > :now")
    assert {values(writes["HEAD"])[f":when{n}"] for n in (0, 1)} == {"PLANNED", "RUNNING"}


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


def test_an_attempt_made_again_replaces_only_the_attempt_it_saw() -> None:
    again = an_attempt(lock={"fence": 4}, earlier={"fence": 4, "attempt": 1, "st": "INTENT"})
    step = intended(again)["STEP"]
    assert (step.verb, step.condition) == ("Update", "#st = :intent AND #fence = :old")
    assert (values(step)[":old"], values(step)[":fence"], values(step)[":attempt"]) == (4, 5, 2)


def test_an_undo_may_be_late_but_only_of_a_running_incident() -> None:
    undo = intended(an_attempt(Direction.REVERT, incident=an_incident(state=State.RUNNING)))["HEAD"]
    assert values(undo)[":now"] == epoch(AT - COMPENSATION)
    assert [value for name, value in values(undo).items() if name.startswith(":when")] == ["RUNNING"]


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


@pytest.mark.parametrize("undone", [False, True])
def test_an_incident_ends_once_and_frees_what_it_holds(undone: bool) -> None:
    incident = an_incident(state=State.RUNNING)
    ending = Ending(State.REVERTED if undone else State.RESOLVED, "because", [])
    ended = close(incident, ending, actor="close", at=AT, targets={"b", ALIAS})
    writes = by_label(ended)
    assert list(writes) == ["HEAD", "REC", "GRD", f"LCK {ALIAS}", "LCK b"]
    assert {value for name, value in values(writes["HEAD"]).items() if name.startswith(":when")} == set(OPEN)
    assert writes["HEAD"].update.endswith("REMOVE #open, #next_check_at")
    assert (writes["GRD"].condition, writes["LCK b"].condition) == ("#inc_id = :inc", "#owner = :inc")
    assert values(writes["GRD"])[":cool"] == NOW + 900
    assert ("#undone.#playbook = :now" in writes["GRD"].update) is undone


def test_every_record_follows_the_head_that_was_read() -> None:
    incident = replace(an_incident(), head=Head(9, "d" * 64))
    ended = close(incident, Ending(State.ABORTED, "because", []), actor="x", at=AT, targets=set())
    record = by_label(ended)["REC"].item or {}
    assert record["prev"] == "d" * 64
    said = {name: value for name, value in record.items() if name not in ("prev", "hash", "ttl")} | {"seq": 10}
    assert record["hash"] == audit._hash("d" * 64, said)
