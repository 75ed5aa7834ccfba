"""A backtest of the shipped policies: events a second, beside parsing the same lines, and its memory."""

import json
import resource
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from cli.policy.backtest.recorded import Recording
from cli.policy.backtest.run import run as backtest
from cli.policy.backtest.side import side
from edsr.model import Mode
from edsr.times import iso
from tests.bench.pattern import made_event
from tests.estate import event
from tests.policies import SHIPPED

_EVENTS, _ROUNDS = 20_000, 5
_ALARM_EVERY = 100
"""On a bus most events concern no policy."""


def run() -> dict[str, Any]:
    """Events a second (median of the rounds), and the multiple of parsing the lines; peak memory before and after."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "recorded.jsonl"
        file.write_text("".join(f"{line}\n" for line in recorded(_EVENTS)), encoding="utf-8")
        before = _peak_mb()
        parse = _seconds(lambda: _parsed(file))
        asked = _seconds(lambda: backtest(Recording(str(file)), side(SHIPPED, {}, Mode.AUTOMATIC)))
        compared = _seconds(lambda: _compared(file))
    return {
        "events": _EVENTS,
        "share that a policy matches": 1 / _ALARM_EVERY,
        "events/s": round(_EVENTS / asked),
        "events/s against a revision": round(_EVENTS / compared),
        "json.loads events/s": round(_EVENTS / parse),
        "backtest / json.loads": round(asked / parse, 2),
        "against a revision / json.loads": round(compared / parse, 2),
        "peak MB before, after": f"{before}, {_peak_mb()}",
    }


def recorded(number: int) -> list[str]:
    """Lines of a recording: API calls, and now and then an alarm of one of a thousand functions."""
    call, alarm, began = (
        json.dumps(made_event()),
        json.dumps(event("cloudwatch/canary-alarm")),
        datetime(2026, 3, 2, tzinfo=UTC),
    )
    lines = [call] * number
    for n in range(0, number, _ALARM_EVERY):
        one = json.loads(alarm.replace("checkout", f"checkout-{n % 1000}"))
        one["time"] = one["detail"]["state"]["timestamp"] = iso(began + timedelta(seconds=n))
        lines[n] = json.dumps(one)
    return lines


def _parsed(file: Path) -> None:
    with file.open("rb") as lines:
        for line in lines:
            json.loads(line)


def _compared(file: Path) -> None:
    backtest(Recording(str(file)), side(SHIPPED, {}, Mode.AUTOMATIC), side(SHIPPED, {}, None))


def _seconds(work: Callable[[], Any]) -> float:
    rounds = []
    for _ in range(_ROUNDS):
        began = perf_counter()
        work()
        rounds.append(perf_counter() - began)
    return median(rounds)


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
