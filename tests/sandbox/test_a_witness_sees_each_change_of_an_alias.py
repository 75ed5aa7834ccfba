"""The witness, where one is asked for, writes down every call that would change an alias and what came of it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.sandbox.engine import Engine
from tests.sandbox.conftest import PROJECT, free_port
from tests.sandbox.estate import Estate, rooted


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine(rooted(tmp_path, PROJECT))
    yield made
    made.stop()


def shifted(estate: Estate) -> tuple[str, str]:
    """An alias that is shifted once, and once more under a revision that is stale; its revisions before and after."""
    client = estate.client("lambda")
    estate.function("checkout", "def handler(event, context): ...")
    version = client.publish_version(FunctionName="checkout")["Version"]
    alias: dict[str, Any] = {"FunctionName": "checkout", "Name": "live"}
    before = client.create_alias(**alias, FunctionVersion="$LATEST")["RevisionId"]
    after = client.update_alias(**alias, FunctionVersion=version, RevisionId=before)["RevisionId"]
    with pytest.raises(client.exceptions.PreconditionFailedException):
        client.update_alias(**alias, FunctionVersion="$LATEST", RevisionId=before)
    return before, after


@pytest.mark.sandbox
def test_each_call_is_written_down_with_its_revisions_and_whether_it_took_effect(
    engine: Engine, tmp_path: Path
) -> None:
    file, port = tmp_path / "witness.jsonl", free_port()
    engine.start(port, settings={"EDSR_SANDBOX_WITNESS": str(file)})
    before, after = shifted(Estate(port))
    done, refused = (json.loads(line) for line in file.read_text().splitlines())
    said = {name: done[name] for name in ("function", "alias", "asked", "expected", "status", "revision")}
    assert said == {
        "function": "checkout",
        "alias": "live",
        "asked": "1",
        "expected": before,
        "status": 200,
        "revision": after,
    }
    assert (refused["status"], refused["expected"], refused["revision"]) == (412, before, None)


@pytest.mark.sandbox
def test_nothing_is_written_down_unless_it_is_asked_for(engine: Engine, tmp_path: Path) -> None:
    port = free_port()
    engine.start(port)
    shifted(Estate(port))
    assert sorted(path.name for path in tmp_path.iterdir()) == [".edsr", ".venv-engine"]
    assert sorted(path.name for path in engine.folder.iterdir()) == ["engine.json", "engine.log", "tmp"]
