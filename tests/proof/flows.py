"""The flows of the proof: together they make every function ask for all that it may ever ask for."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from edsr.model import State
from edsr.protocol import keys
from edsr.protocol.controls import SWITCHES, engaged
from infra.catalogue import discover
from tests import estate
from tests.aws.capacity import SELECTIONS
from tests.aws.hands import WORLDS
from tests.proof.story import COUNTED, HOPELESS, TOLD, UNDOABLE, Story


class Flow(NamedTuple):
    """`runs` says that the state machine itself runs it."""

    name: str
    runs: bool
    tell: Callable[[Story], object]


def remediated(story: Story) -> None:
    """From the alarm to the end, with a duplicate on the way; then recorded."""
    story.tell("detect", "decide")
    story.suite.wait_for("1")
    story.tell("decide", "helps")
    assert story.suite.finish(story.incident) == "SUCCEEDED"
    assert story.record() == {"batchItemFailures": []}


def compared(story: Story) -> None:
    """A canary that served nothing cannot be judged."""
    assert story.tell("compare")["judged"] == "unknown"


def signed(story: Story) -> None:
    """What was exported is signed, and once more when nothing was; then it is compared with the audit."""
    story.tell("detect", "decide", "record")
    assert story.tell("anchor")["heads"] == 1
    assert story.tell("anchor")["heads"] == 0
    assert story.tell("compare_export") == {"rows": 1, "missing": 0}


def undone(story: Story) -> None:
    """What got worse is undone, and a postmortem begun."""
    story.suite.play({"steps": [UNDOABLE]}, policy={"verify": HOPELESS, "on-failure": ["revert", "page"]})
    story.tell("detect", "decide")
    assert story.suite.finish(story.incident) == "FAILED"
    assert story.suite.incident(story.incident).state is State.REVERTED
    assert story.record() == {"batchItemFailures": []}


def unreadable(story: Story) -> None:
    """Nothing can be made of an event and of a message: both are quarantined."""
    story.tell("detect_garbage", "decide_garbage")
    assert len(story.suite.messages(story.suite.quarantine)) == 2


def told_by_others(story: Story) -> None:
    """Every other source tells something, and something that nothing can be made of."""
    for source in TOLD:
        story.tell(f"see:{source}", f"see_garbage:{source}")
        assert len(story.suite.messages(story.suite.quarantine)) == 1


def counted(story: Story) -> None:
    """Something is found once it has come often enough, by every policy that counts."""
    for source in COUNTED:
        answer = story.tell(f"see_again_and_again:{source}")
        assert "finding" in answer or "findings" in answer, answer


def missed(story: Story) -> None:
    """What is expected came, and then did not."""
    story.tell("hear")
    assert story.tell("sweep")["absent"] == 1
    assert story.decide() == {"batchItemFailures": []}


def forwarded(story: Story) -> None:
    """A message becomes an event, and what is none is quarantined."""
    assert story.tell("forward")["forwarded"] == 1
    assert story.tell("forward_garbage")["quarantined"] == 1


def dropped(story: Story) -> None:
    """The bus brought nothing: the sweep finds that the alarm stands, and a minute later that it is taken up."""
    assert story.tell("poll")["handed"] == 1
    assert story.decide() == {"batchItemFailures": []}
    assert story.tell("poll")["handed"] == 0
    for name in discover().polls:
        assert story.tell(f"poll:{name}")["failed"] == 0


def beating(story: Story) -> None:
    """A heartbeat goes through."""
    story.tell("beat")
    assert story.decide() == {"batchItemFailures": []}


def weighed(story: Story) -> None:
    """An alias with canary weights: is CodeDeploy shifting it?"""
    assert story.tell("weigh", "detect", "decide", "plan", "act")["status"] == "DONE"


def adopted(story: Story) -> None:
    """An incident whose execution was never started."""
    assert story.tell("detect", "decide_and_die", "sweep")["adopted"] == 1


def given_up(story: Story) -> None:
    """An incident whose execution was aborted."""
    assert story.tell("detect", "decide", "plan", "act", "stop", "sweep")["ended"] == 1


def agreed(story: Story) -> None:
    """What a person agreed to is another plan by then: they are asked again, and agree to that."""
    story.tell("approving", "detect", "decide")
    story.suite.wait_until(story.incident, State.ASKED)
    story.tell("drift", "helps")
    assert story.follow() == "SUCCEEDED"
    assert story.suite.incident(story.incident).asked == 2
    assert estate.version_of("checkout") == "1"


def rejected(story: Story) -> None:
    """A person says no."""
    story.tell("approving", "detect", "decide")
    story.suite.wait_until(story.incident, State.ASKED)
    story.reject()
    assert story.suite.finish(story.incident) == "SUCCEEDED"
    assert story.suite.incident(story.incident).state is State.ABORTED


def agreed_on_a_page(story: Story) -> None:
    """A person looks, and sends the form that they were shown."""
    story.tell("approving", "detect", "decide")
    story.suite.wait_until(story.incident, State.ASKED)
    assert story.tell("helps", "look_on_page", "agree_on_page")["state"] == "APPROVED"
    assert story.suite.finish(story.incident) == "SUCCEEDED"


def rejected_on_a_page(story: Story) -> None:
    """The same with the form's other button."""
    story.tell("approving", "detect", "decide")
    story.suite.wait_until(story.incident, State.ASKED)
    assert story.tell("look_on_page", "reject_on_page")["state"] == "REJECTED"
    assert story.suite.finish(story.incident) == "SUCCEEDED"


def unanswered(story: Story) -> None:
    """Nobody says anything."""
    story.tell("approving", "detect", "decide")
    story.suite.wait_until(story.incident, State.ASKED)
    story.sweep_late()
    assert story.suite.finish(story.incident) == "FAILED"


def recovered(story: Story) -> None:
    """What a person was asked about recovers by itself: the task that waits is told."""
    story.tell("approving", "detect", "decide")
    story.suite.wait_until(story.incident, State.ASKED)
    assert "recovered" in story.recover()
    assert story.decide() == {"batchItemFailures": []}
    assert story.suite.incident(story.incident).state is State.ABORTED
    assert story.suite.finish(story.incident) == "SUCCEEDED"


def unheard(story: Story) -> None:
    """An answer that its task was not told."""
    story.tell("approving", "detect", "decide")
    story.suite.wait_until(story.incident, State.ASKED)
    assert story.tell("helps", "agree_unheard", "sweep")["running"] == 1
    assert story.suite.finish(story.incident) == "SUCCEEDED"


def lasted(story: Story) -> None:
    """A measure that ends itself."""
    story.tell("lasting", "helps", "detect", "decide")
    assert story.suite.finish(story.incident) == "SUCCEEDED"
    assert story.sweep()["adopted"] == 1
    assert story.suite.finish(f"{story.incident}-x1") == "SUCCEEDED"
    assert story.suite.incident(story.incident).state is State.RESOLVED


def latched(story: Story) -> None:
    """A hand that is denied is not used again in this account."""
    story.recorder.denying = lambda call: call.operation == "UpdateAlias"
    story.tell("detect", "decide")
    assert story.suite.finish(story.incident) == "FAILED"
    latch = keys.latch("shift-alias", estate.ACCOUNT)
    assert story.suite.store.read([latch])[latch]["state"] == "open"


def stopped(story: Story) -> None:
    """A second policy makes it worse within the hour: everything is stopped, which is recorded, too."""
    story.tell("worsening", "detect", "decide")
    assert story.suite.finish(story.incident) == "FAILED"
    assert set(engaged(story.suite.store.read(SWITCHES))) == {"all"}
    assert story.record() == {"batchItemFailures": []}


def released(story: Story) -> None:
    """The time of a stop is over."""
    assert story.tell("engage", "sweep")["released"] == 1
    assert engaged(story.suite.store.read(SWITCHES)) == {}


def switched(story: Story) -> None:
    """The stack comes into being."""
    assert story.control()["Status"] == "SUCCESS"


def switched_off(story: Story) -> None:
    """A person stops a service, lets it go on, releases what latched, and demotes a policy for a while."""
    said = [story.tell(step) for step in ("lose", "switch_off", "switch_on", "unlatch", "demote")][1:]
    assert [(status, answer["is"]) for status, answer in said] == [
        (200, "off"),
        (200, "on"),
        (200, "released"),
        (200, "as written"),
    ]


def labelled(story: Story) -> None:
    """A person looks at what ended, and says what it was."""
    status, answer = story.tell("detect", "decide", "plan", "act", "close", "label")
    assert (status, answer["is"], answer["was"]) == (200, "false-positive", "true-positive")


def rehearsed(story: Story) -> None:
    """Nobody answers a rehearsal; the next one somebody does."""
    assert story.tell("rehearse", "miss_rehearsal")["missed"]
    status, answer = story.tell("rehearse", "answer_rehearsal")
    assert (status, answer["is"]) == (200, "answered")


def watched(story: Story) -> None:
    """A dashboard shows what is under way."""
    assert story.tell("detect", "decide", "record", "show").count("edsr-case") > 1


def digested(story: Story) -> None:
    """A week's measures are told."""
    assert story.tell("digest")["days"] == 7


def told_to_people(story: Story) -> None:
    """An incident that did not end well is told to people, and what nobody can read is kept."""
    story.tell("detect", "decide", "plan", "act", "close_worse")
    assert story.tell("notify") == {"batchItemFailures": []}
    assert story.tell("notify_garbage") == {"batchItemFailures": []}
    assert len(story.suite.messages(story.suite.quarantine)) == 1


def handed(action: str, story: Story) -> None:
    """Another hand than the incident's own does its work, and is judged; what it may undo, it undoes."""
    assert story.tell(f"world:{action}", "detect", "decide", "plan", "consent", "act")["status"] == "DONE"
    story.verify()
    if action in UNDOES:
        assert story.act_undo()["status"] == "DONE"


def selected(selector: str, story: Story) -> None:
    """What is acted on is found in the account."""
    assert story.tell(f"selecting:{selector}", "detect", "decide", "plan")["plan"]["count"] == 1


def stopped_what_runs_on(action: str, story: Story) -> None:
    """What a hand has begun runs on; a person stops everything, and the sweep asks it to stop."""
    story.tell(f"world:{action}", "detect", "decide", "plan", "consent", "act")
    assert story.tell("stop_all", "sweep")["stopping"] == 1
    story.verify()


def seen_running(action: str, story: Story) -> None:
    """Somebody else has begun it: the plan sees that it runs."""
    assert story.tell(f"world:{action}", "meddle", "detect", "decide", "plan")["plan"]["count"] == 1


UNDOES = (
    "enrich-alert",
    "retry-build",
    "prewarm-function",
    "limit-function",
    "deny-principal",
    "revoke-sessions",
    "quarantine-instance",
    "replace-instance",
    "shift-zone",
    "run-automation",
    "run-state-machine",
    "stop-instance",
    "stop-database",
)
"""Hands that undo by another call than they act."""

RUNS_ON = ("run-automation", "run-state-machine")
"""Hands whose work goes on by itself."""

FLOWS = (
    *(Flow(action, False, partial(handed, action)) for action in WORLDS),
    *(Flow(selector, False, partial(selected, selector)) for selector in SELECTIONS),
    *(Flow(f"stopped-{action}", False, partial(stopped_what_runs_on, action)) for action in RUNS_ON),
    *(Flow(f"seen-{action}", False, partial(seen_running, action)) for action in RUNS_ON),
    Flow("remediated", True, remediated),
    Flow("compared", False, compared),
    Flow("signed", False, signed),
    Flow("undone", True, undone),
    Flow("unreadable", False, unreadable),
    Flow("told-to-people", False, told_to_people),
    Flow("told-by-others", False, told_by_others),
    Flow("counted", False, counted),
    Flow("missed", False, missed),
    Flow("forwarded", False, forwarded),
    Flow("dropped", False, dropped),
    Flow("beating", False, beating),
    Flow("weighed", False, weighed),
    Flow("adopted", False, adopted),
    Flow("given-up", False, given_up),
    Flow("agreed", True, agreed),
    Flow("rejected", True, rejected),
    Flow("agreed-on-a-page", True, agreed_on_a_page),
    Flow("rejected-on-a-page", True, rejected_on_a_page),
    Flow("unanswered", True, unanswered),
    Flow("unheard", True, unheard),
    Flow("recovered", True, recovered),
    Flow("lasted", True, lasted),
    Flow("latched", True, latched),
    Flow("stopped", True, stopped),
    Flow("released", False, released),
    Flow("switched", False, switched),
    Flow("switched-off", False, switched_off),
    Flow("labelled", False, labelled),
    Flow("rehearsed", False, rehearsed),
    Flow("digested", False, digested),
    Flow("watched", False, watched),
)
