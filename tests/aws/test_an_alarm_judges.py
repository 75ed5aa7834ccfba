"""alarm-is-ok: only a whole window measured since the step says anything."""

from datetime import timedelta
from typing import Any

import pytest

from edsr.model import Judged
from edsr.ports import Client
from tests import estate
from tests.things import ALARM, AT
from verify.probes.alarm_is_ok import look
from verify.seen import Seen

LATER = AT + timedelta(minutes=10)


class Alarms:
    """A CloudWatch with one alarm."""

    def __init__(self, kind: str = "MetricAlarms", **alarm: Any) -> None:
        self.answer = {kind: [alarm]}

    def __call__(self, service: str, *, mutating: bool = False) -> Client:
        """Nothing but CloudWatch is asked, and only to read."""
        assert (service, mutating) == ("cloudwatch", False)
        return self

    def describe_alarms(self, AlarmNames: list[str], AlarmTypes: list[str]) -> dict[str, Any]:  # noqa: N803
        """As AWS answers."""
        assert (AlarmNames, AlarmTypes) == ([ALARM], ["MetricAlarm", "CompositeAlarm"])
        return self.answer


def seen(alarms: Alarms, seconds: float = 600) -> Seen:
    return look(alarms, {"alarm": ALARM}, since=AT, now=AT + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("state", "judged"),
    [("OK", Judged.BETTER), ("ALARM", Judged.WORSE), ("INSUFFICIENT_DATA", Judged.UNKNOWN), ("NEW", Judged.UNKNOWN)],
)
def test_the_alarms_state_is_the_judgement_once_its_window_is_over(state: str, judged: Judged) -> None:
    assert seen(Alarms(StateValue=state, Period=60, EvaluationPeriods=3)) == Seen(judged, f"{ALARM} is {state}")


@pytest.mark.parametrize(("seconds", "judged"), [(0, Judged.PENDING), (179, Judged.PENDING), (180, Judged.BETTER)])
def test_before_its_window_is_over_it_says_nothing(seconds: float, judged: Judged) -> None:
    assert seen(Alarms(StateValue="OK", Period=60, EvaluationPeriods=3), seconds).judged is judged


def test_metric_maths_looks_back_as_far_as_its_longest_metric() -> None:
    metrics = [{"MetricStat": {"Period": 60}}, {"MetricStat": {"Period": 300}}, {"Expression": "a/b"}, {"Period": 10}]
    alarms = Alarms(StateValue="OK", Metrics=metrics, EvaluationPeriods=2)
    assert seen(alarms, 599).judged is Judged.PENDING
    assert seen(alarms, 599).observed == f"{ALARM} is OK, but its window of 600 s is not over"
    assert seen(alarms, 600).judged is Judged.BETTER


def test_a_composite_alarm_has_no_window_of_its_own() -> None:
    assert seen(Alarms("CompositeAlarms", StateValue="ALARM"), 0).judged is Judged.WORSE


@pytest.mark.usefixtures("aws")
def test_an_alarm_that_vanished_is_unknown() -> None:
    said = look(estate.client, {"alarm": ALARM}, since=AT, now=LATER)
    assert said == Seen(Judged.UNKNOWN, f"there is no alarm {ALARM}")


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(("state", "judged"), [("OK", Judged.BETTER), ("ALARM", Judged.WORSE)])
def test_an_alarm_is_read_as_aws_tells_it(state: str, judged: Judged) -> None:
    estate.make_alarm(ALARM, state)
    assert look(estate.client, {"alarm": ALARM}, since=AT, now=LATER) == Seen(judged, f"{ALARM} is {state}")


@pytest.mark.parametrize("args", [{}, {"alarm": ""}, {"alarm": "x" * 256}, {"alarm": ALARM, "also": 1}])
def test_an_alarm_that_is_not_named_rightly_is_an_error(args: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="Arguments"):
        look(Alarms(StateValue="OK"), args, since=AT, now=LATER)
