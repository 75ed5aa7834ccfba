"""Scenarios of recovery: what a retry may do is for the class of its action to say."""

from tests.chaos.scenario import ONCE, PAIRS, Arrival, Other, Scenario, a_step

ENGAGE = Other("engage", {"scope": "all"})
REVERT = {"on-failure": ["revert", "page"]}
LATER = Arrival(patient=True)

RECOVERING = (
    Scenario("token", "a service that remembers tokens", stages=({"steps": [a_step("token-alias")]},), acts=1),
    Scenario(
        "token-worse",
        "a service that remembers tokens, and the step is undone",
        stages=({"steps": [a_step("token-alias")]},),
        policy=REVERT,
        alarm="ALARM",
        ends="REVERTED",
    ),
    Scenario(
        "token-kill",
        "a service that remembers tokens, and the kill switch is engaged at any time",
        stages=({"steps": [a_step("token-alias")]},),
        others=(ENGAGE,),
    ),
    Scenario("blind", "a service that compares nothing", stages=({"steps": [a_step("blind-alias")]},), acts=1),
    Scenario(
        "blind-twice",
        "a service that compares nothing, and the finding comes twice",
        stages=({"steps": [a_step("blind-alias")]},),
        arrivals=(Arrival(), LATER),
    ),
    Scenario(
        "blind-worse",
        "a service that compares nothing, and the step is undone",
        stages=({"steps": [a_step("blind-alias")]},),
        policy=REVERT,
        alarm="ALARM",
        ends="REVERTED",
    ),
    Scenario(
        "blind-kill",
        "a service that compares nothing, and the kill switch is engaged at any time",
        stages=({"steps": [a_step("blind-alias")]},),
        others=(ENGAGE,),
    ),
    Scenario(
        "blind-patient",
        "a service that compares nothing, and every retry waits as long as it may",
        stages=({"steps": [a_step("blind-alias")]},),
        jitter=1.0,
        deep=PAIRS,
        fast=ONCE,
    ),
)
