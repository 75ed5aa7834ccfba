"""`python -m tests.soak.detection`: mixed events as fast as the sandbox takes them; none lost, and the counts exact."""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, NamedTuple

from cli import POLICIES, say
from cli.account import Account
from cli.sandbox import Sandbox
from cli.stack import ACCOUNT, ENVIRONMENT, REGION
from edsr.policy import Library
from edsr.ports import utc_now
from edsr.protocol import keys
from infra.app import build
from infra.bundles import host_layers
from tests.estate import ROOT
from tests.sandbox.conftest import free_port
from tests.soak.mixing import Mixed, called
from tests.soak.run import prepared
from tests.soak.standing import FINDINGS, depths

HOME, REPORT = ROOT / "build" / "soak-detect", ROOT / "build" / "soak-detect.json"
ENGINE = {"EDSR_SANDBOX_WORKERS": "3", "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "1"}
QUARANTINE = "edsr-quarantine"
EVERY, SHOWN = 5.0, 20
"""Seconds between two looks, and how many differences are printed; the report has all of them."""

GRACE = 60.0
"""Seconds without any change, beyond those for which a batch that failed is hidden, after which it counts as over."""


class Moment(NamedTuple):
    """What can be seen while it goes on: calls of the detectors that went well, those that failed, and what queues
    hold; in this order, so that what was handled is in no queue that is empty."""

    handled: int
    failed: int
    queues: dict[str, int]

    @property
    def parked(self) -> int:
        """Events that a detector gave up."""
        return sum(depth for name, depth in self.queues.items() if name.startswith("edsr-detect-"))

    def over(self, expected: int) -> bool:
        """Whether nothing is under way any more: every call was made, or given up, and no finding waits."""
        return self.handled + self.parked >= expected and not self.queues[FINDINGS]


class Came(NamedTuple):
    """What was there in the end. `quarantined` counts inputs, and `copies` what SQS holds of one besides, since a call
    that was not answered is made again. `left` is what waits to be decided, and what anybody gave up: what people are
    to be told may still be on its way."""

    handled: int
    failed: int
    incidents: frozenset[str]
    recoveries: frozenset[str]
    quarantined: Counter[str]
    copies: int
    left: dict[str, int]


def differences(mixed: Mixed, came: Came) -> list[str]:
    """Each thing that is not as it has to be, by name."""
    return [
        *_apart("incident", mixed.incidents, came.incidents),
        *_apart("recovery", mixed.recoveries, came.recoveries),
        *(f"quarantined {n - came.quarantined[name]} times too few: {name}"
          for name, n in sorted(mixed.malformed.items()) if came.quarantined[name] < n),
        *(f"quarantined {n - mixed.malformed[name]} times too often: {name}"
          for name, n in sorted(came.quarantined.items()) if n > mixed.malformed[name]),
        *(f"queue {name} holds {depth}" for name, depth in sorted(came.left.items()) if depth),
        *([f"{came.handled} calls of detectors went well, not {mixed.handled.total()}"]
          if came.handled != mixed.handled.total() else []),
    ]  # fmt: skip


def _apart(what: str, wanted: Mapping[str, str], came: frozenset[str]) -> Iterator[str]:
    yield from (f"lost {what} {name}: {wanted[name]}" for name in sorted(wanted.keys() - came))
    yield from (f"{what} {name} came of nothing" for name in sorted(came - wanted.keys()))


class Soak:
    """A soak of detection in a sandbox of its own."""

    def __init__(self, count: int, parallel: int, limit: float) -> None:
        self._count, self._parallel, self._limit = count, parallel, limit
        self._sandbox = Sandbox(prepared(HOME), free_port(), ENGINE)
        self._account = Account("soak", self._sandbox.client, is_sandbox=True)

    def run(self) -> dict[str, Any]:
        """All of it, as the report has it; the sandbox is gone afterwards, however it ends."""
        mixed = Mixed(Library.at(POLICIES).policies(), utc_now()).fill(self._count)
        try:
            self._sandbox.up(build(HOME / "cdk.out", ENVIRONMENT, ACCOUNT, REGION), host_layers(), say.line)
            return self._fire(mixed)
        finally:
            self._sandbox.down()

    def _fire(self, mixed: Mixed) -> dict[str, Any]:
        began = time.monotonic()
        with ThreadPoolExecutor(1) as meanwhile:
            putting = meanwhile.submit(self._put, mixed)
            self._rest(mixed, began, putting.done)
            put = putting.result()
        seconds = time.monotonic() - began
        came = self._came(mixed)
        return {
            "events": len(mixed.events),
            "calls of detectors": mixed.handled.total(),
            "incidents": f"{len(came.incidents)} of {len(mixed.incidents)}",
            "duplicates": mixed.duplicates,
            "recoveries": f"{len(came.recoveries)} of {len(mixed.recoveries)}",
            "quarantined": f"{came.quarantined.total()} of {mixed.malformed.total()}",
            "copies of these": came.copies,
            "calls made again": came.failed,
            "put a second": round(len(mixed.events) / put, 1),
            "seconds until all was handled": round(seconds, 1),
            "events a second": round(len(mixed.events) / seconds, 1),
            "differences": differences(mixed, came),
        }

    def _put(self, mixed: Mixed) -> float:
        """As fast as the bus takes them; how many seconds that took."""
        bus, began = self._account.client("events"), time.monotonic()
        with ThreadPoolExecutor(self._parallel) as pool:
            for answer in pool.map(lambda batch: bus.put_events(Entries=batch), mixed.batches()):
                assert answer["FailedEntryCount"] == 0
        return time.monotonic() - began

    def _rest(self, mixed: Mixed, began: float, all_put: Callable[[], bool]) -> None:
        """Wait until all is handled, or nothing has moved for longer than anything is hidden."""
        expected, hidden = mixed.handled.total(), self._hidden()
        before, moved = None, began
        while True:
            put, seen, now = all_put(), self._look(mixed), time.monotonic()
            before, moved = (before, moved) if seen == before else (seen, now)
            say.line(
                f"{now - began:5.0f} s  handled {seen.handled} of {expected}, {seen.queues[FINDINGS]} findings wait"
                + (f", {seen.parked} given up" if seen.parked else "")
            )
            if (put and seen.over(expected)) or now - moved > hidden + GRACE or now - began > self._limit:
                return
            time.sleep(EVERY)

    def _look(self, mixed: Mixed) -> Moment:
        failed = sum(self._counted("Errors", name) for name in mixed.handled)
        called_in_all = sum(self._counted("Invocations", name) for name in mixed.handled)
        return Moment(called_in_all - failed, failed, depths(self._account))

    def _counted(self, metric: str, function: str) -> int:
        now = utc_now()
        points = self._account.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=metric,
            Dimensions=[{"Name": "FunctionName", "Value": function}],
            StartTime=now - timedelta(days=1),
            EndTime=now + timedelta(minutes=1),
            Period=86400,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(round(point["Sum"]) for point in points)

    def _hidden(self) -> float:
        sqs = self._account.client("sqs")
        url, wanted = sqs.get_queue_url(QueueName=FINDINGS)["QueueUrl"], "VisibilityTimeout"
        return float(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[wanted])["Attributes"][wanted])

    def _came(self, mixed: Mixed) -> Came:
        seen = self._look(mixed)
        kept = [*self._quarantined()]
        items = self._account.scan("edsr-state", ProjectionExpression="pk, sk")
        held = [(item["pk"]["S"], item["sk"]["S"]) for item in items]
        return Came(
            handled=seen.handled,
            failed=seen.failed,
            incidents=frozenset(pk.removeprefix("INC#") for pk, sk in held if sk == keys.HEAD and pk[:4] == "INC#"),
            recoveries=frozenset(pk for pk, _ in held if pk.startswith("RCV#")),
            quarantined=Counter(dict(kept).values()),
            copies=len(kept) - len(dict(kept)),
            left={name: depth for name, depth in seen.queues.items() if name == FINDINGS or name.endswith("-dlq")},
        )

    def _quarantined(self) -> Iterator[tuple[str, str]]:
        """Each message, by the hash of its input and what that is about."""
        sqs = self._account.client("sqs")
        url = sqs.get_queue_url(QueueName=QUARANTINE)["QueueUrl"]
        while got := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600).get("Messages"):
            for message in got:
                kept = json.loads(message["Body"])
                ours = kept["stage"].startswith("detect-")
                yield kept["sha256"], called(json.loads(kept["raw"])["event"]) if ours else kept["reason"]


def main() -> int:
    """The command; it fails when anything was lost or a count is not exact."""
    asked = argparse.ArgumentParser(prog="python -m tests.soak.detection", description=__doc__)
    asked.add_argument("--events", type=int, default=10_000)
    asked.add_argument("--parallel", type=int, default=4)
    asked.add_argument("--limit", type=float, default=3600)
    said = asked.parse_args()
    result = Soak(said.events, said.parallel, said.limit).run()
    wrong = result.pop("differences")
    REPORT.write_text(json.dumps({**result, "differences": wrong}, indent=2) + "\n")
    say.table(("what", "count"), result.items(), one_word=True)
    for line in wrong[:SHOWN]:
        say.line(line, "bad")
    more = f", {len(wrong) - SHOWN} more in {REPORT.relative_to(ROOT)}" if len(wrong) > SHOWN else ""
    say.line(
        f"NOT exact: {len(wrong)} differences{more}" if wrong else "none lost, counts exact", "bad" if wrong else "good"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
