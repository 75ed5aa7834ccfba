"""`edsr policy lint` and `test`: exit codes, JSON, JUnit, readable differences; green over what is shipped."""

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.commands import SOUND, edsr
from tests.estate import ROOT
from tests.policies import read, write

BROKEN = ROOT / "tests" / "broken"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SOUND, tmp_path / "policies")
    return tmp_path / "policies"


def broken(folder: Path, case: str) -> Path:
    shutil.copytree(BROKEN / case, folder, dirs_exist_ok=True)
    return folder


def test_the_shipped_policies_lint_without_a_warning() -> None:
    answer = edsr("policy", "lint", "--strict", "--json")
    assert (answer.code, answer.json) == (0, {"ok": True, "problems": []})


def test_the_shipped_policies_pass_their_tests() -> None:
    answer = edsr("policy", "test", "--json")
    assert (answer.code, answer.json["ok"]) == (0, True)
    assert all(policy["tests"] and not policy["not_shown"] for policy in answer.json["policies"])


def test_a_fault_is_told_with_its_line_code_place_and_remedy(folder: Path) -> None:
    answer = edsr("policy", "lint", broken(folder, "a-mode-is-misspelled"))
    assert answer.code == 1
    expected = "policies/rollback.json:36: error EDSR105: $.respond.mode: 'automtic' is not allowed, did you mean"
    assert answer.words.startswith(expected)
    assert "EDSR105 The value is not one of the allowed ones. Use one that the message lists." in answer.words
    assert answer.words.endswith("3 documents: 1 error, 0 warnings")


def test_a_fault_is_told_to_programs(folder: Path) -> None:
    (problem,) = edsr("policy", "lint", broken(folder, "the-owner-is-missing"), "--json").json["problems"]
    assert problem.pop("remedy")
    assert problem == {
        "code": "EDSR107",
        "severity": "error",
        "file": "policies/rollback.json",
        "line": 1,
        "path": "$.owner",
        "what": "is missing: The team that answers for it.",
    }


def test_a_warning_fails_only_when_that_is_asked_for(folder: Path) -> None:
    broken(folder, "a-pattern-is-nearly-too-long")
    assert edsr("policy", "lint", folder).code == 0
    assert edsr("policy", "lint", folder, "--strict").code == 1


def test_one_file_is_linted_for_itself(folder: Path) -> None:
    broken(folder, "a-mode-is-misspelled")
    assert edsr("policy", "lint", folder / "playbooks" / "shift-back.json").code == 0
    assert edsr("policy", "lint", folder / "rollback.json").code == 1


def test_a_folder_without_policies_is_told_and_is_not_taken_to_be_well(tmp_path: Path) -> None:
    answer = edsr("policy", "lint", tmp_path)
    assert answer.code == 3
    assert "holds no policies: name a folder laid out like policies/" in answer.error


def test_a_failing_test_shows_what_was_expected_and_what_came(folder: Path) -> None:
    answer = edsr("policy", "test", "--policies", broken(folder, "a-test-expects-another-gate"))
    assert answer.code == 1
    assert "FAIL does nothing under the kill switch expected got refused-by cooldown kill-switch" in answer.words
    assert "refused by because kill-switch engaged for all" in answer.words
    question = "edsr policy explain rollback cloudwatch/canary-alarm.json --mode automatic"
    assert f"{question} --given kill-switch=all --given environment=prod" in answer.words
    assert answer.words.endswith("3 tests of 1 policy: 1 failed")


def test_a_policy_that_shows_too_little_fails_though_its_tests_pass(folder: Path) -> None:
    answer = edsr("policy", "test", "--policies", broken(folder, "no-test-shows-a-quiet-event"))
    assert answer.code == 1
    assert "its tests: shows no event that it leaves alone (quiet)" in answer.words


def test_a_test_without_its_event_fails_and_says_so(folder: Path) -> None:
    answer = edsr("policy", "test", "--policies", broken(folder, "a-test-names-an-event-that-does-not-exist"))
    assert answer.code == 1
    assert "cloudwatch/canary-alert.json cannot be read: No such file or directory" in answer.words


def test_results_are_written_as_junit(folder: Path, tmp_path: Path) -> None:
    document = read(folder / "rollback.json")
    document["tests"][2]["name"] = 'a <name> & a "quote"\u0007'
    document["tests"][2]["expect"]["verdict"] = "act"
    write(folder / "rollback.json", document)
    file = tmp_path / "results" / "junit.xml"
    assert edsr("policy", "test", "--policies", folder, "--junit", file).code == 1
    (suite,) = ElementTree.parse(file).getroot()  # noqa: S314 - our own file
    assert suite.attrib == {"name": "rollback", "tests": "4", "failures": "1"}
    (failed,) = [case for case in suite if case.find("failure") is not None]
    assert failed.attrib["name"] == 'a <name> & a "quote"\N{REPLACEMENT CHARACTER}'
    failure = failed.find("failure")
    assert failure is not None
    assert failure.attrib["message"] == "verdict: expected act, got suppress"
    assert "kill-switch refused: engaged for all" in (failure.text or "")


def test_one_policy_is_tested_by_its_id_or_its_file(folder: Path) -> None:
    by_id = edsr("policy", "test", "rollback", "--policies", folder)
    by_file = edsr("policy", "test", folder / "rollback.json")
    assert by_id.code == by_file.code == 0
    assert by_id.out == by_file.out


def test_a_misspelled_policy_is_told_which_was_meant(folder: Path) -> None:
    answer = edsr("policy", "test", "rolback", "--policies", folder)
    assert answer.code == 3
    assert "there is no policy 'rolback', did you mean 'rollback'?; there are: rollback" in answer.error
