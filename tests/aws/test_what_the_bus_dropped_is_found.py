"""The sweep of what the bus dropped: found, once, also after a brake has held it back; and what it costs."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edsr.model import Finding, State
from edsr.policy import Library
from edsr.times import iso
from sweep.ask import Ask, Bucket
from sweep.missed import asked
from sweep.polls.alarms import POLL, standing
from tests import estate, policies
from tests.aws.dropped import Alarms, Scene, a_scene, an_alarm, told
from tests.things import AT, a_policy

CALM = {"storm": {"subjects": 100}, "rate": {"max": 100}, "concurrency": {"max": 50}}


@pytest.fixture
def scene(aws: None, tmp_path: Path) -> Scene:  # noqa: ARG001 - moto has to answer first
    return a_scene(tmp_path / "policies")


def ten(scene: Scene) -> list[dict[str, Any]]:
    """Ten alarms of ten functions, a second apart."""
    return [an_alarm(scene.clock() + timedelta(seconds=n), f"canary-f{n}", f"f{n}") for n in range(10)]


def test_ten_of_ten_withheld_events_are_found_within_two_minutes_once_each(scene: Scene) -> None:
    scene.alarms.standing = ten(scene)
    found = [scene.minute()["handed"], scene.minute()["handed"]]
    assert sum(found) == 10
    incidents = scene.incidents()
    assert {incident.finding.condition for incident in incidents} == {f"canary-f{n}" for n in range(10)}
    assert len(incidents) == 10
    assert {incident.finding.origin for incident in incidents} == {"sweep"}
    for _ in range(5):
        assert scene.minute()["handed"] == 0
    assert len(scene.incidents()) == 10


@pytest.mark.parametrize("first", ["the bus", "the sweep"])
def test_what_bus_and_sweep_both_bring_is_one_finding(scene: Scene, first: str) -> None:
    alarm = an_alarm(scene.clock() + timedelta(milliseconds=985))
    scene.alarms.standing = [alarm]
    if first == "the bus":
        scene.bring(alarm)
        scene.decide()
    scene.clock.tick(minutes=1)
    scene.sweep()
    (swept,) = map(Finding.model_validate_json, scene.decide())
    assert scene.bring(alarm)["finding"] == swept.id
    scene.decide()
    assert len(scene.incidents()) == 1


def test_it_is_shown_as_cloudwatch_shows_it(scene: Scene) -> None:
    alarm = an_alarm(scene.clock() + timedelta(milliseconds=985))
    scene.alarms.standing = [alarm]
    scene.minute()
    (shown,) = scene.invoked
    said, real = shown["event"], told(alarm)
    assert said["detail"]["state"]["timestamp"] == real["detail"]["state"]["timestamp"]
    assert said["detail"]["alarmName"] == real["detail"]["alarmName"]
    measured = [event["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"] for event in (said, real)]
    assert measured[0] == measured[1]
    same = ("account", "region", "source", "detail-type", "resources")
    assert [said[name] for name in same] == [real[name] for name in same]


def test_the_bus_has_its_chance_first(scene: Scene) -> None:
    scene.alarms.standing = [an_alarm(scene.clock() - timedelta(seconds=10))]
    assert scene.sweep() == {"standing": 1, "handed": 0, "failed": 0}
    assert scene.minute()["handed"] == 1


def test_what_a_window_held_back_is_acted_on_when_it_ends(scene: Scene) -> None:
    hour = "cron(0 3 ? * * *)/PT1H Etc/UTC"  # AT is five past three
    policies.library(policies.folder_of(scene.library), safeguards=CALM | {"window": {"deny": [hour]}})
    alarm = an_alarm(scene.clock())
    scene.alarms.standing = [alarm]
    scene.bring(alarm)
    scene.decide()
    assert scene.states() == [State.SUPPRESSED]
    for _ in range(53):
        scene.minute()
    assert scene.states() == [State.SUPPRESSED]
    for _ in range(4):
        scene.minute()
    (incident,) = scene.incidents()
    assert incident.state is State.DECIDED, "though the alarm began an hour ago: it was seen to hold just now"
    assert incident.finding.episode == iso(AT)
    handed = len(scene.invoked)
    scene.minute()
    scene.minute()
    scene.minute()
    assert len(scene.invoked) == handed, "what is taken up is not handed on again"


def test_an_alarm_that_is_quiet_again_is_not_brought_back(scene: Scene) -> None:
    policies.library(
        policies.folder_of(scene.library), safeguards={"window": {"deny": ["cron(0 3 ? * * *)/PT1H Etc/UTC"]}}
    )
    alarm = an_alarm(scene.clock())
    scene.bring(alarm)
    scene.decide()
    for _ in range(60):
        assert scene.minute()["handed"] == 0
    assert scene.states() == [State.SUPPRESSED]


def test_a_detector_that_fails_is_asked_again_and_told_of(scene: Scene) -> None:
    scene.alarms.standing = [an_alarm(scene.clock())]
    scene.failing = True
    assert scene.minute() == {"standing": 1, "handed": 0, "failed": 1}
    scene.failing, scene.refusing = False, True
    assert scene.minute()["failed"] == 1
    scene.refusing = False
    assert scene.minute()["handed"] == 1
    assert scene.states() == [State.DECIDED]


def test_what_a_detector_ignores_is_not_shown_to_it_each_minute(scene: Scene) -> None:
    odd = an_alarm(scene.clock(), "canary-" + "x" * 600)  # a condition that no finding takes
    scene.alarms.standing = [odd]
    for _ in range(15):
        scene.minute()
    assert len(scene.invoked) == 1
    scene.minute()
    assert len(scene.invoked) == 2, "its detector may be another by now"


def test_what_the_detector_could_not_read_yet_is_found_once_it_can(scene: Scene) -> None:
    """A deploy gives the sweep a policy a moment before the detector."""
    scene.alarms.standing = [an_alarm(scene.clock())]
    scene.behind = policies.library(policies.folder_of(scene.library).parent / "before")
    (policies.folder_of(scene.behind) / "lambda-canary-rollback.json").unlink()
    scene.minute()
    assert scene.states() == []
    scene.behind = None
    for _ in range(15):
        scene.minute()
    assert scene.states() == [State.DECIDED]


def test_more_than_the_bucket_holds_is_found_in_turn_and_none_is_left_out(scene: Scene) -> None:
    scene.alarms.standing = [an_alarm(scene.clock(), f"canary-f{n}", f"f{n}") for n in range(150)]
    scene.clock.tick(minutes=1)
    first = scene.sweep()["handed"]
    scene.clock.tick(minutes=1)
    assert 100 < first < POLL.calls
    assert scene.sweep()["handed"] == 150 - first
    assert len({said["event"]["detail"]["alarmName"] for said in scene.invoked}) == 150


def test_a_standing_alarm_that_is_taken_care_of_is_asked_about_once_a_minute_and_shown_no_more(scene: Scene) -> None:
    scene.alarms.standing = [an_alarm(scene.clock())]
    for _ in range(3):
        scene.minute()
    asked, invoked = scene.alarms.asked, len(scene.invoked)
    scene.minute()
    assert (scene.alarms.asked - asked, len(scene.invoked) - invoked) == (2, 0), "what stands, and whether it is over"


def test_an_answer_that_was_cut_short_forgets_nothing(scene: Scene) -> None:
    scene.alarms.standing = [an_alarm(scene.clock(), f"canary-f{n}", f"f{n}") for n in range(100)]
    scene.clock.tick(minutes=1)
    assert scene.sweep()["handed"] == 100
    scene.alarms.page = 1  # as many pages as alarms: more than may be asked
    scene.clock.tick(minutes=1)
    assert scene.sweep()["standing"] < 100
    assert len(scene.remembered("alarms")) == 100
    scene.alarms.standing, scene.alarms.page = [], 100
    scene.clock.tick(minutes=1)
    scene.sweep()
    assert scene.remembered("alarms") == {}


def test_nobody_is_asked_what_no_policy_waits_for(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    scene.library = Library.at(tmp_path / "none")
    assert scene.sweep() == {"standing": 0, "handed": 0, "failed": 0}
    assert scene.alarms.asked == 0


def test_a_policy_is_asked_for_by_its_source_and_its_kind_of_event() -> None:
    policy = a_policy()
    assert [rule for rule, _ in asked(policy, POLL)] == [(policy.id, None)]
    assert not list(asked(policy, POLL.model_copy(update={"source": "delivery"})))
    assert not list(asked(policy, POLL.model_copy(update={"detail_types": ("Another",)})))


def test_a_step_of_a_sequence_is_looked_for_too(scene: Scene) -> None:
    folder = policies.folder_of(scene.library)
    policy = policies.read(folder / "lambda-canary-rollback.json")
    alarm = policy["detect"]
    policy["detect"] = {
        **alarm,
        "source": "delivery",
        "pattern": {"source": ["aws.ecs"]},
        "sequence": {"after": [{"source": "cloudwatch", "pattern": alarm["pattern"]}], "within": "PT10M"},
    }
    policies.write(folder / "lambda-canary-rollback.json", policy)
    scene.alarms.standing = [an_alarm(scene.clock())]
    scene.minute()
    assert [(said["policy"], said["step"]) for said in scene.invoked] == [(policy["id"], 0)]


def test_a_suppressed_alarm_is_left_alone_and_found_once_it_is_not_suppressed_any_more(scene: Scene) -> None:
    alarm = an_alarm(scene.clock())
    scene.alarms.standing = [alarm | {"ActionsSuppressedBy": "Alarm"}]
    scene.minute()
    scene.minute()
    assert scene.incidents() == []
    scene.alarms.standing = [alarm]
    scene.minute()
    assert len(scene.incidents()) == 1


def test_composite_and_computed_alarms_keep_their_shape() -> None:
    plain = an_alarm(AT)
    composite = {name: plain[name] for name in ("AlarmName", "AlarmArn", "StateValue", "StateTransitionedTimestamp")}
    query = {"Metric": {"Namespace": "AWS/SQS", "MetricName": "Age", "Dimensions": []}, "Period": 60, "Stat": "Max"}
    metrics = [{"Id": "e1", "Expression": "m1*2"}, {"Id": "m1", "MetricStat": query, "ReturnData": False}]
    alarms = Alarms([composite | {"AlarmRule": "ALARM(x)", "ActionsSuppressor": "s"}, composite | {"Metrics": metrics}])
    computed, rule = (event["detail"]["configuration"] for event in standing(_asked(alarms)))
    assert rule == {"alarmRule": "ALARM(x)", "actionsSuppressor": "s"}
    assert computed["metrics"] == [
        {"id": "e1", "returnData": True, "expression": "m1*2"},
        {
            "id": "m1",
            "returnData": False,
            "metricStat": {
                "metric": {"namespace": "AWS/SQS", "name": "Age", "dimensions": {}},
                "period": 60,
                "stat": "Max",
            },
        },
    ]


def test_what_it_asks_is_what_cloudwatch_takes(aws: None) -> None:  # noqa: ARG001 - moto has to answer first
    estate.make_alarm("canary-checkout-errors")
    (event,) = standing(_asked(estate.client("cloudwatch")))
    assert event["detail"]["state"]["value"] == "ALARM"
    assert event["resources"] == [f"arn:aws:cloudwatch:{estate.REGION}:{estate.ACCOUNT}:alarm:canary-checkout-errors"]


def _asked(cloudwatch: Any) -> Ask:
    return Ask(lambda *_, **__: cloudwatch, Bucket(100, 60, 100, 0), AT)
