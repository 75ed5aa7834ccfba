"""`edsr policy new`: what it writes lints and passes its tests, and is written over nothing."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from infra.lint import lint
from tests.cli.commands import SOUND, Answer, edsr
from tests.estate import EVENTS
from tests.policies import read, write


class Place(NamedTuple):
    """A team's own policies and events."""

    policies: Path
    events: Path

    def new(self, *options: str) -> Answer:
        """A new policy, with the words that every one needs."""
        words = ("--title", "Roll payments back", "--owner", "payments")
        return edsr("policy", "new", *options, *words, "--policies", self.policies, "--events", self.events)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    shutil.copytree(SOUND, tmp_path / "policies")
    shutil.copytree(EVENTS, tmp_path / "events")
    return Place(tmp_path / "policies", tmp_path / "events")


ALARM = ("--event", "cloudwatch/canary-alarm.json")
PAYMENTS = ("--match", "detail.alarmName=payments-*")


def test_it_lints_without_a_warning_and_passes_its_tests(place: Place) -> None:
    answer = place.new("payments-rollback", *ALARM, *PAYMENTS)
    assert answer.code == 0
    assert lint(place.policies, place.events) == []
    tested = edsr("policy", "test", "payments-rollback", "--policies", place.policies, "--events", place.events)
    assert tested.code == 0
    assert "edsr policy explain payments-rollback cloudwatch/payments-rollback.json --mode automatic" in answer.words


def test_it_matches_what_policies_of_its_source_match_and_what_was_asked_for(place: Place) -> None:
    place.new("payments-rollback", *ALARM, *PAYMENTS)
    said = read(place.policies / "payments-rollback.json")
    assert said["respond"]["mode"] == "observe"
    assert said["detect"]["pattern"] == {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": [{"prefix": "payments-"}], "state": {"value": ["ALARM"]}},
    }
    assert {test["expect"]["verdict"] for test in said["tests"]} == {"act", "observe", "quiet", "suppress"}


def test_its_event_is_the_one_given_with_what_the_pattern_wants(place: Place) -> None:
    place.new("payments-rollback", *ALARM, *PAYMENTS)
    made = read(place.events / "cloudwatch" / "payments-rollback.json")
    assert made["detail"]["alarmName"] == "payments-canary-checkout-errors"
    assert made["resources"][0].endswith(":alarm:payments-canary-checkout-errors")
    assert (
        made["detail"]["previousState"] == read(EVENTS / "cloudwatch" / "canary-alarm.json")["detail"]["previousState"]
    )


def test_an_event_that_is_known_is_not_written_again(place: Place) -> None:
    answer = place.new("canary-alarms", *ALARM, "--json")
    assert answer.json["written"] == [str(place.policies / "canary-alarms.json")]
    assert [problem["code"] for problem in answer.json["problems"]] == ["EDSR403"], "both answer the same alarm"


def test_nothing_is_written_over(place: Place) -> None:
    before = (place.policies / "rollback.json").read_text()
    answer = place.new("rollback", *ALARM)
    assert answer.code == 3
    assert "exists: choose another id, or edit it" in answer.error
    assert (place.policies / "rollback.json").read_text() == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("x", "--event", "cloudwatch/canary-alarm-ok.json"), "finds nothing in the event: the alarm went to OK"),
        (("x", *ALARM, "--match", "detail.alarmname=y"), "did you mean 'detail.alarmName'?"),
        (("x", "--event", "cloudwatch/canary-alarm-without-timestamp.json"), "cannot read the event"),
        (("Pay Ments", *ALARM), "id: 'Pay Ments' is no id"),
        (("x", "--event", "none.json"), "there is no event 'none.json'"),
    ],
)
def test_what_makes_no_policy_is_told_and_nothing_is_written(place: Place, options: tuple[str, ...], said: str) -> None:
    answer = place.new(*options)
    assert answer.code == 3
    assert said in answer.error
    assert sorted(file.name for file in place.policies.glob("*.json")) == ["rollback.json"]


def test_what_is_not_said_is_asked_for_by_the_name_of_its_option(place: Place) -> None:
    answer = place.new("x")
    assert answer.code == 2
    assert "say --event" in answer.error


def test_a_parameter_of_the_playbook_is_given_or_found_in_the_finding(place: Place) -> None:
    playbook = read(place.policies / "playbooks" / "shift-back.json")
    playbook["parameters"] = {
        "arn": {"title": "The alias"},
        "reason": {"title": "Why"},
        "ticket": {"title": "The ticket"},
    }
    playbook["stages"][0]["steps"][0]["target.$"] = "parameters.arn"
    write(place.policies / "playbooks" / "shift-back.json", playbook)
    lacking = place.new("payments-rollback", *ALARM, *PAYMENTS)
    assert "playbook shift-back needs 'ticket' (The ticket): say --with ticket=VALUE" in lacking.error
    given = place.new("payments-rollback", *ALARM, *PAYMENTS, "--with", "ticket=OPS-1")
    assert given.code == 0
    said = read(place.policies / "payments-rollback.json")["respond"]["with"]
    assert said == {"ticket": "OPS-1", "arn.$": "subject.arn", "reason.$": "evidence.reason"}
