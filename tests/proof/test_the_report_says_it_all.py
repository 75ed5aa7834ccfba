"""The report: everything that was found out is in build/iam.json and in its tables."""

import json
from typing import Any

import pytest

from tests.proof.calls import Call
from tests.proof.denials import Denials, mutates
from tests.proof.explored import spelled
from tests.proof.report import FILE, report, tables, write
from tests.proof.shown import ACTORS, Shown

pytestmark = pytest.mark.iam


@pytest.fixture(scope="module")
def said(shown: dict[str, Shown], denials: Denials) -> dict[str, Any]:
    """The report, as it was written."""
    write(report(shown, denials.every))
    read: dict[str, Any] = json.loads(FILE.read_text())
    return read


def test_nothing_is_denied_unused_or_unmapped_without_a_written_reason(said: dict[str, Any]) -> None:
    assert (said["denied"], said["unused"], said["unmapped"]) == ([], [], [])
    assert all(each["reason"] for function in said["functions"] for each in function["ambient"])


def test_every_function_and_every_call_is_in_it(said: dict[str, Any], calls: list[Call], asked: list[Call]) -> None:
    assert [each["function"] for each in said["functions"]] == ACTORS
    assert said["calls"] == len(calls) + len(asked)


def test_every_action_by_which_a_function_changes_something_was_denied_once(
    said: dict[str, Any], shown: dict[str, Shown]
) -> None:
    once = {(each["function"], each["action"]) for each in said["denied_once"]}
    used = {(actor, need.action) for actor in ACTORS for need in shown[actor].by if mutates(need)}
    assert used <= once
    assert all(each["told"] for each in said["denied_once"])


def test_the_tables_name_every_function_and_what_came_of_its_denials(said: dict[str, Any]) -> None:
    text = "\n".join(tables(said))
    assert [actor for actor in ACTORS if f"{actor}  " not in text] == []
    assert "ESCALATED by the machine" in text
    assert text.endswith("0 denied, 0 unused, 0 unmapped")


def test_the_explorer_saw_every_function_that_the_machine_calls(asked: list[Call]) -> None:
    assert {"edsr-plan", "edsr-act-shift-alias", "edsr-verify", "edsr-close"} <= {call.actor for call in asked}


def test_a_method_of_a_client_is_known_by_its_operation() -> None:
    assert spelled("stepfunctions", "start_execution") == ("SFN", "StartExecution")
    with pytest.raises(KeyError):
        spelled("stepfunctions", "begin_execution")
