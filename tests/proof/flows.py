"""The flows of the proof: together they make every function ask for all that it may ever ask for."""

from collections.abc import Callable
from typing import NamedTuple

from edsr.model import State
from tests import estate
from tests.proof.story import Story
from tests.things import ALIAS

HOPELESS = {"probe": "alarm-is-ok", "within": "PT1S", "every": "PT1S", "with": {"alarm.$": "evidence.alarm"}}
UNDOABLE = {"action": "move-alias", "target": ALIAS, "with": {"to": "1"}}


class Flow(NamedTuple):
    """`runs` says that the state machine itself runs it."""

    name: str
    runs: bool
    tell: Callable[[Story], object]


def remediated(story: Story) -> None:
    """From the alarm to the end, with a duplicate on the way; then recorded."""
    story.tell("detect", "decide")
    story.suite.wait_for("1")
    story.decide()
    estate.set_alarm("canary-checkout-errors", "OK")
    assert story.suite.finish(story.incident) == "SUCCEEDED"
    assert story.record() == {"batchItemFailures": []}


def undone(story: Story) -> None:
    """What got worse is undone."""
    story.suite.play({"steps": [UNDOABLE]}, policy={"verify": HOPELESS, "on-failure": ["revert", "page"]})
    story.tell("detect", "decide")
    assert story.suite.finish(story.incident) == "FAILED"
    assert story.suite.incident(story.incident).state is State.REVERTED


def unreadable(story: Story) -> None:
    """Nothing can be made of an event and of a message: both are quarantined."""
    story.tell("detect_garbage", "decide_garbage")
    assert len(story.suite.messages(story.suite.quarantine)) == 2


def weighed(story: Story) -> None:
    """An alias with canary weights: is CodeDeploy shifting it?"""
    assert story.tell("weigh", "detect", "decide", "plan", "act")["status"] == "DONE"


def adopted(story: Story) -> None:
    """An incident whose execution was never started."""
    assert story.tell("detect", "decide_and_die", "sweep")["adopted"] == 1


def given_up(story: Story) -> None:
    """An incident whose execution was aborted."""
    assert story.tell("detect", "decide", "plan", "stop", "sweep")["ended"] == 1


def switched(story: Story) -> None:
    """The stack comes into being."""
    assert story.control()["Status"] == "SUCCESS"


FLOWS = (
    Flow("remediated", True, remediated),
    Flow("undone", True, undone),
    Flow("unreadable", False, unreadable),
    Flow("weighed", False, weighed),
    Flow("adopted", False, adopted),
    Flow("given-up", False, given_up),
    Flow("switched", False, switched),
)
