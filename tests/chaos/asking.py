"""Scenarios of approval: asked, answered, answered twice, answered no, not answered at all."""

from tests.chaos.estate import BAD
from tests.chaos.people import Person
from tests.chaos.scenario import FAULTS, FREE, ORDERS, Other, Scenario, a_step

ANN, BOB, NAY = Person("ann"), Person("bob"), Person("nay", "reject")
ASKS = {"mode": "approve"}
TWO = {"mode": "approve", "safeguards": {**FREE, "approval": {"quorum": 2}}}
MOVED = Other(
    "change",
    {
        "service": "lambda",
        "operation": "update_alias",
        "said": {"FunctionName": "checkout", "Name": "live", "FunctionVersion": "9"},
    },
)
BACK = Other("change", {**MOVED.payload, "said": {**MOVED.payload["said"], "FunctionVersion": BAD}})

ASKING = (
    Scenario("approved", "a person is asked, and agrees", policy=ASKS, people=(ANN,), acts=1),
    Scenario("approved-by-two", "two people have to agree", policy=TWO, people=(ANN, BOB), acts=1),
    Scenario("rejected", "a person is asked, and says no", policy=ASKS, people=(NAY,), ends="ABORTED", acts=0),
    Scenario("silent", "nobody answers", policy=ASKS, ends="ESCALATED", acts=0),
    Scenario("one-of-two", "only one of two answers", policy=TWO, people=(ANN,), ends="ESCALATED", acts=0, fast=FAULTS),
    Scenario(
        "approved-drift",
        "somebody else moves the alias at any time, and the plan is asked about again",
        policy=ASKS,
        people=(ANN,),
        others=(MOVED,),
        fast=FAULTS,
    ),
    Scenario(
        "approved-drift-back",
        "somebody else moves the alias to where it was at any time",
        policy=ASKS,
        people=(ANN,),
        others=(BACK,),
        fast=ORDERS,
    ),
    Scenario(
        "approved-kill",
        "the kill switch is engaged at any time",
        policy=ASKS,
        people=(ANN,),
        others=(Other("engage", {"scope": "all"}),),
        fast=FAULTS,
    ),
    Scenario(
        "unrepeatable",
        "an action of which nobody can say whether it took effect is asked about, and sent once",
        stages=({"steps": [a_step("once-alias")]},),
        people=(ANN,),
        acts=1,
    ),
)
