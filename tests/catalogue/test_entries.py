"""Every entry keeps the house rules: it declares itself, is documented, and is tested."""

import importlib
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cli.generate import generated
from edsr.declare import Permission
from edsr.policy import Library, Playbook, Policy
from infra.catalogue import Discovered, discover
from infra.config import environments, load
from infra.lint import lint
from infra.trial import trials
from tests.estate import EVENTS, ROOT
from tests.policies import SHIPPED, read

FOUND: Discovered = discover()
LIBRARY = Library.at(SHIPPED)
POLICIES = LIBRARY.policies()
DOCUMENTS = sorted(file for file in SHIPPED.rglob("*.json") if file.parent.name != "schemas")


def test_the_shipped_documents_lint() -> None:
    assert lint(SHIPPED, EVENTS, ROOT) == []


@pytest.mark.parametrize("environment", environments())
def test_the_shipped_documents_lint_in_the_modes_of_every_environment(environment: str) -> None:
    assert lint(SHIPPED, EVENTS, ROOT, modes=load(environment).modes) == []


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_a_policy_passes_its_own_tests(policy: Policy) -> None:
    assert [trial for trial in trials(policy, EVENTS, LIBRARY.spans()) if not trial.passed] == []


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_a_policy_ships_in_observe_and_shows_what_it_does_a_quiet_and_a_refused_case(policy: Policy) -> None:
    assert policy.respond.mode == "observe"
    verdicts = {test.expect.verdict for test in policy.tests}
    by_hand = LIBRARY.playbook(policy.respond.playbook).by_hand
    assert verdicts & ({"observe"} if by_hand else {"act", "ask"})
    assert "quiet" in verdicts
    assert any(test.expect.refused_by for test in policy.tests)


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: str(file.relative_to(SHIPPED)))
def test_a_document_is_valid_by_the_schema_that_its_editor_uses(file: Path) -> None:
    document = read(file)
    assert "$schema" in document, 'add "$schema", so that editors complete and check the file'
    schema = read((file.parent / document["$schema"]).resolve())
    Draft202012Validator.check_schema(schema)
    assert list(Draft202012Validator(schema).iter_errors(document)) == []


def test_what_is_generated_is_current() -> None:
    stale = [str(file.relative_to(ROOT)) for file, text in generated() if not file.exists() or file.read_text() != text]
    assert stale == [], "run `make generate`"


def test_every_field_of_a_schema_has_a_title_and_a_description() -> None:
    for file in sorted((SHIPPED / "schemas").glob("*.json")):
        schema = read(file)
        for model in [schema, *schema.get("$defs", {}).values()]:
            for name, field in model.get("properties", {}).items():
                said = {**schema.get("$defs", {}).get(field.get("$ref", "").removeprefix("#/$defs/"), {}), **field}
                assert said.get("title"), f"{file.name}: {name} has no title"
                assert said.get("description"), f"{file.name}: {name} has no description"


def test_an_entrys_id_is_its_files_name() -> None:
    for module, action in FOUND.actions.items():
        assert action.id == module.rsplit(".", 1)[1].replace("_", "-")
    assert {f"verify.probes.{probe.id.replace('-', '_')}" for probe in FOUND.probes.values()} <= _importable(
        "verify.probes"
    )
    assert {f"plan.selectors.{name.replace('-', '_')}" for name in FOUND.selectors} == _importable("plan.selectors")
    assert {f"detect.detectors.{source}" for source in FOUND.detectors} == _importable("detect.detectors")


def test_every_reader_reads_for_an_action_and_says_that_it_only_reads() -> None:
    assert {action.reader for action in FOUND.actions.values()} == set(FOUND.readers)


def test_an_irreversible_action_is_never_one_that_restores() -> None:
    assert not [action.id for action in FOUND.actions.values() if action.restores and not action.reversible]


def test_no_permission_is_a_wildcard_without_a_written_reason() -> None:
    every: list[tuple[str, Permission]] = [
        (entry.name, permission) for entry in FOUND.functions.values() for permission in entry.permissions
    ]
    assert [(name, said.actions) for name, said in every if said.on == "*" and not said.reason] == []
    assert [(name, said.actions) for name, said in every if any("*" in action for action in said.actions)] == []


def test_what_a_detector_says_is_forwarded_it_reads() -> None:
    for detector in FOUND.detectors.values():
        assert set(detector.forwarded) <= set(detector.detail_types), detector.source


def test_every_detector_has_an_event_that_fires_one_that_is_quiet_and_one_that_is_malformed() -> None:
    for source in FOUND.detectors:
        assert len(list((EVENTS / source).glob("*.json"))) >= 3, f"tests/events/{source} has too few events"


def test_every_policy_and_playbook_has_a_runbook_with_the_parts_a_person_needs() -> None:
    documents: list[Policy | Playbook] = [*POLICIES, *LIBRARY.playbooks()]
    for document in documents:
        text = (ROOT / document.runbook).read_text()
        for part in ("## What it does", "## When it must not", "## By hand", "## How to undo"):
            assert part in text, f"{document.runbook} lacks {part!r}"
        assert document.id in text, f"{document.runbook} does not name {document.id}"


def test_the_documentation_links_to_files_that_exist() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_the_readmes_policy_lints(tmp_path: Path) -> None:
    said = re.findall(r"```json\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (tmp_path / "policies" / "playbooks").mkdir(parents=True)
    for name, text in {"payments-rollback.json": said[0]}.items():
        (tmp_path / "policies" / name).write_text(text)
    playbook = SHIPPED / "playbooks" / "lambda-alias-rollback.json"
    (tmp_path / "policies" / "playbooks" / playbook.name).write_text(playbook.read_text())
    problems = lint(tmp_path / "policies", EVENTS, ROOT)
    assert [problem.path for problem in problems] == ["$.tests"], "the shortest policy lacks only its tests"


def _importable(package: str) -> set[str]:
    folder = Path(str(importlib.import_module(package).__file__)).parent
    return {f"{package}.{file.stem}" for file in folder.glob("*.py") if file.stem != "__init__"}
