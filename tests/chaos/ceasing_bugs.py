"""Seeded bugs of what recovers by itself: each shows in a scenario of it."""

from typing import Any

import decide.handler as deciding
import decide.recover as recovering
from edsr.model import State
from edsr.protocol import recovering as protocol
from tests.chaos import bugs
from tests.chaos.scenario import ORDERS, PAUSED
from tests.chaos.seeding import ALWAYS, Mutant, swap


def blind(right: Any) -> Any:
    """ADMIT holds whatever has ended meanwhile."""
    return lambda found, stands: right(found, stands)._replace(condition=ALWAYS, values=None)


CEASING_BUGS = (
    Mutant(
        "own: over",
        "ADMIT does not compare what was over",
        ("ceases-first", "ceases"),
        (swap(deciding, "unchanged", blind),),
        bounds=(PAUSED,),
    ),
    Mutant("own: noted", "an end is not noted", ("ceases-first",), (swap(recovering, "_note", bugs.nothing),)),
    Mutant(
        "own: told",
        "the task that waits is not told that it is over",
        ("ceases-unanswered",),
        (swap(recovering, "_answer", bugs.nothing),),
        bounds=(ORDERS,),
    ),
    Mutant(
        "own: begun",
        "what has begun is ended as well",
        ("ceases",),
        (swap(protocol, "UNBEGUN", lambda right: (*right, State.RUNNING)),),
    ),
)
