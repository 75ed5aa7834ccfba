"""anomaly: a number that each event carries, judged by those that came before it about the same subject.

One item holds a subject's series, and is replaced by compare-and-set: of two events at once one reads again, so none is
learned twice and none is lost. What has alarmed is remembered with what was said of it, so that the event which alarmed
says it again when it is retried: it may have died before it was sent.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from edsr import extract
from edsr.anomaly import FEWER_FALSE, FEWER_MISSED, STANDARD, Series, StateUnreadable
from edsr.anomaly import Anomaly as Reading
from edsr.errors import Malformed, Refused, Transient
from edsr.model import Finding
from edsr.policy.techniques import Anomaly
from edsr.ports import Item
from edsr.protocol import keys
from edsr.technique.notes import Notes, kept_until, named
from edsr.technique.retold import Told, retold
from edsr.times import iso

RACES = 8
REMEMBERED = 4
"""Events that have alarmed and may be retried."""

EARLY = timedelta(minutes=15)
"""How far ahead of ours a clock is believed: what is noted of tomorrow would make today old."""

ALARMS_AT = {"standard": STANDARD, "fewer-false": FEWER_FALSE, "fewer-missed": FEWER_MISSED}


def anomaly(found: Finding, said: Anomaly, event: Mapping[str, Any], notes: Notes, now: datetime) -> Told:
    """Judge the event's number and learn it; a finding when it alarms. Raises Malformed and Transient."""
    return judged(found, said, _number(said, event), notes, now)


def judged(found: Finding, said: Anomaly, value: float, notes: Notes, now: datetime) -> Told:
    """Judge a number that an event about the finding's subject carries, and learn it. Raises Transient."""
    if found.observed_at > now + EARLY:
        return Told(why=f"ignored: it is of {iso(found.observed_at)}, which is yet to come")
    key, me = keys.series(found.policy, found.subject.arn), named("", f"{found.episode}|{found.condition}")
    for _ in range(RACES):
        item = notes.read([key]).get(key, {})
        for alarm in item.get("told", []):
            if alarm["by"] == me:
                return Told((_told(found, said, alarm),))
        series, fault = _series(item, said)
        reading = series.observe(found.observed_at, value)
        alarms = [_alarm(reading, me)] if reading.alarming else []
        noted = {
            "of": _of(said),
            "state": series.to_state(),
            "told": [*item.get("told", []), *alarms][-REMEMBERED:],
            "ttl": kept_until(found.observed_at, now),
        }
        if reading.ignored or notes.replace(key, noted, item.get("ver", 0)):
            return Told(tuple(_told(found, said, alarm) for alarm in alarms), reading.reason, fault)
    raise Transient(f"a number of {found.policy} lost {RACES} races to be learned")


def _number(said: Anomaly, event: Mapping[str, Any]) -> float:
    try:
        value = extract.find(said.value, event)
    except Refused as exc:
        raise Malformed(f"detect.anomaly: {exc}") from exc
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Malformed(f"detect.anomaly: {said.value!r} is {type(value).__name__}, not a number")
    return value


def _series(item: Item, said: Anomaly) -> tuple[Series, str]:
    """The series as it was noted, and why it is begun anew, if it is: a policy that reads another number begins
    another series, and so does a state that nobody can read, since else it would be in the way for ever."""
    fresh = Series(ALARMS_AT[said.sensitivity], counter=said.counter)
    if "state" not in item:
        return fresh, ""
    if item.get("of") != _of(said):
        return fresh, "the policy reads another number than before"
    try:
        return Series.from_state(item["state"] or b"", ALARMS_AT[said.sensitivity]), ""
    except StateUnreadable as exc:
        return fresh, f"its state cannot be read: {exc}"


def _of(said: Anomaly) -> str:
    return named("", f"{said.counter}|{said.value}")


def _alarm(reading: Reading, me: str) -> Item:
    return {
        "by": me,
        "onset": iso(reading.onset or reading.at),
        "value": f"{reading.value:.6g}",
        "expected": f"{reading.expected:.6g}",
        "low": f"{reading.low:.6g}",
        "high": f"{reading.high:.6g}",
        "reason": reading.reason,
    }


def _told(found: Finding, said: Anomaly, alarm: Item) -> Finding:
    return retold(
        found,
        {name: text for name, text in alarm.items() if name != "by"},
        condition=f"anomaly in {said.value}",
        episode=alarm["onset"],
        title=alarm["reason"],
    )
