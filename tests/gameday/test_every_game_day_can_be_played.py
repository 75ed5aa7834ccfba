"""Every game day in the repository can be read, names what there is, and lints as it would be deployed."""

import json
from pathlib import Path

import pytest

from cli import EVENTS
from cli.errors import Unavailable
from cli.gameday import documents
from cli.gameday.happenings import Send
from cli.gameday.scenario import Scenario
from edsr.errors import EdsrError
from edsr.policy import Library
from infra.catalogue import catalogue

DAYS = documents.every()


def estate(day: Scenario) -> dict[str, object]:
    """What its estate keeps, as if it had been stood up."""
    kept = [name for happening in day.estate for name in getattr(happening, "keep", {})]
    return {**documents.here(), **{name: name.replace("-", "") for name in kept}}


@pytest.mark.parametrize("day", DAYS, ids=lambda day: day.id)
def test_it_sends_events_that_there_are(day: Scenario) -> None:
    sent = [happening.event for happening in day.timeline if isinstance(happening, Send)]
    assert [name for name in sent if not (EVENTS / name).is_file()] == []


def test_their_documents_stand_beside_each_other(tmp_path: Path) -> None:
    folder = documents.write(tmp_path / "policies", DAYS, {day.id: estate(day) for day in DAYS})
    (folder / "catalogue.json").write_text(catalogue().model_dump_json())
    library = Library.at(folder, {"account": "000000000000", "region": "us-east-1"})
    known = {policy.id for policy in library.policies()}
    assert library.services()
    assert {policy for day in DAYS for policy in day.modes} <= known
    assert {wanted.policy for day in DAYS for wanted in day.expect.incidents} <= known
    assert documents.modes(DAYS)


def test_two_days_that_want_one_document_otherwise_are_told(tmp_path: Path) -> None:
    first = DAYS[0].model_copy(update={"documents": {"x.json": {"a": 1}}})
    other = first.model_copy(update={"id": "other", "documents": {"x.json": {"a": 2}}})
    with pytest.raises(Unavailable, match="other and"):
        documents.write(tmp_path / "policies", [first, other], {first.id: {}, "other": {}})


def test_a_day_that_is_called_otherwise_than_its_file_is_refused(tmp_path: Path) -> None:
    said = {**json.loads((documents.FOLDER / f"{DAYS[0].id}.json").read_text())}
    (tmp_path / "other.json").write_text(json.dumps(said))
    with pytest.raises(EdsrError, match="has to be the file's name"):
        documents.read(tmp_path / "other.json")
