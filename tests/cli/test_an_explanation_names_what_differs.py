"""`edsr policy explain`: the field that keeps an event out, every gate's answer, and the plan it would draw."""

import json
import shutil
from pathlib import Path

import pytest

from decide.chain import CHAIN
from edsr.policy.examples import Given
from tests.cli.commands import SOUND, Answer, edsr
from tests.estate import EVENTS, event
from tests.policies import write

ALARM = "cloudwatch/canary-alarm.json"
ALIAS = "arn:aws:lambda:us-east-1:000000000000:function:checkout:live"


def explain(asked: str | Path, *options: str | Path, given: str | None = None) -> Answer:
    return edsr("policy", "explain", "rollback", asked, "--policies", SOUND, *options, given=given)


def test_an_event_that_almost_matches_is_told_the_field_that_differs() -> None:
    answer = explain("cloudwatch/canary-alarm-ok.json")
    assert answer.code == 0
    assert 'detail.state.value: the event has "OK", the pattern wants ["ALARM"]' in answer.words
    assert answer.words.endswith("so nothing is decided: quiet")
    rows = explain("cloudwatch/canary-alarm-ok.json", "--json").json["pattern"]
    assert [row["path"] for row in rows if not row["matched"]] == ["detail.state.value"]


def test_a_field_that_the_event_spells_otherwise_is_told(tmp_path: Path) -> None:
    said = event("cloudwatch/canary-alarm")
    said["detail"]["AlarmName"] = said["detail"].pop("alarmName")
    write(tmp_path / "event.json", said)
    words = explain(tmp_path / "event.json").words
    assert "detail.alarmName: the event has no detail.alarmName, but it has detail.AlarmName" in words


def test_what_a_detector_leaves_alone_or_cannot_read_is_told_with_the_reason() -> None:
    answer = explain("cloudwatch/canary-alarm-without-timestamp.json")
    assert "it is malformed, and quarantined: the event lacks detail.state.timestamp" in answer.words


def test_every_gate_gives_its_row_and_the_catalogue_knows_the_subject() -> None:
    said = explain(ALARM, "--json").json
    assert [row["gate"] for row in said["rows"]] == [gate.check.__name__.replace("_", "-") for gate in CHAIN]
    assert said["verdict"] == "observe"
    assert said["finding"]["subject"]["environment"] == "prod"
    assert "decided: observe (not allowed by mode; mode observe)" in explain(ALARM).words


@pytest.mark.parametrize(
    ("options", "verdict", "refused"),
    [
        (["--mode", "automatic"], "act", []),
        (["--mode", "automatic", "--given", "kill-switch=all,policy:x"], "suppress", ["kill-switch"]),
        (
            ["--mode", "automatic", "--given", "cooldown=true", "--given", "busy=true"],
            "suppress",
            ["cooldown", "subject-busy"],
        ),
        (["--mode", "automatic", "--given", "age=PT1H"], "observe", ["age"]),
        (["--mode", "automatic", "--given", "environment=staging"], "observe", ["where"]),
    ],
)
def test_what_is_given_is_in_the_words_of_a_policys_tests(options: list[str], verdict: str, refused: list[str]) -> None:
    said = explain(ALARM, *options, "--json").json
    assert (said["verdict"], [row["gate"] for row in said["rows"] if not row["allowed"]]) == (verdict, refused)


def test_without_a_state_it_says_what_the_plan_would_have_to_observe() -> None:
    answer = explain(ALARM)
    assert f"no plan is drawn: the state of {ALIAS} is not given" in answer.words
    assert f'{{"state": {{"{ALIAS}": {{"last_good": ...}}}}}}' in answer.words


def test_with_a_state_it_draws_the_plan(tmp_path: Path) -> None:
    state = {ALIAS: {"version": "3", "weights": {}, "last_good": "2"}}
    write(tmp_path / "given.json", {"environment": "prod", "state": state})
    said = explain(ALARM, "--given", tmp_path / "given.json", "--json").json
    (step,) = said["plan"]["stages"][0]["steps"]
    assert (step["action"], step["target"], step["args"]) == ("shift-alias", ALIAS, {"to": "2"})
    assert step["verify"]["probe"] == "alarm-is-ok"
    assert said["unplanned"] is None


def test_a_plan_that_is_refused_says_why(tmp_path: Path) -> None:
    write(tmp_path / "given.json", {"state": {ALIAS: {"version": "3"}}})
    answer = explain(ALARM, "--given", tmp_path / "given.json")
    assert "no plan is drawn: 'pre.last_good' finds nothing" in answer.words


def test_an_event_may_come_from_standard_input() -> None:
    text = (EVENTS / ALARM).read_text()
    assert explain("-", "--json", given=text).json["verdict"] == "observe"


def test_words_that_are_no_facts_are_told_which_there_are() -> None:
    answer = explain(ALARM, "--given", "enviroment=prod")
    assert answer.code == 2
    said = " ".join(answer.error.replace("│", " ").split())
    assert "nothing is called 'enviroment', did you mean 'environment'?" in said
    assert all(str(field.alias) in said for field in Given.model_fields.values())
    wrong = explain(ALARM, "--given", "tier=first")
    assert wrong.code == 2
    assert "tier: Input should be a valid integer" in wrong.error


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "standard input is not JSON"),
        ("[]", "it is not a JSON object"),
        ('{"source": "x"}', "detail-type, detail"),
    ],
)
def test_what_is_no_event_is_said_to_be_none(text: str, said: str) -> None:
    answer = explain("-", given=text)
    assert answer.code == 3
    assert said in answer.error


def test_an_unknown_event_is_told_which_was_meant() -> None:
    assert "did you mean 'cloudwatch/canary-alarm.json'?" in explain("cloudwatch/canry-alarm.json").error


def test_the_state_has_to_be_by_arn(tmp_path: Path) -> None:
    (tmp_path / "given.json").write_text(json.dumps({"state": ["3"]}))
    assert explain(ALARM, "--given", tmp_path / "given.json").code == 2


def test_an_event_that_tells_that_it_is_over_is_said_to_be_taken_all_the_same() -> None:
    answer = explain("cloudwatch/canary-alarm-ok.json")
    assert "ends what was not begun by then" in answer.words


@pytest.mark.parametrize(("reversible", "verdict"), [(True, "act"), (False, "ask")])
def test_what_runs_by_itself_is_asked_about_unless_the_catalogue_says_that_it_can_be_taken_back(
    tmp_path: Path, reversible: bool, verdict: str
) -> None:
    folder = shutil.copytree(SOUND, tmp_path / "policies")
    machine = "arn:aws:states:us-east-1:000000000000:stateMachine:mend"
    playbook, service = folder / "playbooks" / "shift-back.json", folder / "services" / "shop.json"
    said = json.loads(playbook.read_text())
    said["stages"][0]["steps"] = [{"action": "run-state-machine", "target": machine, "with": {"input": {}}}]
    write(playbook, said)
    shop = json.loads(service.read_text())
    shop["resources"].append({"kind": "states:runnable-machine", "arn": machine, "reversible": reversible})
    write(service, shop)
    answer = edsr("policy", "explain", "rollback", ALARM, "--policies", folder, "--mode", "automatic", "--json")
    assert answer.json["verdict"] == verdict
