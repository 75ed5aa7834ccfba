"""The stages' pure work on one real event: detection, decision and audit, beside parsing that event."""

import json
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import Any

from decide.chain import CHAIN, decide
from decide.facts import Facts
from detect.detectors.cloudwatch import detect
from edsr import audit
from edsr.canonical import canonical, plain
from edsr.model import Finding, Kind
from edsr.policy import Library
from edsr.ports import utc_now
from tests.estate import event
from tests.policies import SHIPPED

_ROUNDS, _CALLS = 25, 40


def run() -> dict[str, Any]:
    """Microseconds a call (median of the rounds' means), and each as a multiple of parsing the event."""
    alarm, policy, now = (
        event("cloudwatch/canary-alarm"),
        Library.at(SHIPPED).policy("lambda-canary-rollback"),
        utc_now(),
    )
    text = json.dumps(alarm)
    finding = detect(alarm, policy, now)
    assert isinstance(finding, Finding)
    facts = Facts(now=finding.observed_at + timedelta(seconds=2), switches=())
    body = plain(alarm)
    works: dict[str, Callable[[], Any]] = {
        "json.loads": lambda: json.loads(text),
        "detect": lambda: detect(alarm, policy, now),
        f"decide, {len(CHAIN)} rows": lambda: decide(finding, policy, facts),
        "canonical form": lambda: canonical(body),
        "audit record": lambda: audit.link(audit.START, "i-1", Kind.DECISION, body, actor="x", at=now, mode="observe"),
    }
    costs = {name: _cost(work) for name, work in works.items()}
    figures: dict[str, Any] = {f"{name} us": round(cost, 1) for name, cost in costs.items()}
    parse = costs["json.loads"]
    return figures | {f"{name} / json.loads": round(cost / parse, 2) for name, cost in costs.items() if cost != parse}


def _cost(work: Callable[[], Any]) -> float:
    rounds = []
    for _ in range(_ROUNDS):
        began = perf_counter()
        for _ in range(_CALLS):
            work()
        rounds.append((perf_counter() - began) / _CALLS * 1e6)
    return median(rounds)
