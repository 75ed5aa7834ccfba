"""Lint names each fault: the file, the line, the path, what is wrong, what is allowed, and what was probably meant."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from edsr.entries import Catalogue, PlannedActionEntry
from edsr.model import Mode
from infra.catalogue import catalogue
from infra.lint import Problem, errors, lint
from infra.lint.rules import RULES, Severity
from tests.estate import EVENTS, ROOT
from tests.policies import read, write

BROKEN = ROOT / "tests" / "broken"
SOUND = BROKEN / "sound"
CASES = sorted(folder.name for folder in BROKEN.iterdir() if folder != SOUND)
POLICY, PLAYBOOK = "rollback.json", "playbooks/shift-back.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sound documents, to be broken."""
    shutil.copytree(SOUND, tmp_path / "policies")
    return tmp_path / "policies"


def entries() -> Catalogue:
    """The shipped entries, one action that cannot be undone, and one that is only planned."""
    shipped = catalogue()
    final = shipped.actions["shift-alias"].model_copy(
        update={"id": "stop-for-good", "reversible": False, "restores": False}
    )
    said = final.model_dump(exclude={"function", "api", "reaches", "runs_on", "temporary", "view", "yields_to"}) | {
        "id": "wait-for-it",
        "why_not_yet": "nobody built it",
    }
    planned = {"wait-for-it": PlannedActionEntry.model_validate(said | {"reversible": True})}
    return shipped.model_copy(update={"actions": {**shipped.actions, final.id: final}, "planned_actions": {**planned}})


def problems_of(folder: Path, **modes: Mode) -> list[Problem]:
    return lint(folder, EVENTS, ROOT, entries=entries(), modes=modes)


def changed(folder: Path, file: str, **changes: Any) -> list[Problem]:
    write(folder / file, read(folder / file) | changes)
    return problems_of(folder)


def test_the_sound_documents_have_no_problem(folder: Path) -> None:
    assert problems_of(folder) == []


@pytest.mark.parametrize("case", CASES)
def test_one_planted_fault_is_one_problem_and_nothing_else(folder: Path, case: str) -> None:
    """`expected` is how the line begins; what follows lists what is allowed, which grows with the suite."""
    shutil.copytree(BROKEN / case, folder, dirs_exist_ok=True)
    (problem,) = problems_of(folder)
    expected = (BROKEN / case / "expected").read_text(encoding="utf-8").strip()
    assert str(problem)[: len(expected)] == expected


def test_the_kept_set_breaks_nearly_every_rule() -> None:
    assert len(CASES) >= 30
    shown = {code for case in CASES for code in re.findall(r"EDSR\d+", (BROKEN / case / "expected").read_text())}
    elsewhere = {"EDSR310", "EDSR311"}
    assert shown | elsewhere == {rule.code for rule in RULES}


def test_a_code_stands_for_one_rule_and_every_rule_says_what_to_do() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert all(rule.wrong.endswith(".") and len(rule.remedy) > 10 for rule in RULES)


@pytest.mark.parametrize(
    ("text", "said"), [("[" * 100_000, "nested too deeply"), ("[]", "valid dictionary"), ('{"id": ', "Expecting value")]
)
def test_what_is_not_a_document_is_said_to_be_none(folder: Path, text: str, said: str) -> None:
    (folder / POLICY).write_text(text)
    (problem,) = problems_of(folder)
    assert problem.file == f"policies/{POLICY}"
    assert said in problem.what


def test_warnings_stop_no_deployment(folder: Path) -> None:
    shutil.copytree(BROKEN / "two-policies-answer-one-alarm", folder, dirs_exist_ok=True)
    (problem,) = problems_of(folder)
    assert problem.rule.severity is Severity.WARNING
    assert errors([problem]) == []


def test_policies_that_share_an_alarm_but_no_subject_do_not_overlap(folder: Path) -> None:
    shutil.copytree(BROKEN / "two-policies-answer-one-alarm", folder, dirs_exist_ok=True)
    other = read(folder / "shop-canaries.json")
    given = [{**test, "given": {**test.get("given", {}), "environment": "test"}} for test in other["tests"]]
    assert changed(folder, "shop-canaries.json", where={"environment": ["test"]}, tests=given) == []


def test_policies_overlap_on_an_event_of_a_known_shape_that_nobody_recorded(folder: Path) -> None:
    shutil.copytree(BROKEN / "two-policies-answer-one-alarm", folder, dirs_exist_ok=True)
    pattern = read(folder / "shop-canaries.json")["detect"]["pattern"]
    pattern["detail"]["alarmName"] = [{"wildcard": "canary-*-of-the-shop"}]
    detect = {"source": "cloudwatch", "severity": "high", "pattern": pattern}
    problems = changed(folder, "shop-canaries.json", detect=detect)
    (overlap,) = [problem for problem in problems if problem.rule.code == "EDSR403"]
    assert ".json with detail.alarmName 'canary--of-the-shop', and both act on lambda:alias" in overlap.what


def test_an_environment_that_raises_the_mode_is_linted_in_that_mode(folder: Path) -> None:
    case = "what-cannot-be-undone-is-not-asked"
    shutil.copy(BROKEN / case / PLAYBOOK, folder / PLAYBOOK)
    assert problems_of(folder) == []
    (problem,) = problems_of(folder, rollback=Mode.AUTOMATIC)
    assert problem.rule.code == "EDSR402"


def test_what_is_only_planned_may_be_observed_and_nothing_more_in_any_environment(folder: Path) -> None:
    shutil.copy(BROKEN / "what-is-only-planned-is-asked-for" / PLAYBOOK, folder / PLAYBOOK)
    assert problems_of(folder) == []
    for mode in (Mode.APPROVE, Mode.AUTOMATIC):
        (problem,) = problems_of(folder, rollback=mode)
        assert (problem.rule.code, problem.path) == ("EDSR404", "$.respond.mode")


def test_a_probe_that_is_only_planned_keeps_its_policy_in_observe_too(folder: Path) -> None:
    verify = {"probe": "workload-is-ready", "with": {"workload.$": "subject.arn"}}
    assert changed(folder, POLICY, verify=verify) == []
    (problem,) = problems_of(folder, rollback=Mode.APPROVE)
    assert problem.what.startswith("'approve' is not allowed: workload-is-ready is only planned (")


@pytest.mark.parametrize(("policies", "code"), [(201, "EDSR310"), (251, "EDSR311")])
def test_more_rules_than_a_bus_takes_are_told_before_aws_does(folder: Path, policies: int, code: str) -> None:
    policy = read(folder / POLICY)
    policy["tests"] = []
    policy["respond"]["playbook"] = "none"
    for number in range(policies - 1):
        write(folder / f"rollback-{number:03}.json", policy | {"id": f"rollback-{number:03}"})
    told = [problem for problem in problems_of(folder) if problem.rule.code in ("EDSR310", "EDSR311")]
    assert [(problem.rule.code, problem.what.split(" ")[0]) for problem in told] == [(code, str(policies))]


def test_what_counts_is_rules_and_not_policies(folder: Path) -> None:
    policy = read(folder / POLICY)
    policy["tests"] = []
    policy["respond"]["playbook"] = "none"
    after = [{"source": policy["detect"]["source"], "pattern": policy["detect"]["pattern"]}]
    policy["detect"]["sequence"] = {"after": after, "within": "PT10M"}
    for number in range(125):
        write(folder / f"rollback-{number:03}.json", policy | {"id": f"rollback-{number:03}"})
    (told,) = [problem for problem in problems_of(folder) if problem.rule.code in ("EDSR310", "EDSR311")]
    assert (told.rule.code, told.what) == ("EDSR311", "251 rules on the bus default; EventBridge takes 250")


def test_a_playbook_that_cannot_be_read_is_not_said_to_be_missing_besides(folder: Path) -> None:
    (problem,) = changed(folder, PLAYBOOK, stages=7)
    assert problem.file == f"policies/{PLAYBOOK}"


def test_a_line_is_that_of_the_value_however_the_document_is_laid_out(folder: Path) -> None:
    text = (folder / POLICY).read_text().replace('"mode": "observe"', '"mode":\n\n   "observed"')
    (folder / POLICY).write_text(text)
    (problem,) = problems_of(folder)
    assert text.splitlines()[problem.line - 1].strip() == '"observed",'
