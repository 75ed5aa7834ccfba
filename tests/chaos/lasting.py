"""Scenarios of temporary measures: what is done for a while is undone, or renewed, or a person is told."""

from tests.chaos.braking import HASTY
from tests.chaos.scenario import FAULTS, ONCE, ORDERS, PAUSED, Other, Scenario, a_step

MEASURE = ({"steps": [a_step("move-alias", lasts="PT5M", renew=1)]},)

LASTING = (
    Scenario("temporary", "a measure ends itself", stages=MEASURE, alarm="OK", acts=1),
    Scenario(
        "renewed",
        "the trouble is not over, and the measure is renewed once",
        stages=MEASURE,
        alarm="OK 120 ALARM 600 OK",
    ),
    Scenario(
        "spent",
        "the trouble is not over, and the measure is not renewed any more",
        stages=MEASURE,
        alarm="OK 120 ALARM",
        ends="ESCALATED",
        fast=FAULTS,
    ),
    Scenario("comes-back", "the trouble is back once the measure is undone", stages=MEASURE, ends="ESCALATED"),
    Scenario(
        "temporary-kill",
        "the kill switch is engaged at any time of a measure",
        stages=MEASURE,
        alarm="OK",
        others=(Other("engage", {"scope": "all"}),),
        fast=ORDERS,
        deep=ONCE,
    ),
    Scenario(
        "temporary-hasty",
        "a sweep comes at any time of a measure",
        stages=MEASURE,
        alarm="OK",
        others=(HASTY,),
        fast=PAUSED,
        deep=ONCE,
    ),
    Scenario(
        "two-measures",
        "two measures end at different times",
        stages=(
            {
                "steps": [
                    a_step("move-alias", lasts="PT5M", renew=1),
                    a_step("move-alias", "basket", lasts="PT20M", renew=1),
                ]
            },
        ),
        alarm="OK",
        fast=ORDERS,
        deep=FAULTS,
    ),
)
