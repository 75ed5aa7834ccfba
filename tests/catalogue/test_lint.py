"""Lint names each fault: the file, the path, what is wrong, what is allowed, and what was probably meant."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.lint import lint
from tests.estate import EVENTS, ROOT
from tests.policies import SHIPPED, read, write

POLICY, PLAYBOOK, SERVICE = (
    "lambda-canary-rollback.json",
    "playbooks/lambda-alias-rollback.json",
    "services/checkout.json",
)
Change = Callable[[dict[str, Any]], Any]


def _set(*path: Any) -> Change:
    *way, key, value = path

    def change(document: dict[str, Any]) -> None:
        node: Any = document
        for part in way:
            node = node[part]
        node[key] = value

    return change


FAULTS: list[tuple[str, Change, str, str]] = [
    (POLICY, _set("respnd", {}), "$.respnd", "unknown key 'respnd', did you mean 'respond'?"),
    (POLICY, _set("respond", "mod", "observe"), "$.respond.mod", "unknown key 'mod', did you mean 'mode'?"),
    (
        POLICY,
        _set("respond", "mode", "automtic"),
        "$.respond.mode",
        "did you mean 'automatic'?; allowed: observe, approve, automatic",
    ),
    (
        POLICY,
        _set("respond", "playbook", "lambda-alias-rolback"),
        "$.respond.playbook",
        "did you mean 'lambda-alias-rollback'?",
    ),
    (POLICY, _set("respond", "with", {"alais": "x"}), "$.respond.with", "did you mean 'alias'?"),
    (POLICY, _set("id", "another"), "$.id", "must equal the file's name"),
    (POLICY, _set("owner", "Platform SRE"), "$.owner", "match pattern"),
    (POLICY, _set("runbook", "docs/runbooks/none.md"), "$.runbook", "there is no file"),
    (POLICY, _set("detect", "source", "cloudwach"), "$.detect.source", "did you mean 'cloudwatch'?"),
    (POLICY, _set("detect", "severity", "hi"), "$.detect.severity", "allowed: low, medium, high, critical"),
    (POLICY, _set("detect", "pattern", {"source": "aws.cloudwatch"}), "$.detect.pattern", "not an event pattern"),
    (POLICY, _set("detect", "pattern", {"source": ["x" * 2000]}), "$.detect.pattern", "EventBridge takes 2000"),
    (POLICY, _set("where", {"tier": [{"numeric": ["<"]}]}), "$.where", "not an event pattern"),
    (POLICY, _set("verify", "probe", "alarm-ok"), "$.verify.probe", "did you mean 'alarm-is-ok'?"),
    (POLICY, _set("verify", "with", {}), "$.verify.with", "misses 'alarm', which probe alarm-is-ok needs"),
    (POLICY, _set("verify", "with", {"alarm.$": "evidence.["}), "$.verify.with", "is not JMESPath"),
    (
        POLICY,
        _set("safeguards", "cooldown", "15 minutes"),
        "$.safeguards.cooldown",
        "not a duration; write ISO 8601, such as PT15M",
    ),
    (POLICY, _set("safeguards", "cooldown", "PT0S"), "$.safeguards.cooldown", "longer than zero"),
    (POLICY, _set("safeguards", "window", {"deny": []}), "$.safeguards.window", "unknown key 'window'"),
    (POLICY, _set("safeguards", "rate", {"max": 0}), "$.safeguards.rate.max", "greater than or equal to 1"),
    (POLICY, _set("safeguards", "rate", {"scope": "acount"}), "$.safeguards.rate.scope", "allowed: subject, service"),
    (POLICY, _set("safeguards", "breaker", {"failures": 11}), "$.safeguards.breaker.failures", "equal to 10"),
    (POLICY, _set("safeguards", "blast-radius", {"max-percent": 101}), "$.safeguards.blast-radius.max-percent", "100"),
    (POLICY, _set("safeguards", "approval", {"expires": "PT2H"}), "$.safeguards.approval.expires", "equal to 1 hour"),
    (POLICY, _set("on-failure", ["revert", "page"]), "$.on-failure", "would bring back the trouble; allowed: hold"),
    (POLICY, _set("tests", []), "$.tests", "is empty"),
    (POLICY, _set("tests", 0, "expect", "verdict", "observe"), "$.tests[0]", "expected observe"),
    (POLICY, _set("tests", 0, "event", "cloudwatch/none.json"), "$.tests[0]", "FileNotFoundError"),
    (POLICY, lambda document: document.pop("title"), "$.title", "is missing"),
    (
        PLAYBOOK,
        _set("stages", 0, "steps", 0, "action", "shift-alais"),
        "$.stages[0].steps[0].action",
        "did you mean 'shift-alias'?",
    ),
    (PLAYBOOK, _set("stages", 0, "steps", 0, "with", {}), "$.stages[0].steps[0].with", "misses 'to'"),
    (
        PLAYBOOK,
        _set("stages", 0, "steps", 0, "target", "arn:aws:x"),
        "$.stages[0].steps[0]",
        "either target or target.$",
    ),
    (PLAYBOOK, _set("stages", 0, "steps", 0, "lasts", "P2Y"), "$.stages[0].steps[0].lasts", "a year at most"),
    (PLAYBOOK, _set("stages", 0, "steps", 0, "renew", 21), "$.stages[0].steps[0].renew", "equal to 20"),
    (PLAYBOOK, _set("stages", []), "$.stages", "at least 1 item"),
    (SERVICE, _set("resources", 0, "arn", "checkout"), "$.resources[0].arn", "is not an ARN"),
    (SERVICE, _set("tier", 9), "$.tier", "less than or equal to 4"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One policy, its playbook and its service, to be broken."""
    for name in (POLICY, PLAYBOOK, SERVICE):
        (tmp_path / "policies" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SHIPPED / name, tmp_path / "policies" / name)
    return tmp_path / "policies"


@pytest.mark.parametrize(
    ("file", "change", "path", "said"), FAULTS, ids=[f"{fault[2]} {fault[3][:40]}" for fault in FAULTS]
)
def test_one_planted_fault_is_one_problem(folder: Path, file: str, change: Change, path: str, said: str) -> None:
    document = read(folder / file)
    change(document)
    write(folder / file, document)
    problems = [problem for problem in lint(folder, EVENTS, ROOT) if not _follows(problem.what)]
    assert [(problem.file, problem.path) for problem in problems] == [(f"policies/{file}", path)]
    assert said in problems[0].what


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"id": ', "not JSON: Expecting value (line 1, column 8)"),
        ('{"id": "a", "id": "b"}', "the key 'id' is given twice"),
        ("[" * 100_000, "recursion"),
        ("[]", "valid dictionary"),
    ],
)
def test_what_is_not_a_document_is_said_to_be_none(folder: Path, text: str, said: str) -> None:
    (folder / POLICY).write_text(text)
    (problem,) = lint(folder, EVENTS, ROOT)
    assert problem.file == f"policies/{POLICY}"
    assert said.lower() in problem.what.lower()


def test_a_document_that_is_not_utf_8_is_said_to_be_none(folder: Path) -> None:
    (folder / POLICY).write_bytes(b'{"id": "\xff"}')
    (problem,) = lint(folder, EVENTS, ROOT)
    assert problem.what.startswith("not UTF-8")


def test_a_policy_that_misses_a_playbooks_parameter_is_told_which(folder: Path) -> None:
    playbook = read(folder / PLAYBOOK)
    playbook["parameters"] = {"alias": {"title": "The ARN of the alias"}}
    write(folder / PLAYBOOK, playbook)
    (problem,) = lint(folder, EVENTS, ROOT)
    assert problem.path == "$.respond.with"
    assert problem.what == "misses 'alias', which playbook lambda-alias-rollback needs: The ARN of the alias"


def _follows(what: str) -> bool:
    """A policy whose playbook cannot be read is reported beside the playbook."""
    return what.startswith("there is no playbook 'lambda-alias-rollback'")
