"""Events in a mixed order for a soak of detection, and by name what has to come of each."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from edsr.errors import Malformed
from edsr.model import Finding
from edsr.pattern import Index
from edsr.policy import Policy
from edsr.protocol import keys
from edsr.technique import chosen
from edsr.times import iso
from infra.catalogue import discover
from infra.parts.recoveries import matched
from infra.trial import detect
from tests.estate import event

AT_ONCE = 10
"""Events in one call of PutEvents."""


@dataclass
class Mixed:
    """Events in a mixed order. `handled` is how often each function is called, `duplicates` how many events tell what
    another has told; `incidents` and `recoveries` are by their id and item, with what they are of."""

    policies: list[Policy]
    now: datetime
    events: list[dict[str, Any]] = field(default_factory=list)
    handled: Counter[str] = field(default_factory=Counter)
    incidents: dict[str, str] = field(default_factory=dict)
    recoveries: dict[str, str] = field(default_factory=dict)
    malformed: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0

    def fill(self, count: int) -> "Mixed":
        """So many events."""
        for number in range(count):
            self._add(made(number, self.now))
        return self

    def batches(self) -> Iterator[list[dict[str, Any]]]:
        """The events as PutEvents takes them."""
        entries = [
            {
                "Source": one["source"],
                "DetailType": one["detail-type"],
                "Detail": json.dumps(one["detail"]),
                "Resources": one["resources"],
            }
            for one in self.events
        ]
        yield from (entries[begin : begin + AT_ONCE] for begin in range(0, len(entries), AT_ONCE))

    @cached_property
    def _rules(self) -> tuple[dict[str, Policy], Index]:
        detectors, known = discover().detectors, {policy.id: policy for policy in self.policies}
        assert not any(policy.detect.steps for policy in self.policies), "a rule of a step is not counted here"
        taken = {name: matched(detectors[policy.detect.source], policy) for name, policy in known.items()}
        return known, Index(taken)

    def _add(self, said: dict[str, Any]) -> None:
        self.events.append(said)
        policies, rules = self._rules
        for policy in (policies[name] for name in rules.match(said)):
            self.handled[f"edsr-detect-{policy.detect.source}"] += 1
            self._expect(policy, said)

    def _expect(self, policy: Policy, said: dict[str, Any]) -> None:
        assert not chosen.uses(policy), f"{policy.id}: what it finds in many events is not known from one"
        about = f"{policy.id}: {called(said)}"
        try:
            found = detect(policy, said)
        except Malformed:
            self.malformed[called(said)] += 1
            return
        if isinstance(found, Finding):
            self.duplicates += found.incident_id in self.incidents
            self.incidents[found.incident_id] = about
        elif found.over:
            self.recoveries[keys.recovered(policy.id, found.over.subject.arn).pk] = about


def made(number: int, now: datetime) -> dict[str, Any]:
    """One of ten kinds: four alarms, two builds, an alarm that is well, a build that is, one told twice, one that
    cannot be read."""
    kind, unit = number % 10, number // 10
    if kind in (4, 5):
        return _build(f"{unit}-{kind}", "FAILED")
    if kind == 6:
        return _alarm(f"{unit}-{kind}", now, "OK")
    if kind == 7:
        return _build(f"{unit}-{kind}", "SUCCEEDED")
    if kind == 9:
        said = _alarm(f"{unit}-{kind}", now, "ALARM")
        del said["detail"]["state"]["timestamp"]
        return said
    return _alarm(f"{unit}-{0 if kind == 8 else kind}", now, "ALARM")


def called(said: dict[str, Any]) -> str:
    """What an event is called: its alarm or its build."""
    detail = said["detail"]
    return str(detail.get("alarmName") or detail["build-id"].rsplit("/", 1)[-1])


def _alarm(name: str, now: datetime, state: str) -> dict[str, Any]:
    text = json.dumps(event("cloudwatch/canary-alarm")).replace("checkout", f"soak-{name}")
    said: dict[str, Any] = json.loads(text)
    said["detail"]["state"] |= {"timestamp": iso(now).replace("Z", "+0000"), "value": state}
    return said


def _build(name: str, status: str) -> dict[str, Any]:
    said = event("delivery/build-failed")
    said["detail"] |= {"build-status": status, "build-id": f"{said['detail']['build-id']}-{name}"}
    return said
