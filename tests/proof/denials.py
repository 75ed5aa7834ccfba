"""Each permission taken away once: who lacks it says so, and what became of the incident."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

from edsr.errors import Denied
from edsr.model import OPEN
from edsr.ports import utc_now
from edsr.times import iso
from infra.catalogue import discover
from infra.parts.grants import READS
from infra.parts.names import MACHINE
from tests.aws.capacity import SELECTIONS
from tests.aws.hands import WORLDS
from tests.proof.calls import Call
from tests.proof.flows import RUNS_ON, UNDOES
from tests.proof.needs import NEEDS, Need, needs
from tests.proof.stage import Stage
from tests.proof.story import COUNTED, TOLD, Story
from tests.things import ALIAS


class Scene(NamedTuple):
    """A function's work, told after some steps.

    `told` says whether an answer tells that it failed; a function that answers nothing raises Denied instead. `run` are
    the steps after which the machine plays it, too, with what the function changes things by denied for good. `looks`
    are how many looks of one call, none of which waits for another, may each ask for the same.
    """

    name: str
    actor: str
    before: tuple[str, ...]
    step: str
    told: Callable[[Any], bool] | None = None
    run: tuple[str, ...] = ()
    looks: int = 1


class Denial(NamedTuple):
    """One need denied once: how often one call asked for it, how it was told, and whether it fails when allowed again.

    `told` is the class of the error, the answer, or the reason that a person reads; the machine is not run again, so
    that of it nobody knows whether it fails again. `ended` is how the incident ended when the machine ran with the
    need denied to this function for good, and a sweep came; empty where no machine calls the function.
    """

    function: str
    scene: str
    need: Need
    asked: int
    told: str
    fails_again: bool | None
    ended: str = ""

    @property
    def mutates(self) -> bool:
        """Whether it changes something; the use of a key only goes with what does."""
        return mutates(self.need)


class Run(NamedTuple):
    """What came of a run: how often the denied was asked, the reason written down at the end, and the end."""

    asked: int
    reason: str
    ended: str


OF_A_MOVE = "sqs:GetQueueAttributes"
"""SQS asks for it in the caller's name while it moves messages; no function of ours calls it for itself."""


def mutates(need: Need) -> bool:
    """Whether a need changes something, or is asked for by what does."""
    return need.action == OF_A_MOVE or (not READS.match(need.action) and not need.action.startswith("kms:"))


def goes_back(answer: Any) -> bool:
    """The first of the batch, and with it all that came after, comes again."""
    return len(answer["batchItemFailures"]) == 1


def is_counted(answer: Any) -> bool:
    """It is in the metric that wakes a person."""
    return bool(answer["failed"] >= 1)


def is_answered(answer: Any) -> bool:
    """CloudFormation stops the deployment."""
    return bool(answer["Status"] == "FAILED" and "AccessDenied" in answer["Reason"])


PLANNED = ("detect", "decide", "plan")
AGREED = (*PLANNED, "consent")
ASKED = ("approving", *PLANNED, "approve")
HELD = ("lasting", *PLANNED, "act", "close")
HELPED = ("approving", "detect", "decide", "helps")
WORSENED = ("worsening", "detect", "decide")
SCENES = (
    Scene("detect", "edsr-detect-cloudwatch", (), "detect"),
    Scene("detect-quarantines", "edsr-detect-cloudwatch", (), "detect_garbage"),
    *(
        Scene(f"{step}-{source}", f"edsr-detect-{source}", (), f"{step}:{source}")
        for source in TOLD
        for step in ("see", "see_garbage")
    ),
    *(Scene(f"see-again-{source}", f"edsr-detect-{source}", (), f"see_again_and_again:{source}") for source in COUNTED),
    Scene("hear", "edsr-detect-data", (), "hear"),
    Scene("sweep-misses", "edsr-sweep", ("hear",), "sweep", is_counted),
    Scene("forward", "edsr-forward", (), "forward"),
    Scene("forward-quarantines", "edsr-forward", (), "forward_garbage"),
    Scene("beat", "edsr-detect-heartbeat", (), "beat"),
    *(Scene(f"poll-{name}", "edsr-sweep-missed", (), f"poll:{name}", is_counted) for name in discover().polls),
    Scene("decide", "edsr-decide", ("detect",), "decide", goes_back),
    Scene("decide-recovers", "edsr-decide", (*ASKED, "recover"), "decide", goes_back),
    Scene("decide-quarantines", "edsr-decide", (), "decide_garbage", goes_back),
    Scene("plan", "edsr-plan", ("detect", "decide"), "plan", run=HELPED),
    Scene("plan-again", "edsr-plan", (*ASKED, "agree", "drift"), "plan"),
    Scene("plan-undoes", "edsr-plan", (*PLANNED, "act"), "plan_undo"),
    Scene("plan-ends-a-measure", "edsr-plan", HELD, "plan"),
    Scene("approve", "edsr-approve", ("approving", *PLANNED), "approve", run=HELPED),
    Scene("approve-again", "edsr-approve", ASKED, "approve"),
    Scene("answer-agrees", "edsr-approve-answer", ASKED, "agree"),
    Scene("answer-rejects", "edsr-approve-answer", ASKED, "reject"),
    Scene("asked-shows", "edsr-approve-asked", ASKED, "look_on_page"),
    Scene("asked-agrees", "edsr-approve-asked", (*ASKED, "look_on_page"), "agree_on_page"),
    Scene("asked-rejects", "edsr-approve-asked", (*ASKED, "look_on_page"), "reject_on_page"),
    Scene("act", "edsr-act-shift-alias", ("weigh", *PLANNED), "act", run=HELPED),
    *(
        Scene(f"{stage}-{action}", stage.replace("act", f"act-{action}"), (f"world:{action}", *before), step)
        for action in WORLDS
        for stage, before, step in (
            ("edsr-plan", ("detect", "decide"), "plan"),
            ("edsr-act", AGREED, "act"),
            ("edsr-verify", (*AGREED, "act"), "verify"),
        )
    ),
    *(
        Scene(f"undo-{action}", f"edsr-act-{action}", (f"world:{action}", *AGREED, "act"), "act_undo")
        for action in UNDOES
    ),
    *(Scene(f"plan-{name}", "edsr-plan", (f"selecting:{name}", "detect", "decide"), "plan") for name in SELECTIONS),
    Scene("verify", "edsr-verify", (*PLANNED, "act"), "verify"),
    Scene("verify-compares", "edsr-verify", (), "compare"),
    Scene("close", "edsr-close", (*PLANNED, "act"), "close", run=HELPED),
    Scene("close-judges", "edsr-close", ("worsening", *PLANNED, "act"), "close_worse", run=WORSENED),
    Scene("record", "edsr-record", PLANNED, "record", goes_back),
    Scene("record-measures", "edsr-record", (*PLANNED, "act", "close"), "record", goes_back),
    Scene("record-drafts", "edsr-record", (*PLANNED, "act", "close_worse"), "record", goes_back),
    Scene("show", "edsr-record-shown", ("detect", "decide", "record"), "show"),
    Scene("digest", "edsr-record-digest", (), "digest"),
    Scene("notify", "edsr-notify", (*PLANNED, "act", "close_worse"), "notify", goes_back),
    Scene("notify-quarantines", "edsr-notify", (), "notify_garbage"),
    Scene("compare", "edsr-record-compare", (*PLANNED, "record"), "compare_export"),
    Scene("anchor", "edsr-anchor", (*PLANNED, "record"), "anchor"),
    Scene("anchor-again", "edsr-anchor", (*PLANNED, "record", "anchor"), "anchor"),
    Scene("control", "edsr-control", (), "control", is_answered),
    Scene("stop", "edsr-control-switch", ("lose",), "switch_off"),
    Scene("unlatch", "edsr-control-switch", ("lose",), "unlatch"),
    Scene("demote", "edsr-control-switch", (), "demote"),
    Scene("rehearse", "edsr-control-rehearse", (), "rehearse"),
    Scene("rehearse-misses", "edsr-control-rehearse", ("rehearse",), "miss_rehearsal"),
    Scene("answer-rehearsal", "edsr-control-switch", ("rehearse",), "answer_rehearsal"),
    Scene("label", "edsr-control-switch", (*PLANNED, "act", "close"), "label"),
    Scene("sweep-adopts", "edsr-sweep", ("detect", "decide_and_die"), "sweep", is_counted),
    Scene("sweep-gives-up", "edsr-sweep", (*PLANNED, "act", "stop"), "sweep", is_counted),
    Scene("sweep-tells-a-yes", "edsr-sweep", (*ASKED, "agree_unheard"), "sweep", is_counted),
    Scene("sweep-tells-a-silence", "edsr-sweep", ASKED, "sweep_late", is_counted),
    Scene("sweep-ends-a-measure", "edsr-sweep", HELD, "sweep", is_counted),
    *(
        Scene(
            f"sweep-stops-{action}",
            "edsr-sweep",
            (f"world:{action}", *AGREED, "act", "stop_all"),
            "sweep",
            is_counted,
            looks=2,
        )
        for action in RUNS_ON
    ),
    *(
        Scene(f"plan-sees-{hand}", "edsr-plan", (f"world:{hand}", "meddle", "detect", "decide"), "plan")
        for hand in RUNS_ON
    ),
    Scene("sweep-releases", "edsr-sweep", ("engage",), "sweep", is_counted),
)


def without(need: Need, actor: str = "") -> Callable[[Call], bool]:
    """Denies a need, to an actor or to everybody."""
    return lambda call: actor in ("", call.actor) and (call.service, call.operation) in NEEDS and need in needs(call)


def failed(scene: Scene, story: Story) -> str:
    """How the step says that it failed, by its error or by its answer; empty when it does not."""
    try:
        answer = story.tell(scene.step)
    except Denied as error:
        return type(error).__name__
    return scene.told.__name__.replace("_", " ") if scene.told and scene.told(answer) else ""


def written(scene: Scene, story: Story) -> str:
    """The gate whose row says in the decision that its fact was denied: it stands in the audit, and nothing fails."""
    if scene.actor != "edsr-decide" or not story.incident:
        return ""
    rows = story.suite.records(story.incident)[0].body["decision"]["rows"]
    return next((f"the row of {row['gate']}" for row in rows if "not known: Denied" in row["reason"]), "")


def repeated(calls: list[Call]) -> int:
    """How often the same was asked."""
    return max((calls.count(call) for call in calls), default=0)


class Denials:
    """Every denial of every scene, each found out once."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._needed: dict[str, list[Need]] = {}
        self._found: dict[str, list[Denial]] = {}

    def needed(self, scene: Scene) -> list[Need]:
        """What a scene needs when nothing is denied, in the order in which it asks."""
        if scene.name not in self._needed:
            with self._stage.telling() as story:
                story.tell(*scene.before)
                story.recorder.calls.clear()
                story.tell(scene.step)
                heard = [call for call in story.recorder.calls if call.actor == scene.actor]
            self._needed[scene.name] = list(dict.fromkeys(need for call in heard for need in needs(call)))
        return self._needed[scene.name]

    def of(self, scene: Scene) -> list[Denial]:
        """Each of its needs, denied."""
        if scene.name not in self._found:
            # All that a scene needs, and each denial of it, is about one alarm, which must not grow too old to act on.
            self._stage.recorder.alarmed_at = iso(utc_now())
            self._needed.pop(scene.name, None)
            self._found[scene.name] = list(self._denied(scene))
        return self._found[scene.name]

    @cached_property
    def every(self) -> list[Denial]:
        """Those of all scenes, and of the machine."""
        return [*(denial for scene in SCENES for denial in self.of(scene)), *self.machine]

    @cached_property
    def machine(self) -> list[Denial]:
        """Each function that the machine calls, and then may not call."""
        with self._stage.telling(runs=True) as story:
            story.tell(*HELPED, "follow")
            heard = [call for call in story.recorder.calls if call.actor == MACHINE]
        needed = dict.fromkeys(need for call in heard for need in needs(call))
        runs = {need: self.run(MACHINE, need, HELPED) for need in needed}
        return [Denial(MACHINE, "runs", need, run.asked, run.reason, None, run.ended) for need, run in runs.items()]

    def _denied(self, scene: Scene) -> Iterator[Denial]:
        for need in self.needed(scene):
            with self._stage.telling() as story:
                story.tell(*scene.before)
                story.recorder.denying = without(need)
                told = failed(scene, story) or written(scene, story)
                asked = repeated(story.recorder.denied)
                story.recorder.denying = lambda _: False
                again = bool(failed(scene, story))
            ended = self.run(scene.actor, need, scene.run).ended if scene.run and mutates(need) else ""
            yield Denial(scene.actor, scene.name, need, asked, told, again, ended)

    def run(self, actor: str, need: Need, steps: tuple[str, ...]) -> Run:
        """The machine runs an incident with the need denied to an actor; the sweep looks at what is left open."""
        with self._stage.telling(runs=True) as story:
            story.recorder.denying = without(need, actor)
            assert story.tell(*steps, "follow") == "FAILED"
            by, asked = "the machine", repeated(story.recorder.denied)
            if story.suite.incident(story.incident).state in OPEN:
                story.tell("sweep")
                by = "the sweep"
            reason = story.suite.records(story.incident)[-1].body["reason"]
            return Run(asked, reason, f"{story.suite.incident(story.incident).state.value} by {by}")


FINAL = Need("lambda:UpdateAlias", ALIAS.rsplit(":", 1)[0])
"""What shift-alias changes things by."""


def is_final(denial: Denial) -> bool:
    """What a hand is denied to do is written down as the step's outcome: no second attempt, a person has to look."""
    ours = denial.need.action.startswith("dynamodb:") and ":table/edsr-" in denial.need.resource
    return denial.function.startswith("edsr-act-") and denial.mutates and not ours
