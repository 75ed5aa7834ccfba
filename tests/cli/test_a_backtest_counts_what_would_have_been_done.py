"""`edsr policy backtest`: per policy how often it would have acted, and which gates refused, in bounded memory."""

import json
import shutil
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.policy.backtest.run import run
from cli.policy.backtest.side import side
from cli.policy.backtest.simulated import Simulated
from decide.chain import CHAIN
from edsr.model import DecisionVerdict, Mode
from edsr.times import iso
from tests.cli.commands import MORNING, SOUND, edsr
from tests.estate import event
from tests.policies import SHIPPED, read, write


def backtest(*options: str | Path, given: str | None = None) -> Any:
    return edsr("policy", "backtest", SOUND, "--events", MORNING, *options, "--json", given=given).json


def test_every_decision_is_counted_by_verdict_and_by_refusing_gate() -> None:
    said = backtest("--mode", "automatic")
    assert (said["events"], said["since"], said["until"]) == (10, "2026-03-02T03:00:00Z", "2026-03-02T05:10:00Z")
    counted = said["policies"]["rollback"]
    assert (counted["matched"], counted["quarantined"]) == (7, 1)
    assert {verdict: times for verdict, times in counted["verdicts"].items() if times} == {
        "act": 2,  # at 3:00, and at 3:30 when the cooldown is over
        "suppress": 3,  # the copy at 3:00, 3:02 while the repair runs, 3:10 within the cooldown
        "escalate": 1,  # 4:30, of a function that no service knows
        "quiet": 1,  # 5:00, without a time of its transition
    }
    assert counted["refused"] == {"claim": 1, "subject-busy": 2, "cooldown": 1, "concurrency": 1, "where": 1}


def test_a_policy_that_observes_says_how_often_only_its_mode_held_it() -> None:
    counted = backtest()["policies"]["rollback"]
    assert counted["verdicts"]["act"] == 0
    assert counted["only_mode"] == 2, "as many as it would have acted on: a repeat is held back in every mode"
    words = edsr("policy", "backtest", SOUND, "--events", MORNING).words
    assert "rollback: nothing but its mode held back 2 events; --mode shows what a higher one would do" in words


def test_an_environment_sets_the_modes_as_it_does_when_it_is_deployed(tmp_path: Path) -> None:
    shutil.copytree(SOUND, tmp_path / "policies")
    document = read(tmp_path / "policies" / "rollback.json") | {"id": "lambda-canary-rollback"}
    write(tmp_path / "policies" / "lambda-canary-rollback.json", document)
    (tmp_path / "policies" / "rollback.json").unlink()
    asked = ("policy", "backtest", tmp_path / "policies", "--events", MORNING, "--json")
    acts = [edsr(*asked, "--environment", name).json["policies"] for name in ("prod", "dev")]
    assert [counted["lambda-canary-rollback"]["verdicts"]["act"] for counted in acts] == [0, 2]


def test_every_verdict_has_its_count_also_those_that_never_came() -> None:
    verdicts = backtest()["policies"]["rollback"]["verdicts"]
    assert set(verdicts) == {verdict.value for verdict in DecisionVerdict} | {"quiet"}


def test_what_could_not_be_read_and_what_is_not_delivered_are_told() -> None:
    said = backtest()
    assert said["unreadable"] == 1
    assert "line 12: not JSON" in said["unreadable_examples"][0]
    assert sum(said["undelivered"].values()) == 1


def test_events_may_come_through_a_pipe() -> None:
    answer = edsr("policy", "backtest", SOUND, "--events", "-", "--json", given=MORNING.read_text())
    assert answer.json["policies"] == backtest()["policies"]


def test_a_file_without_one_event_is_told_instead_of_counted(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text("no\nevents\n")
    answer = edsr("policy", "backtest", SOUND, "--events", tmp_path / "events.jsonl")
    assert answer.code == 3
    assert "holds no events:" in answer.error


def test_the_shipped_policies_are_tried_on_what_was_recorded() -> None:
    said = edsr("policy", "backtest", "--events", MORNING, "--mode", "automatic", "--json").json
    assert (said["events"], said["undelivered"]) == (11, {}), "some wait for calls that only read"
    assert said["policies"]["lambda-canary-rollback"]["verdicts"]["act"] == 2


def test_a_call_that_only_reads_is_shown_to_the_policies_that_wait_for_such_and_to_no_other(tmp_path: Path) -> None:
    read_only = event("cloudtrail/attacks/user-data-read")["detail"]
    (tmp_path / "trail.json").write_text(json.dumps({"Records": [read_only]}))
    (tmp_path / "policies").mkdir()
    policy = read(SHIPPED / "attack-user-data-read.json") | {"tests": []}
    write(tmp_path / "policies" / "attack-user-data-read.json", policy)
    del policy["detect"]["trail"]
    write(tmp_path / "policies" / "waits-for-writes.json", policy | {"id": "waits-for-writes"})
    for part in ("playbooks", "services"):
        shutil.copytree(SHIPPED / part, tmp_path / "policies" / part)
    said = edsr("policy", "backtest", tmp_path / "policies", "--events", tmp_path / "trail.json", "--json").json
    assert said["events"] == 1
    assert {name: tally["matched"] for name, tally in said["policies"].items()} == {
        "attack-user-data-read": 1,
        "waits-for-writes": 0,
    }


def alarms(number: int) -> Iterator[dict[str, Any]]:
    """So many alarms of as many functions, ten seconds apart."""
    alarm, began = event("cloudwatch/canary-alarm"), datetime(2026, 3, 2, tzinfo=UTC)
    for n in range(number):
        one = json.loads(json.dumps(alarm).replace("checkout", f"f{n}"))
        one["time"] = one["detail"]["state"]["timestamp"] = iso(began + timedelta(seconds=10 * n))
        yield one


def test_an_event_leaves_nothing_behind_once_it_is_over(tmp_path: Path) -> None:
    shutil.copytree(SOUND, tmp_path / "policies")
    policy = read(tmp_path / "policies" / "rollback.json")
    policy.pop("where")
    safeguards = {"cooldown": "PT1M", "rate": {"max": 1000, "per": "PT1M"}, "concurrency": {"max": 50}}
    write(tmp_path / "policies" / "rollback.json", policy | {"safeguards": safeguards})
    now = side(tmp_path / "policies", {}, Mode.AUTOMATIC)
    now.state = Simulated(claims=50, tidy=50)
    sizes = []

    def watched() -> Iterator[dict[str, Any]]:
        for number, one in enumerate(alarms(3000)):
            if number in (2400, 2999):
                sizes.append(tracemalloc.get_traced_memory()[0])
            yield one

    tracemalloc.start()
    result = run(watched(), now)
    tracemalloc.stop()
    assert result.policies["rollback"].verdicts["act"] == 3000
    assert (sizes[1] - sizes[0]) / 600 < 100, "bytes an event, after the interpreter has filled its free lists"


@pytest.mark.parametrize("gate", [gate.check.__name__.replace("_", "-") for gate in CHAIN])
def test_on_a_quiet_day_no_gate_lacks_a_fact(gate: str) -> None:
    now = side(SOUND, {}, Mode.AUTOMATIC)
    seen = now.ask(now.policies["rollback"], event("cloudwatch/canary-alarm"))
    (row,) = [row for row in seen.outcome.rows if row.gate == gate]
    assert row.observed is not None, f"{gate} asks for a fact that `calm` in infra/trial.py does not give"
