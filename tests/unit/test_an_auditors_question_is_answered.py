"""Each named query is read in Athena's dialect and asked of real files, by the engine of the sandbox."""

import gzip
import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.errors import UNAVAILABLE, Declined, Unavailable
from cli.query.asked import asked
from cli.query.embedded import Lake
from decide.facts import Facts
from edsr.model import Kind, Mode
from infra.auditing.queries import parse, queries
from tests.cli.commands import edsr
from tests.estate import ROOT
from tests.lake import Chain, a_call, an_incident, exported, trailed
from tests.things import ALIAS, AT, a_finding, a_policy

LATER = AT + timedelta(days=2)
MIDNIGHT = AT.replace(hour=0, minute=0) + timedelta(days=1)
PAIRING = ("calls-without-record", "records-without-call", "completeness")
ASKS = a_policy(Mode.APPROVE)
PLAN, OTHER = "d" * 64, "e" * 64

AUTOMATIC = an_incident("alone").acted().closed()
APPROVED = (
    an_incident("agreed", ASKS).asked("d" * 64, a_finding()).answered("ann", "approved", "d" * 64).acted().closed()
)
UNASKED = an_incident("unasked", ASKS).acted().closed()
UNDONE = an_incident("undone").acted().acted(direction="revert").closed("REVERTED")
STOPPED = an_incident("stopped", facts=Facts(now=AT, switches=("all",)))
REJECTED = an_incident("rejected", ASKS).asked(OTHER, a_finding()).answered("ben", "rejected", OTHER)
ABORTED = an_incident("aborted").closed("ABORTED", "the breaker is open")
DENIED = an_incident("denied").acted(status="DENIED").closed("ESCALATED")
SWITCHED = Chain("CTL#2026-03").add(Kind.CONTROL, "ann", {"switch": "engaged", "scope": "all", "reason": "a drill"})
CHAINS = (AUTOMATIC, APPROVED, UNASKED, UNDONE, STOPPED, REJECTED, ABORTED, DENIED, SWITCHED)
ACTED = [one for one in CHAINS if any(record.kind is Kind.INTENT for record in one.records)]

Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Asks of all chains above, exported twice over, and of a trail."""
    folder = exported(tmp_path_factory.mktemp("export"), [one.records for one in CHAINS])
    again = folder / "audit/dt=2026-03-02/9-9.jsonl.gz"
    again.write_bytes(next(folder.glob("audit/dt=*/*.gz")).read_bytes())
    lake = Lake(folder, LATER, trailed(tmp_path_factory.mktemp("trail"), [a_call(1, AT, "checkout")]))
    return lambda name, **told: rows(lake, name, told)


def rows(lake: Lake, name: str, told: dict[str, str]) -> list[dict[str, Any]]:
    """The answer about three days, unless others are `told`."""
    days = {"since": "2026-03-01", "until": "2026-03-04"} if name in queries() else {}
    answer = lake.ask(asked(name, days | told, date(2026, 3, 4)))
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


@pytest.mark.parametrize("name", queries())
def test_it_is_read_in_athenas_dialect_says_what_it_answers_and_is_answered(name: str, ask: Ask) -> None:
    query = queries()[name]
    assert parse(query.sql)
    assert len(query.title) > 20
    assert {"since", "until"} <= {one.name for one in query.parameters}
    told = {one.name: "i-none" for one in query.parameters if one.kind == "text"}
    ask(name, **told)


def test_who_approved_what(ask: Ask) -> None:
    found = {row["person"]: row for row in ask("who-approved-what")}
    assert set(found) == {"ann", "ben"}
    assert (found["ann"]["answer"], found["ann"]["changes"], found["ann"]["subject"]) == ("approved", 1, ALIAS)
    assert (found["ben"]["answer"], found["ben"]["changes"], found["ben"]["caller"]) == ("rejected", 0, "arn:ben")


def test_a_change_was_made_under_the_approval_before_it_and_no_other(tmp_path: Path) -> None:
    found, again = a_finding(), an_incident("again", a_policy(Mode.APPROVE))
    again.asked(PLAN, found).answered("ann", "approved", PLAN)
    again.asked(OTHER, found, 2).answered("ben", "approved", OTHER, 2)
    again.asked(PLAN, found, 3, need=2).answered("cy", "approved", PLAN, 3, last=False)
    again.answered("di", "approved", PLAN, 3).acted().acted(direction="revert").closed("REVERTED")
    lake = Lake(exported(tmp_path, [again.records]), LATER)
    said = [(row["person"], row["plan"], row["final"], row["changes"]) for row in rows(lake, "who-approved-what", {})]
    assert said == [
        ("ann", PLAN[:12], "true", 0),
        ("ben", OTHER[:12], "true", 0),
        ("cy", PLAN[:12], "false", 1),
        ("di", PLAN[:12], "true", 1),
    ]


def test_an_approval_counts_for_the_plan_that_was_acted_on(tmp_path: Path) -> None:
    found, swapped = a_finding(), an_incident("swapped", ASKS)
    swapped.asked(PLAN, found).answered("ann", "approved", PLAN).planned(OTHER).acted().closed()
    redrawn = an_incident("redrawn", ASKS)
    redrawn.asked(PLAN, found).answered("ann", "approved", PLAN).planned(PLAN).acted().closed()
    late = an_incident("late", ASKS)
    late.planned(PLAN).acted().asked(PLAN, found).answered("ann", "approved", PLAN).closed()
    lake = Lake(exported(tmp_path, [one.records for one in (swapped, redrawn, late)]), LATER)
    told = {row["incident"]: row["allowed_by"] for row in rows(lake, "actions-without-approval", {})}
    assert told == {swapped.id: "NONE", late.id: "NONE"}


def test_every_action_on_a_resource(ask: Ask) -> None:
    found = ask("actions-on-a-resource", resource=ALIAS)
    assert len(found) == 2 * 6
    assert {row["incident"] for row in found} == {one.id for one in ACTED}
    assert [row["status"] for row in found if row["kind"] == "OUTCOME"].count("DONE") == 5
    assert ask("actions-on-a-resource", resource=ALIAS + "x") == []


def test_of_actions_without_approval_only_one_had_no_right(ask: Ask) -> None:
    found = ask("actions-without-approval")
    assert {row["incident"]: row["allowed_by"] for row in found if row["allowed_by"] == "NONE"} == {UNASKED.id: "NONE"}
    assert APPROVED.id not in {row["incident"] for row in found}
    assert {row["allowed_by"] for row in found if row["incident"] == AUTOMATIC.id} == {"the policy acts by itself"}


def test_refusals_and_why(ask: Ask) -> None:
    found = {(row["incident"], row["refused_by"]): row["reason"] for row in ask("refusals")}
    assert "engaged" in found[STOPPED.id, "gate kill-switch"]
    assert found[REJECTED.id, "person ben"] == "rejected"
    assert found[ABORTED.id, "stop on the way"] == "the breaker is open"
    assert found[DENIED.id, "the service, to edsr-act-shift-alias"] == "shift-alias"


def test_actions_by_version_of_the_policy(ask: Ask) -> None:
    found = ask("actions-by-policy-version")
    assert {row["policy"] for row in found} == {"lambda-canary-rollback"}
    assert len({row["version"] for row in found}) == 2
    assert sum(row["actions"] for row in found) == 6


def test_what_was_switched_and_one_incident(ask: Ask) -> None:
    (switched,) = ask("switches")
    assert (switched["person"], switched["switched"], switched["what"], switched["reason"]) == (
        "ann",
        "engaged",
        "all",
        "a drill",
    )
    found = ask("one-incident", incident=APPROVED.id)
    assert [row["seq"] for row in found] == list(range(1, len(APPROVED.records) + 1))
    assert [row["hash"] for row in found] == [record.hash for record in APPROVED.records]


def test_whole_chains_have_no_gaps_but_one_that_nobody_ended(ask: Ask) -> None:
    assert {row["incident"]: row["gap"] for row in ask("gaps-in-the-chain")} == {
        REJECTED.id: "the last for a day, and not an end"
    }


@pytest.mark.parametrize(
    ("left", "gap"),
    [
        ([0, 1, 3], "missing before it: 1"),
        ([1, 2, 3], "missing before it: 1"),
        ([0], "the last for a day, and not an end"),
        ([0, 1, 2, 3], None),
    ],
)
def test_what_is_missing_between_records_shows(left: list[int], gap: str | None, tmp_path: Path) -> None:
    lake = Lake(exported(tmp_path, [[AUTOMATIC.records[n] for n in left]]), LATER)
    assert [row["gap"] for row in rows(lake, "gaps-in-the-chain", {})] == ([gap] if gap else [])


@pytest.mark.parametrize("days", [("2026-03-01", "2026-03-02"), ("2026-03-03", "2026-03-04")])
def test_a_chain_that_spans_midnight_has_no_gap_on_either_side(days: tuple[str, str], tmp_path: Path) -> None:
    chain = an_incident("midnight", at=MIDNIGHT - timedelta(seconds=2)).acted().closed()
    assert {record.ts[:10] for record in chain.records} == {"2026-03-02", "2026-03-03"}
    lake = Lake(exported(tmp_path, [chain.records]), LATER + timedelta(days=2))
    assert rows(lake, "gaps-in-the-chain", {"since": days[0], "until": days[1]}) == []


def test_a_record_that_stands_twice_and_one_that_does_not_follow_show(tmp_path: Path) -> None:
    other = an_incident("alone").acted("arn:aws:lambda:us-east-1:1:function:other:live").closed()
    mixed = [*AUTOMATIC.records[:3], other.records[3]]
    lake = Lake(exported(tmp_path, [mixed, [other.records[1]]]), LATER)
    found = {row["seq"]: row["gap"] for row in rows(lake, "gaps-in-the-chain", {})}
    assert found[2] == "there are two of this number"
    assert found[4] == "it does not follow the record before"


def test_calls_are_paired_with_intents_in_the_same_words_everywhere() -> None:
    pairing = (ROOT / "audit" / "pairing.sql").read_text().rstrip()
    assert pairing.endswith("WHERE nearest = 1\n)")
    for name in PAIRING:
        assert queries()[name].sql.count(pairing) == 1
        assert "-- include" not in queries()[name].sql


def test_what_is_no_json_is_a_row_without_anything(tmp_path: Path) -> None:
    folder = exported(tmp_path, [AUTOMATIC.records])
    file = folder / "audit/dt=2026-03-02/8-8.jsonl.gz"
    file.write_bytes(gzip.compress(b"not json\n\x00\n" + b'{"half": '))
    found = rows(Lake(folder, LATER), "SELECT count(*) AS n, count(incident_id) AS said FROM records", {})
    assert found[0]["said"] == len(AUTOMATIC.records)


FOREIGN = (
    {"incident_id": "i-x", "seq": "x", "kind": "INTENT", "ts": "never", "body": {}},
    {"incident_id": "i-x", "seq": 10**30, "kind": "PLAN", "ts": "2026-03-02", "body": {}},
    {"incident_id": "i-x", "seq": 1, "kind": "OUTCOME", "ts": "2026-99-02T00:00:00.000Z", "body": {"status": "DONE"}},
    {"incident_id": "i-x", "seq": 1, "kind": "DECISION", "ts": "x", "body": {"decision": {"rows": "none"}}},
    {"incident_id": ["a"], "seq": [1], "kind": {"a": 1}, "ts": 7, "body": "x"},
    ["INTENT"],
)


@pytest.mark.parametrize("line", FOREIGN, ids=str)
def test_a_line_that_record_did_not_write_silences_no_query_and_is_named(line: Any, tmp_path: Path) -> None:
    folder = exported(tmp_path / "export", [AUTOMATIC.records])
    file = folder / "audit/dt=2026-03-02/8-8.jsonl.gz"
    file.write_bytes(gzip.compress(json.dumps(line).encode()))
    lake = Lake(folder, LATER, trailed(tmp_path / "trail", [a_call(1, AT, "checkout")]))
    for name in queries():
        rows(lake, name, {one.name: "x" for one in queries()[name].parameters if one.kind == "text"})
    assert "it is no record" in [row["gap"] for row in rows(lake, "gaps-in-the-chain", {})]


def test_an_empty_export_has_no_answers_and_no_errors(tmp_path: Path) -> None:
    lake = Lake(tmp_path, LATER, tmp_path)
    for name in queries():
        told = {one.name: "x" for one in queries()[name].parameters if one.kind == "text"}
        assert rows(lake, name, told) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/*')",
        "DROP VIEW records",
        "SELECT 1; SELECT 2",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "COPY records TO 'x.csv'",
        "SELECT nothing FROM nowhere",
        "SELECT FROM WHERE",
    ],
)
def test_whatever_is_asked_reads_the_audit_and_nothing_else(sql: str, ask: Ask) -> None:
    with pytest.raises(Declined):
        ask(sql)


@pytest.mark.parametrize(
    ("text", "told", "why"),
    [
        ("who-approved-wat", {}, "there is no query"),
        ("switches", {"since": "yesterday"}, "no day"),
        ("switches", {"resource": "x"}, "not for resource"),
        ("actions-on-a-resource", {}, "--set resource="),
        ("switches", {"since": "2026-03-05"}, "there is no day from 2026-03-05 to 2026-03-04"),
        ("switches", {"until": "2026-01-01"}, "no day from 2026-02-02 to 2026-01-01"),
        ("one-incident", {"incident": "x" * 1001}, "at most 1000"),
        ("one-incident", {"incident": "a\x00b"}, "printable"),
        ("SELECT 1 AS n", {"since": "2026-03-01"}, "leave --set"),
    ],
)
def test_what_cannot_be_asked_is_declined_with_the_reason(text: str, told: dict[str, str], why: str) -> None:
    with pytest.raises(Declined, match=re.escape(why)):
        asked(text, told, date(2026, 3, 4))


def test_a_value_is_bound_and_never_becomes_part_of_the_query(ask: Ask) -> None:
    assert ask("actions-on-a-resource", resource="' OR '1'='1") == []
    assert ask("one-incident", incident="x' UNION SELECT 1,'2','3','4','5','6','7' --") == []


def test_a_trail_that_is_none_is_no_trail_in_which_nothing_happened(tmp_path: Path) -> None:
    flat = tmp_path / "flat"
    flat.mkdir()
    exported(tmp_path / "copy", [AUTOMATIC.records])
    asks = ("audit", "query", "calls-without-record", "--from", tmp_path / "copy", "--since", "2026-03-01", "--trail")
    for folder in (tmp_path / "mistyped", flat):
        answer = edsr(*asks, folder)
        assert (answer.code, f"{folder}: the trail's files lie in" in answer.error) == (UNAVAILABLE, True)
    trail = trailed(tmp_path / "trail", [a_call(1, AT, "checkout", session="edsr-decide")])
    assert "1 row" in edsr(*asks, trail).words
    (file,) = trail.rglob("*.gz")
    (flat / file.name).write_bytes(file.read_bytes())
    assert f"{file.name}: the trail's files lie in" in edsr(*asks, flat).error


def test_without_a_trail_what_needs_one_is_not_answered(tmp_path: Path) -> None:
    lake = Lake(tmp_path, LATER)
    for name in PAIRING:
        with pytest.raises(Unavailable, match="--trail"):
            rows(lake, name, {})
