"""Each operator, at each position of a chain, is found by what it has to be, and names the record.

`make tamper` does it with a chain of 1,000 records.
"""

import json
import random
from dataclasses import replace

import pytest

from edsr import audit
from edsr.model import AuditRecord, Kind
from tests.tamper.__main__ import report, table
from tests.tamper.audits import Audit, By, Pieces, Whole, found
from tests.tamper.chains import INCIDENT
from tests.tamper.operator import ANCHOR, CHAIN, Operator
from tests.tamper.trying import OPERATORS, Tally, attempts, genuine, month

RECORDS = 200
NOTHING = Operator("nothing", "Nothing is done.", lambda whole, _: whole, CHAIN)


@pytest.fixture(scope="module")
def incident() -> Audit:
    return genuine(RECORDS)


@pytest.fixture(scope="module")
def tried(incident: Audit) -> dict[str, Tally]:
    tallies = attempts(incident, month(RECORDS), Pieces(incident))
    return {tally.operator.name: tally for tally in tallies}


def test_a_chain_that_nobody_touched_has_no_flaw_in_whatever_order_it_is_read(incident: Audit) -> None:
    assert {record.kind for record in incident.records} == set(Kind)
    assert found(incident, Whole()) is None
    assert found(month(RECORDS), Whole()) is None
    shuffled = random.Random(1).sample(incident.records, RECORDS)  # noqa: S311 - an order, not a secret
    assert audit.verify(INCIDENT, shuffled, incident.head) == []


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
def test_it_is_found_everywhere_and_the_right_record_is_named(operator: Operator, tried: dict[str, Tally]) -> None:
    tally = tried[operator.name]
    assert tally.positions == RECORDS - operator.places + 1
    assert tally.unexpected == []
    assert tally.as_expected


def test_nothing_goes_unnoticed_and_what_only_an_anchor_finds_is_marked(tried: dict[str, Tally]) -> None:
    assert {name for name, tally in tried.items() if tally.found < tally.positions} == set()
    anchored = {name: tally.anchored for name, tally in tried.items() if tally.anchored}
    assert anchored == {"rewrite-all": RECORDS, "cut-all": RECORDS, "drop-all": RECORDS, "drop-export": 1}


def test_without_anchors_exactly_that_would_go_unnoticed(incident: Audit) -> None:
    blind = replace(incident, seen={})
    for operator in OPERATORS:
        if operator.month:
            continue
        seen = found(operator.act(blind, 1), Whole())
        assert (seen is None) == (operator.expected(1, RECORDS).by is By.ANCHOR), operator.name


def test_every_field_of_a_record_is_changed_by_some_operator() -> None:
    names = {operator.name for operator in OPERATORS}
    fields = {name.replace("_", "-") for name in AuditRecord.model_fields}
    assert {name for name in fields if f"change-{name}" not in names} == {"seq", "v"}
    assert "renumber" in names
    with pytest.raises(ValueError, match="Input should be 1"):
        AuditRecord.model_validate({**genuine(1).records[0].model_dump(), "v": 2})


def test_every_operator_has_a_name_of_its_own_and_says_in_a_sentence_what_it_does() -> None:
    assert len({operator.name for operator in OPERATORS}) == len(OPERATORS)
    assert [operator.name for operator in OPERATORS if not operator.about.endswith(".")] == []


def test_what_goes_unnoticed_is_counted() -> None:
    short = genuine(3)
    (tally,) = attempts(short, month(3), Whole(), [NOTHING])
    assert (tally.positions, tally.found, tally.as_expected) == (3, 0, False)
    assert tally.unexpected[0] == "at 1 chain should name record p; found: None"


def test_what_is_found_although_only_an_anchor_should_is_told() -> None:
    short = genuine(3)
    duplicate = next(operator for operator in OPERATORS if operator.name == "duplicate")
    (tally,) = attempts(short, month(3), Whole(), [duplicate._replace(finds=ANCHOR)])
    assert (tally.found, tally.anchored, tally.as_expected, len(tally.unexpected)) == (3, 3, False, 3)


def test_the_report_says_of_each_operator_how_often_it_was_tried_and_found_and_by_what() -> None:
    made = report(attempts(genuine(4), month(4), Whole()), 4)
    assert json.loads(json.dumps(made)) == made
    assert made["all_found"]
    assert [row["name"] for row in made["operators"]] == [operator.name for operator in OPERATORS]
    drop = next(row for row in made["operators"] if row["name"] == "drop")
    assert (drop["positions"], drop["found"], drop["exact"], drop["by"]) == (
        4,
        4,
        4,
        f"{By.CHAIN}, at the end {By.HEAD}",
    )
    assert [line.split()[0] for line in table(made)] == ["operator", *(operator.name for operator in OPERATORS)]
