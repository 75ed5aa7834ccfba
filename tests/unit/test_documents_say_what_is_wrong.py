"""What operators write is read strictly, and an error names the file, the place and the reason."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from edsr.errors import DocumentInvalid
from edsr.model import Subject
from edsr.policy import Library, Policy
from edsr.policy.library import parse
from tests.estate import ACCOUNT, REGION, ROOT
from tests.things import ALIAS, FUNCTION, a_subject

VALUES = {"account": ACCOUNT, "region": REGION}
SHIPPED = json.loads((ROOT / "policies" / "lambda-canary-rollback.json").read_text())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    return tmp_path / "policies"


def changed(*path: str, value: Any) -> str:
    said = json.loads(json.dumps(SHIPPED))
    place = said
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return json.dumps(said)


@pytest.mark.parametrize(
    ("text", "path", "reason"),
    [
        (changed("colour", value="red"), "$.colour", "Extra inputs are not permitted"),
        (changed("respond", "playbok", value="x"), "$.respond.playbok", "Extra inputs are not permitted"),
        (changed("respond", "mode", value="yolo"), "$.respond.mode", "Input should be"),
        (changed("id", value="Has Capitals"), "$.id", "should match pattern"),
        (changed("id", value="x" * 49), "$.id", "at most 48"),
        (changed("detect", "pattern", value={}), "$.detect.pattern", "at least 1 item"),
        (changed("safeguards", "cooldown", value="PT0S"), "$.safeguards.cooldown", "longer than zero"),
        (changed("safeguards", "blast-radius", "max-targets", value=51), "$.safeguards.blast-radius.max-targets", "50"),
        (changed("on-failure", value=["revert"]), "$.on-failure[1]", "Field required"),
        ('{"id": "a", "id": "b"}', "$", "the key 'id' is given twice"),
        ('{"respond": {"mode": "observe", "mode": "automatic"}}', "$", "the key 'mode' is given twice"),
        ("{", "$", "not JSON: Expecting property name"),
        ("[]", "$", "Input should be a valid dictionary"),
        ("null", "$", "Input should be a valid dictionary"),
        ("[" * 100_000, "$", "recursion"),
        ("9" * 5000, "$", "integer string conversion"),
    ],
)
def test_a_policy_that_breaks_a_rule_says_where_and_why(text: str, path: str, reason: str) -> None:
    with pytest.raises(DocumentInvalid) as error:
        parse("a.json", text, Policy)
    assert (error.value.file, error.value.path) == ("a.json", path)
    assert reason in error.value.reason
    assert str(error.value) == f"a.json: {path}: {error.value.reason}"


def test_what_is_left_out_has_a_safe_default() -> None:
    least = {key: SHIPPED[key] for key in ("id", "title", "owner", "runbook", "detect", "verify")}
    policy = parse("a.json", json.dumps({**least, "respond": {"playbook": "lambda-alias-rollback"}}), Policy)
    assert policy.respond.mode == "observe"
    assert policy.safeguards.cooldown.total_seconds() == 15 * 60
    assert policy.safeguards.blast_radius.max_targets == 5
    assert policy.on_failure == ("hold", "page")


def test_a_policy_stored_with_its_incident_reads_back_the_same() -> None:
    policy = Policy.model_validate(SHIPPED)
    stored = policy.model_dump_json(by_alias=True, exclude={"tests"})
    assert Policy.model_validate_json(stored).digest == policy.digest


def test_the_shipped_documents_are_read_by_their_ids(folder: Path) -> None:
    library = Library.at(folder, VALUES)
    assert [library.policy(policy.id) for policy in library.policies()] == library.policies()
    assert [library.playbook(playbook.id) for playbook in library.playbooks()] == library.playbooks()


@pytest.mark.parametrize(
    "identity",
    ["", "../services/checkout", "services/checkout", "a\0b", "x" * 5000, "Ü", ".", "a.b", "playbooks\\x", "\ud800"],
)
def test_a_name_that_is_no_id_reads_no_file(folder: Path, identity: str) -> None:
    with pytest.raises(DocumentInvalid, match="is no id"):
        Library.at(folder).policy(identity)


def test_a_document_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(DocumentInvalid, match=r"nowhere\.json: \$: there is no such file"):
        Library.at(folder).policy("nowhere")
    with pytest.raises(DocumentInvalid, match="there is no such file"):
        Library.at(folder / "lambda-canary-rollback.json").playbook("nowhere")


def test_a_document_that_calls_itself_otherwise_is_refused(folder: Path) -> None:
    shutil.copy(folder / "lambda-canary-rollback.json", folder / "copied.json")
    shutil.copy(folder / "playbooks" / "lambda-alias-rollback.json", folder / "playbooks" / "copied.json")
    library = Library.at(folder)
    for read in (library.policy, library.playbook):
        with pytest.raises(DocumentInvalid, match=r"has to be the file's name, 'copied'"):
            read("copied")


def test_a_document_that_is_not_utf_8_says_so(folder: Path) -> None:
    (folder / "latin.json").write_bytes('{"id": "caf\u00e9"}'.encode("latin-1"))
    with pytest.raises(DocumentInvalid, match="not UTF-8"):
        Library.at(folder).policy("latin")


def test_a_subject_is_enriched_by_the_service_that_owns_it(folder: Path) -> None:
    unknown = Subject.model_validate(a_subject(service=None, environment=None, tier=None))
    known = Library.at(folder, VALUES).enrich(unknown)
    assert (known.service, known.environment, known.tier) == ("checkout", "prod", 1)


@pytest.mark.parametrize("arn", [f"{FUNCTION}:liver", f"{FUNCTION}:liv", f"{FUNCTION}2:live", FUNCTION, "arn:x"])
def test_what_only_looks_alike_is_not_owned(folder: Path, arn: str) -> None:
    unknown = Subject.model_validate(a_subject(arn=arn, service=None, environment=None, tier=None))
    assert Library.at(folder, VALUES).enrich(unknown) == unknown


def test_another_hand_on_a_resource_is_known(folder: Path) -> None:
    file = folder / "services" / "checkout.json"
    service = json.loads(file.read_text())
    assert Library.at(folder, VALUES).managed_by(ALIAS) is None
    service["resources"][0]["managed-by"] = "codedeploy"
    file.write_text(json.dumps(service))
    assert Library.at(folder, VALUES).managed_by(ALIAS) == "codedeploy"


def test_a_folder_without_documents_has_none(tmp_path: Path) -> None:
    library = Library.at(tmp_path)
    assert (library.policies(), library.playbooks(), library.services()) == ([], [], [])
