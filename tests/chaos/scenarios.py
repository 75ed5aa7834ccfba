"""The scenarios: what is repaired, who else is about, and what goes wrong besides crashes."""

import json
from typing import Any

from tests.chaos.asking import ASKING
from tests.chaos.braking import BRAKING
from tests.chaos.ceasing import CEASING
from tests.chaos.estate import BAD
from tests.chaos.lasting import LASTING
from tests.chaos.recovering import RECOVERING
from tests.chaos.scenario import FAULTS, ONCE, ORDERS, Arrival, Other, Scenario, a_step

HELD = "ESCALATED"
LATER = Arrival(patient=True)
REVERT = {"on-failure": ["revert", "page"]}
LONG = {"probe": "alarm-is-ok", "within": "PT195S", "every": "PT65S", "with": {"alarm.$": "evidence.alarm"}}
TO_THREE = {"steps": [a_step(to="3")]}
ENGAGE = Other("engage", {"scope": "all"})


def somebody(function: str = "checkout", **said: Any) -> Other:
    """Somebody else points an alias elsewhere."""
    asked = {"FunctionName": function, "Name": "live", **(said or {"FunctionVersion": "9"})}
    return Other("change", {"service": "lambda", "operation": "update_alias", "said": asked})


PLAIN = (
    Scenario("one-step", "one finding, one step, it gets better"),
    Scenario(
        "two-stages",
        "two steps, one after the other",
        alarm="OK",
        stages=({"steps": [a_step()]}, {"steps": [a_step(function="basket")]}),
    ),
    Scenario(
        "two-beside",
        "two steps of one stage, beside each other",
        stages=({"steps": [a_step(), a_step(function="basket")], "max-parallel": 2},),
    ),
    Scenario(
        "two-beside-worse",
        "two steps beside each other, and both are undone",
        stages=({"steps": [a_step("move-alias"), a_step("move-alias", "basket")], "max-parallel": 2},),
        policy=REVERT,
        alarm="ALARM",
        ends="REVERTED",
    ),
    Scenario(
        "two-stages-kill",
        "the kill switch is engaged at any time of two stages",
        stages=({"steps": [a_step()]}, {"steps": [a_step(function="basket")]}),
        alarm="OK",
        others=(ENGAGE,),
    ),
    Scenario("duplicate", "the same finding is delivered twice, at any time", arrivals=(Arrival(), LATER)),
    Scenario(
        "triplicate",
        "the same finding is delivered three times",
        arrivals=(Arrival(), LATER, LATER),
        fast=ORDERS,
        deep=ONCE,
    ),
    Scenario("kill", "the kill switch is engaged for all, at any time", others=(ENGAGE,)),
    Scenario(
        "kill-service",
        "the kill switch is engaged for the service, at any time",
        others=(Other("engage", {"scope": "service:checkout"}),),
        fast=FAULTS,
        deep=ONCE,
    ),
    Scenario(
        "worse",
        "the alarm stays, and the step is undone",
        ends="REVERTED",
        stages=({"steps": [a_step("move-alias")]},),
        policy=REVERT,
        alarm="ALARM",
    ),
    Scenario(
        "long",
        "it takes longer than a sweep waits until the alarm is judged, and the step is undone",
        ends="REVERTED",
        stages=({"steps": [a_step("move-alias")]},),
        policy={**REVERT, "verify": LONG},
        alarm="ALARM",
    ),
    Scenario("worse-held", "the alarm stays, and what restores is held", policy=REVERT, alarm="ALARM", ends=HELD),
    Scenario(
        "worse-kill",
        "the alarm stays, and the kill switch is engaged at any time",
        ends="REVERTED",
        stages=({"steps": [a_step("move-alias")]},),
        policy=REVERT,
        alarm="ALARM",
        others=(ENGAGE,),
    ),
    Scenario(
        "worse-kill-undo",
        "the alarm stays, and the kill switch is engaged but lets undo go on",
        ends="REVERTED",
        stages=({"steps": [a_step("move-alias")]},),
        policy=REVERT,
        alarm="ALARM",
        others=(Other("engage", {"scope": "all", "undo": True}),),
        fast=FAULTS,
    ),
    Scenario("drift", "somebody else moves the alias, at any time", others=(somebody(),)),
    Scenario(
        "helped",
        "somebody else repairs the alias, at any time",
        others=(somebody(FunctionVersion="1"),),
    ),
    Scenario(
        "drift-back",
        "somebody else moves the alias to the bad version again, at any time",
        others=(somebody(FunctionVersion=BAD),),
    ),
    Scenario(
        "two-policies",
        "two policies find something wrong with one subject",
        arrivals=(Arrival(), Arrival(policy="lambda-canary-second", patient=True)),
    ),
    Scenario(
        "two-episodes",
        "the same policy finds a second episode on the same subject",
        arrivals=(Arrival(), Arrival(episode="2026-03-02T03:04:59.000Z", patient=True)),
    ),
    Scenario(
        "shared-target",
        "two incidents want one alias in different states, and the first one's lease runs out",
        policy={"verify": LONG},
        arrivals=(Arrival(), Arrival("lambda-canary-second", True, subject="basket", stages=json.dumps([TO_THREE]))),
        alarm="ALARM",
        ends=HELD,
        fast=ORDERS,
    ),
    Scenario(
        "start-fails",
        "the execution cannot be started until the message is dead, and the sweep starts it",
        trouble={"stepfunctions.start_execution": ["ThrottlingException"] * 5},
    ),
    Scenario(
        "act-fails",
        "the change is throttled however often it is tried, and a person is told",
        trouble={"lambda.update_alias": ["TooManyRequestsException"] * 9},
        ends=HELD,
    ),
    Scenario(
        "close-fails",
        "the incident cannot be closed by its execution, and the sweep ends it",
        trouble={"dynamodb.transact_write_items": [*[""] * 4, *["ThrottlingException"] * 4]},
        ends=HELD,
    ),
    Scenario("slow-retries", "every retry waits as long as it may", jitter=1.0),
    Scenario("unknown", "the alarm has no data", alarm="INSUFFICIENT_DATA", ends=HELD),
    Scenario(
        "throttled", "the change is throttled once", trouble={"lambda.update_alias": ["TooManyRequestsException"]}
    ),
    Scenario(
        "denied", "the change is denied", trouble={"lambda.update_alias": ["AccessDeniedException"] * 9}, ends=HELD
    ),
    Scenario(
        "revoked",
        "the permission is taken away after the first call was sent",
        trouble={"lambda.update_alias": ["", *["AccessDeniedException"] * 9]},
    ),
    Scenario(
        "gone",
        "the alias is gone when it is changed",
        trouble={"lambda.update_alias": ["ResourceNotFoundException"] * 9},
        alarm="OK",
    ),
    Scenario(
        "vanishes",
        "somebody else removes the alias, at any time",
        others=(
            Other(
                "change",
                {
                    "service": "lambda",
                    "operation": "delete_alias",
                    "said": {"FunctionName": "checkout", "Name": "live"},
                },
            ),
        ),
        alarm="OK",
    ),
)
SCENARIOS = (*PLAIN, *RECOVERING, *BRAKING, *ASKING, *LASTING, *CEASING)
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
