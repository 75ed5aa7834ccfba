"""`python -m tests.soak.detection`: mixed events as fast as the sandbox takes them; none lost, and the counts exact."""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from cli import POLICIES, say
from cli.account import Account
from cli.incidents import every
from cli.sandbox import Sandbox
from cli.send import matches
from cli.stack import ACCOUNT, ENVIRONMENT, REGION
from edsr.errors import Malformed
from edsr.model import Finding
from edsr.policy import Library, Policy
from edsr.ports import utc_now
from edsr.times import iso
from infra.app import build
from infra.bundles import host_layers
from infra.trial import see
from tests.estate import ROOT, event
from tests.sandbox.conftest import free_port
from tests.soak.run import prepared
from tests.soak.standing import depths

HOME, REPORT = ROOT / "build" / "soak-detect", ROOT / "build" / "soak-detect.json"
ENGINE = {"EDSR_SANDBOX_WORKERS": "3", "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "1"}
AT_ONCE = 10
"""Events in one call of PutEvents."""

EVERY, STILL = 2.0, 15
"""Seconds between two looks, and how many looks in a row may find nothing new before it counts as over."""


class Result(NamedTuple):
    """What came of it, as build/soak-detect.json says it; `lost` and `unasked` are incidents, by id."""

    events: int
    findings: int
    duplicates: int
    incidents: int
    lost: int
    unasked: int
    malformed: int
    quarantined: int
    left: dict[str, int]
    put_seconds: float
    seconds: float
    events_per_second: float

    @property
    def exact(self) -> bool:
        """Whether nothing is lost, nothing came of nothing, and no queue holds anything but what is malformed."""
        return not (self.lost or self.unasked or self.left) and self.malformed == self.quarantined


@dataclass
class Mixed:
    """Events in a mixed order, and what has to come of them."""

    policies: list[Policy]
    now: datetime
    events: list[dict[str, Any]] = field(default_factory=list)
    incidents: set[str] = field(default_factory=set)
    duplicates: int = 0
    malformed: int = 0

    def fill(self, count: int) -> "Mixed":
        """So many events."""
        for number in range(count):
            self._add(made(number, self.now))
        return self

    def _add(self, said: dict[str, Any]) -> None:
        self.events.append(said)
        for policy in self.policies:
            if matches(policy, said):
                self._expect(policy, said)

    def _expect(self, policy: Policy, said: dict[str, Any]) -> None:
        try:
            found = see(policy, said)
        except Malformed:
            self.malformed += 1
            return
        if isinstance(found, Finding):
            self.duplicates += found.incident_id in self.incidents
            self.incidents.add(found.incident_id)


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


def _alarm(name: str, now: datetime, state: str) -> dict[str, Any]:
    text = json.dumps(event("cloudwatch/canary-alarm")).replace("checkout", f"soak-{name}")
    said: dict[str, Any] = json.loads(text)
    said["detail"]["state"] |= {"timestamp": iso(now).replace("Z", "+0000"), "value": state}
    return said


def _build(name: str, status: str) -> dict[str, Any]:
    said = event("delivery/build-failed")
    said["detail"] |= {"build-status": status, "build-id": f"{said['detail']['build-id']}-{name}"}
    return said


class Soak:
    """A soak of detection in a sandbox of its own."""

    def __init__(self, count: int, parallel: int, limit: float) -> None:
        self._count, self._parallel, self._limit = count, parallel, limit
        self._sandbox = Sandbox(prepared(HOME), free_port(), ENGINE)
        self._account = Account("soak", self._sandbox.client, is_sandbox=True)

    def run(self) -> Result:
        """All of it; the sandbox is gone afterwards, however it ends."""
        try:
            self._sandbox.up(build(HOME / "cdk.out", ENVIRONMENT, ACCOUNT, REGION), host_layers(), say.line)
            return self._fire(Mixed(Library.at(POLICIES).policies(), utc_now()).fill(self._count))
        finally:
            self._sandbox.down()

    def _fire(self, mixed: Mixed) -> Result:
        began = time.monotonic()
        self._put(mixed.events)
        put = time.monotonic() - began
        found = self._rest(mixed, began)
        seconds = time.monotonic() - began - EVERY * STILL * (found != mixed.incidents)
        held = {name: depth for name, depth in depths(self._account).items() if depth}
        quarantined = held.pop("edsr-quarantine", 0)
        return Result(
            events=len(mixed.events),
            findings=len(mixed.incidents),
            duplicates=mixed.duplicates,
            incidents=len(found),
            lost=len(mixed.incidents - found),
            unasked=len(found - mixed.incidents),
            malformed=mixed.malformed,
            quarantined=quarantined,
            left=held,
            put_seconds=round(put, 1),
            seconds=round(seconds, 1),
            events_per_second=round(len(mixed.events) / seconds, 1),
        )

    def _put(self, events: list[dict[str, Any]]) -> None:
        bus = self._account.client("events")
        with ThreadPoolExecutor(self._parallel) as pool:
            for answer in pool.map(lambda batch: bus.put_events(Entries=batch), _batches(events)):
                assert answer["FailedEntryCount"] == 0

    def _rest(self, mixed: Mixed, began: float) -> set[str]:
        """Wait until all is there and no queue is left with findings, or nothing more comes."""
        before, still = -1, 0
        while True:
            found, held = {one.id for one in every(self._account)}, depths(self._account)
            seen = len(found) + held["edsr-quarantine"]
            whole = found >= mixed.incidents and held["edsr-quarantine"] >= mixed.malformed
            waited = time.monotonic() - began
            say.line(
                f"{waited:5.0f} s  incidents {len(found)} of {len(mixed.incidents)}, waiting {held['edsr-findings']}"
            )
            still = 0 if seen != before else still + 1
            if (whole and not held["edsr-findings"]) or still >= STILL or waited > self._limit:
                return found
            before = seen
            time.sleep(EVERY)


def _batches(events: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    entries = [
        {
            "Source": one["source"],
            "DetailType": one["detail-type"],
            "Detail": json.dumps(one["detail"]),
            "Resources": one["resources"],
        }
        for one in events
    ]
    yield from (entries[begin : begin + AT_ONCE] for begin in range(0, len(entries), AT_ONCE))


def main() -> int:
    """The command; it fails when anything was lost or a count is not exact."""
    asked = argparse.ArgumentParser(prog="python -m tests.soak.detection", description=__doc__)
    asked.add_argument("--events", type=int, default=10_000)
    asked.add_argument("--parallel", type=int, default=4)
    asked.add_argument("--limit", type=float, default=3600)
    said = asked.parse_args()
    result = Soak(said.events, said.parallel, said.limit).run()
    REPORT.write_text(json.dumps({**result._asdict(), "exact": result.exact}, indent=2) + "\n")
    say.table(("what", "count"), ((name, value) for name, value in result._asdict().items()), one_word=True)
    say.line("none lost, counts exact" if result.exact else "NOT exact", "good" if result.exact else "bad")
    return 0 if result.exact else 1


if __name__ == "__main__":
    sys.exit(main())
