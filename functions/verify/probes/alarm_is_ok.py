"""alarm-is-ok: the alarm that raised it has measured a whole window since, and is quiet."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.faults import named
from edsr.declare import Permission, Probe
from edsr.model import Judged
from edsr.ports import Clients
from verify.seen import Seen


class Arguments(BaseModel):
    """Which alarm."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    alarm: str = Field(min_length=1, max_length=255, title="Alarm", description="The alarm's name.")


PROBE = Probe(
    id="alarm-is-ok",
    title="The alarm has measured a whole window since the step, and is OK",
    arguments=Arguments,
    permissions=(
        Permission(
            actions=("cloudwatch:DescribeAlarms",),
            on="*",
            reason="DescribeAlarms shows composite alarms only to who may call it on everything",
        ),
    ),
)


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """What the alarm says about the time since the step.

    OK is better, ALARM is worse, both only when the alarm's whole evaluation window lies after the step; before that
    it is pending. An alarm without data, or without traffic to measure, is unknown.
    """
    name = Arguments.model_validate(args).alarm
    with named(f"reading alarm {name}"):
        answer = clients("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    alarms = [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]
    if not alarms:
        return Seen(Judged.UNKNOWN, f"there is no alarm {name}")
    alarm = alarms[0]
    state = str(alarm["StateValue"])
    window = _window(alarm)
    if now < since + window:
        return Seen(Judged.PENDING, f"{name} is {state}, but its window of {window.total_seconds():.0f} s is not over")
    return Seen(_JUDGED.get(state, Judged.UNKNOWN), f"{name} is {state}")


def _window(alarm: dict[str, Any]) -> timedelta:
    """How long the alarm looks back; a composite alarm has no time of its own, metric maths has it in its metrics."""
    periods = [alarm.get("Period", 0)]
    periods += [query.get("MetricStat", {}).get("Period", query.get("Period", 0)) for query in alarm.get("Metrics", [])]
    return timedelta(seconds=max(periods) * alarm.get("EvaluationPeriods", 1))


_JUDGED = {"OK": Judged.BETTER, "ALARM": Judged.WORSE}
