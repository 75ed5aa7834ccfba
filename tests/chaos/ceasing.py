"""Scenarios of what recovers by itself: before it is decided, asked, agreed to or begun; copies, and disorder."""

from tests.chaos.people import Person
from tests.chaos.scenario import FAULTS, ONCE, ORDERS, PAIRS, Arrival, Over, Scenario

ANN, NAY = Person("ann"), Person("nay", "reject")
ASKS = {"mode": "approve"}
FIRST = Over(patient=False)

CEASING = (
    Scenario("ceases", "it recovers by itself at any time", over=(Over(),), fast=FAULTS, deep=PAIRS),
    Scenario(
        "ceases-asked",
        "a person is asked and agrees, and it recovers by itself at any time",
        policy=ASKS,
        people=(ANN,),
        over=(Over(),),
        acts=1,
        fast=ORDERS,
        deep=ONCE,
    ),
    Scenario(
        "ceases-unanswered",
        "nobody answers, and it recovers by itself at any time",
        policy=ASKS,
        over=(Over(),),
        ends="ESCALATED",
        acts=0,
        fast=ORDERS,
        deep=PAIRS,
    ),
    Scenario(
        "ceases-rejected",
        "a person says no, and it recovers by itself at any time",
        policy=ASKS,
        people=(NAY,),
        over=(Over(),),
        ends="ABORTED",
        acts=0,
        fast=ORDERS,
        deep=ONCE,
    ),
    Scenario(
        "ceases-first",
        "that it is over comes before that it began",
        arrivals=(Arrival(patient=True),),
        over=(FIRST,),
        ends="OBSERVED",
        acts=0,
        fast=ORDERS,
        deep=PAIRS,
    ),
    Scenario(
        "ceases-twice",
        "that it is over comes twice, at any time, and so does that it began",
        arrivals=(Arrival(), Arrival(patient=True)),
        over=(Over(), Over()),
        fast=ORDERS,
        deep=ONCE,
    ),
    Scenario("ceased-before", "what was over before it began changes nothing", over=(Over(-10),), acts=1, fast=ORDERS),
    Scenario(
        "ceased-observed",
        "what is only observed recovers by itself at any time",
        policy={"mode": "observe"},
        over=(Over(), Over()),
        ends="OBSERVED",
        acts=0,
        fast=ORDERS,
        deep=ONCE,
    ),
)
