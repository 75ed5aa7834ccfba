"""The gate chain on gathered facts, beside CEL and Cedar answering the same questions: the chain also says why."""

import json
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import Any

import cedarpy
import cel

from decide.chain import CHAIN, decide
from decide.facts import Facts
from tests.things import AT, a_finding, a_policy

_ROUNDS, _CALLS, _POLICIES = 15, 200, 20
_SHARE = 15
"""The goals are set for so many rows: at most 10 us, and 200 us for twenty policies."""

QUESTIONS: dict[str, Any] = {
    "claimed": False,
    "switched": [],
    "live": True,
    "age": 30,
    "tier": 1,
    "protected": "",
    "denied": False,
    "found": 1,
    "cooling": 0,
    "busy": "",
    "undone": 7200,
    "stormy": False,
    "unwell": 1,
    "counted": 0,
    "acting": 0,
    "burning": 0,
    "breaker": "closed",
    "latched": [],
    "mode": "automatic",
    "place": 12,
    "careful": [],
    "over": 0,
    "waits": False,
    "harmed": "",
}
"""What each gate asks, worked out: the languages are given less to do than the chain."""

TERMS = (
    "claimed == false", "switched == []", "live == true", "age <= 900", "tier <= 2", "protected == ''",
    "denied == false", "found >= 1", "cooling == 0", "busy == ''", "undone >= 3600", "stormy == false", "unwell < 10",
    "counted < 3", "acting < 1", "burning <= 5", "breaker == 'closed'", "latched == []", "mode != 'observe'",
    "place < 100", "careful == []", "over == 0", "waits == false", "harmed == ''",
)  # fmt: skip
CEDAR = "permit(principal, action, resource);" + "".join(
    f"forbid(principal, action, resource) unless {{ context.{term} }};"
    for term in (term.replace("'", '"') for term in TERMS)
)


def run() -> dict[str, Any]:
    """Microseconds (median of the rounds' means): a policy's decision, its rows alone, and those of twenty policies."""
    finding, facts = a_finding(), Facts(now=AT + timedelta(seconds=2), switches=())
    policy, policies = a_policy(), [a_policy() for _ in range(_POLICIES)]
    program = cel.compile(" && ".join(TERMS))
    text = json.dumps(QUESTIONS)
    request = {"principal": 'S::"a"', "action": 'A::"act"', "resource": 'S::"a"', "context": QUESTIONS}
    cedar = cedarpy.PolicySet.from_str(CEDAR)
    assert decide(finding, policy, facts).verdict == "act"
    assert program.execute(QUESTIONS) is True
    assert cedarpy.is_authorized(request, cedar, "[]").allowed
    works: dict[str, Callable[[], Any]] = {
        f"{len(CHAIN)} rows": lambda: [gate.check(finding, policy, facts) for gate in CHAIN],
        f"decision of {len(CHAIN)} rows": lambda: decide(finding, policy, facts),
        f"rows of {_POLICIES} policies": lambda: [
            gate.check(finding, one, facts) for one in policies for gate in CHAIN
        ],
        f"CEL, {len(TERMS)} terms, yes or no": lambda: program.execute(QUESTIONS),
        f"Cedar, {len(TERMS)} policies, yes or no": lambda: cedarpy.is_authorized(request, cedar, "[]"),
        "json.loads of the facts": lambda: json.loads(text),
    }
    costs = {name: _cost(work) for name, work in works.items()}
    share = _SHARE / len(CHAIN)
    costs |= {f"{_SHARE} of {name}": costs[name] * share for name in works if "rows" in name and "decision" not in name}
    return {f"{name} us": round(cost, 1) for name, cost in costs.items()}


def _cost(work: Callable[[], Any]) -> float:
    rounds = []
    for _ in range(_ROUNDS):
        began = perf_counter()
        for _ in range(_CALLS):
            work()
        rounds.append((perf_counter() - began) / _CALLS * 1e6)
    return median(rounds)
