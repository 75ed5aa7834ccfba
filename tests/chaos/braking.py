"""Scenarios of the brakes: rates, slots, breakers, latches, common causes; and of a sweep that comes too soon."""

import json
from typing import Any

from edsr.protocol import keys
from edsr.times import epoch
from tests.chaos.scenario import FAULTS, FREE, ONCE, ORDERS, POLICY, Arrival, Other, Scenario, a_step
from tests.things import AT

SECOND = "lambda-canary-second"
BASKET = json.dumps([{"steps": [a_step(function="basket")]}])
MOVED = json.dumps([{"steps": [a_step("move-alias", "basket")]}])
REVERT = {"on-failure": ["revert", "page"]}
ELSEWHERE = Arrival(patient=True, subject="basket", episode="2026-03-02T03:04:31.000Z")
"""The same policy, on another subject, at any time; it repairs the same alias."""

EACH = ({"steps": [{"action": "shift-alias", "target.$": "subject.arn", "with": {"to": "1"}}]},)
"""Each subject its own."""

HASTY = Other("hasty-sweep", {})
"""The sweep, at any time, with a clock on which every open incident is due."""


def breaker(**said: Any) -> dict[str, Any]:
    """A breaker as it stands at the beginning."""
    key = keys.breaker(POLICY, "checkout")
    stands = {"state": "closed", "gen": 1, "fails": 0, "successes": 0, "cooldown": 900}
    return {"pk": key.pk, "sk": key.sk, **stands, **said}


def limited(**said: Any) -> dict[str, Any]:
    """A policy with one brake set."""
    return {"safeguards": {**FREE, **said}}


BRAKING = (
    Scenario(
        "rate",
        "one in an hour, and two incidents on two subjects",
        policy=limited(rate={"max": 1}),
        arrivals=(Arrival(), ELSEWHERE),
        stages=EACH,
        targets=("checkout", "basket"),
        alarm="OK",
        acts=1,
        fast=ORDERS,
        deep=ONCE,
    ),
    Scenario(
        "api",
        "one call of the API in a minute, and two incidents on two subjects",
        rates={"api_rate": "1/PT1M"},
        arrivals=(Arrival(), ELSEWHERE),
        stages=EACH,
        targets=("checkout", "basket"),
        alarm="OK",
        fast=ORDERS,
        deep=ONCE,
    ),
    Scenario(
        "api-waits",
        "one call of the API in a minute, and a second step that waits for it",
        rates={"api_rate": "1/PT1M"},
        stages=({"steps": [a_step(), a_step(function="basket")], "max-parallel": 2},),
        alarm="OK",
        jitter=1.0,
        fast=ORDERS,
        deep=ONCE,
    ),
    Scenario(
        "slots",
        "one at a time in the service, and two incidents on two subjects",
        policy=limited(concurrency={"max": 1}),
        arrivals=(Arrival(), ELSEWHERE),
        stages=EACH,
        targets=("checkout", "basket"),
        alarm="OK",
        fast=ORDERS,
        deep=ONCE,
    ),
    Scenario(
        "open",
        "the breaker is open",
        items=(breaker(state="open", reopen_at=epoch(AT) + 600),),
        ends="ESCALATED",
        acts=0,
    ),
    Scenario(
        "half",
        "the breaker may be tried by one, and two incidents come",
        items=(breaker(state="open", reopen_at=epoch(AT) - 1),),
        arrivals=(Arrival(), ELSEWHERE),
        stages=EACH,
        targets=("checkout", "basket"),
        alarm="OK",
        fast=ORDERS,
        deep=ONCE,
    ),
    Scenario(
        "trips",
        "the first incident makes it worse, and the second comes at any time",
        policy=REVERT,
        arrivals=(Arrival(), ELSEWHERE),
        stages=({"steps": [{"action": "move-alias", "target.$": "subject.arn", "with": {"to": "1"}}]},),
        targets=("checkout", "basket"),
        alarm="ALARM",
        ends="REVERTED",
        fast=ORDERS,
        deep=ONCE,
    ),
    Scenario(
        "common-cause",
        "two policies make it worse on two subjects",
        policy=REVERT,
        stages=({"steps": [a_step("move-alias")]},),
        arrivals=(Arrival(), Arrival(SECOND, subject="basket", stages=MOVED, patient=True)),
        alarm="ALARM",
        ends="REVERTED",
        fast=ORDERS,
        deep=ONCE,
    ),
    Scenario(
        "latched",
        "the action was denied here before",
        items=({"pk": "BRK#deny#shift-alias#123456789012", "sk": "-", "state": "open", "incident": "i-0"},),
        ends="ESCALATED",
        acts=0,
    ),
    Scenario("hasty-sweep", "a sweep comes at any time, and looks at everything", others=(HASTY,)),
    Scenario(
        "hasty-worse",
        "a sweep comes at any time of an incident that is undone",
        stages=({"steps": [a_step("move-alias")]},),
        policy=REVERT,
        alarm="ALARM",
        others=(HASTY,),
        ends="REVERTED",
        fast=FAULTS,
    ),
    Scenario(
        "hasty-beside",
        "a sweep comes at any time of two steps beside each other",
        stages=({"steps": [a_step(), a_step(function="basket")], "max-parallel": 2},),
        others=(HASTY,),
        fast=ORDERS,
        deep=ONCE,
    ),
)
