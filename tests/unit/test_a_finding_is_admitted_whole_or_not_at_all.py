"""ADMIT: the claim, the guard, the incident and the decision's record, all or nothing."""

from datetime import timedelta
from typing import Any

import pytest

from decide.chain import decide
from decide.facts import Facts
from edsr.audit import Head
from edsr.model import Mode, State
from edsr.ports import Write
from edsr.protocol import keys
from edsr.protocol.admission import CLAIM_KEPT, RELAPSE, admit
from edsr.protocol.brakes import UNWELL_MOST
from edsr.protocol.incident import DEADLINE, Incident
from edsr.times import epoch
from tests.things import ALIAS, AT, a_finding, a_playbook, a_policy, a_subject, an_incident
from tests.unit.attempts import by_label, values

NOW = epoch(AT)


def admitted(
    before: Incident | None = None,
    *,
    finding: dict[str, Any] | None = None,
    mode: Mode = Mode.AUTOMATIC,
    crowd: int = 0,
    **facts: Any,
) -> dict[str, Write]:
    found, policy = a_finding(**finding or {}), a_policy(mode)
    asked: dict[str, Any] = {"now": AT, "switches": ()}
    decision = decide(found, policy, Facts(**asked | facts))
    return by_label(admit(found, decision, policy, a_playbook(), before=before, at=AT, crowd=crowd))


@pytest.mark.parametrize("mode", [Mode.AUTOMATIC, Mode.APPROVE])
def test_to_act_or_to_ask_takes_the_claim_the_guard_the_incident_and_the_record_at_once(mode: Mode) -> None:
    writes = admitted(mode=mode)
    slot = ["SEM"] if mode is Mode.AUTOMATIC else []
    assert list(writes) == ["SIG", "ILL", "GRD", *slot, "INC", "REC"]
    assert writes["SIG"].condition == "attribute_not_exists(#pk) OR #exp < :now"
    assert writes["GRD"].condition == (
        "(attribute_not_exists(#inc_id) OR #until < :now) AND attribute_not_exists(#latched)"
        " AND (attribute_not_exists(#cool.#policy) OR #cool.#policy <= :now)"
        " AND (attribute_not_exists(#undone.#playbook) OR #undone.#playbook <= :relapse)"
    )
    assert writes["GRD"].names == {"#policy": "lambda-canary-rollback", "#playbook": "lambda-alias-rollback"}
    assert values(writes["GRD"])[":relapse"] == epoch(AT - RELAPSE)
    assert writes["INC"].condition.startswith("attribute_not_exists(#pk) OR (#st = :suppressed")
    assert (writes["INC"].item or {})["asks"] is (mode is Mode.APPROVE)
    assert writes["REC"].condition == "attribute_not_exists(#pk)"


def test_what_acts_is_admitted_only_while_a_slot_is_free() -> None:
    slot = admitted()["SEM"]
    assert slot.key == keys.slots("service:checkout")
    assert slot.condition == "attribute_not_exists(#holders) OR size(#holders) < :max OR contains(#holders, :inc)"
    assert values(slot)[":max"] == 1


def test_what_is_found_marks_its_subject_unwell_and_nothing_stands_in_the_way_of_that() -> None:
    mark = admitted()["ILL"]
    assert (mark.verb, mark.condition) == ("Update", "")
    assert mark.key == keys.unwell("checkout", "lambda:alias", NOW // 900)
    assert (mark.names, values(mark)[":now"]) == ({"#subject": ALIAS}, NOW)


def test_of_a_crowd_no_more_are_marked_than_an_item_holds() -> None:
    assert "ILL" in admitted(crowd=UNWELL_MOST - 1)
    assert "ILL" not in admitted(crowd=UNWELL_MOST)


@pytest.mark.parametrize("observed", [{"mode": Mode.OBSERVE}, {"finding": {"origin": "replay"}}])
def test_what_would_only_have_been_watched_latches_nothing(observed: dict[str, Any]) -> None:
    writes = admitted(**observed, undone={"lambda-alias-rollback": NOW - 60})
    assert [label for label in writes if label != "ILL"] == ["SIG", "INC", "REC"]
    assert (writes["INC"].item or {})["st"] == "OBSERVED"


@pytest.mark.parametrize("gone", [{"origin": "replay"}, {"observed_at": AT - timedelta(hours=1)}])
def test_what_is_replayed_or_old_says_nothing_about_how_a_subject_is_now(gone: dict[str, Any]) -> None:
    assert "ILL" not in admitted(finding=gone)
    assert "ILL" in admitted(mode=Mode.OBSERVE)


def test_a_subject_of_no_service_has_no_fleet_to_be_counted_in() -> None:
    stray = admitted(finding={"subject": a_subject(service=None)})
    assert list(stray) == ["SIG", "GRD", "SEM", "INC", "REC"]


def test_a_relapse_latches_the_subject_and_keeps_who_latched_it_first() -> None:
    writes = admitted(undone={"lambda-alias-rollback": NOW - 60})
    assert list(writes) == ["SIG", "ILL", "GRD", "INC", "REC"]
    assert (writes["GRD"].condition, writes["GRD"].update) == (
        "",
        "SET #latched = if_not_exists(#latched, :inc), #latched_at = if_not_exists(#latched_at, :now)",
    )
    assert (writes["INC"].item or {})["st"] == "ESCALATED"


def test_the_guard_outlasts_the_deadline_and_the_claim_outlasts_every_duplicate() -> None:
    writes = admitted()
    item = writes["INC"].item or {}
    assert item["deadline"] == epoch(AT + DEADLINE)
    assert values(writes["GRD"])[":until"] == epoch(AT + DEADLINE) + 15 * 60
    assert (writes["SIG"].item or {})["exp"] == epoch(AT + CLAIM_KEPT) >= epoch(AT + timedelta(days=29))


@pytest.mark.parametrize(
    ("facts", "labels", "state"),
    [
        ({"switches": None}, ["SIG", "ILL", "INC", "REC"], "ESCALATED"),
        ({"switches": ("all",)}, ["ILL", "INC", "REC"], "SUPPRESSED"),
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
