"""Each permission taken away once: who lacks it says so, at once and once, and goes on when it is back."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pytest

from edsr.errors import Denied
from edsr.model import Direction, State
from edsr.protocol import keys
from tests import estate
from tests.proof.calls import Call, Recorder
from tests.proof.conftest import Telling, telling
from tests.proof.needs import NEEDS, Need, here, needs
from tests.proof.story import Story
from tests.things import ALIAS

pytestmark = pytest.mark.xdist_group("proof")


class Scene(NamedTuple):
    """A function's work, told after some steps.

    `told` says whether an answer tells that it failed; a function that answers nothing raises Denied instead.
    """

    name: str
    actor: str
    before: tuple[str, ...]
    step: str
    told: Callable[[Any], bool] | None = None


Needed = Callable[[Scene], list[Need]]


def goes_back(answer: Any) -> bool:
    """The first of the batch, and with it all that came after, comes again."""
    return len(answer["batchItemFailures"]) == 1


def is_counted(answer: Any) -> bool:
    return bool(answer["failed"] == 1)


def is_answered(answer: Any) -> bool:
    """CloudFormation stops the deployment."""
    return bool(answer["Status"] == "FAILED" and "AccessDenied" in answer["Reason"])


PLANNED = ("detect", "decide", "plan")
SCENES = (
    Scene("detect", "edsr-detect-cloudwatch", (), "detect"),
    Scene("detect-quarantines", "edsr-detect-cloudwatch", (), "detect_garbage"),
    Scene("decide", "edsr-decide", ("detect",), "decide", goes_back),
    Scene("decide-quarantines", "edsr-decide", (), "decide_garbage", goes_back),
    Scene("plan", "edsr-plan", ("detect", "decide"), "plan"),
    Scene("plan-undoes", "edsr-plan", (*PLANNED, "act"), "plan_undo"),
    Scene("act", "edsr-act-shift-alias", ("weigh", *PLANNED), "act"),
    Scene("verify", "edsr-verify", (*PLANNED, "act"), "verify"),
    Scene("close", "edsr-close", (*PLANNED, "act"), "close"),
    Scene("record", "edsr-record", PLANNED, "record", goes_back),
    Scene("control", "edsr-control", (), "control", is_answered),
    Scene("sweep-adopts", "edsr-sweep", ("detect", "decide_and_die"), "sweep", is_counted),
    Scene("sweep-gives-up", "edsr-sweep", (*PLANNED, "stop"), "sweep", is_counted),
)
FINAL = Need("lambda:UpdateAlias", ALIAS.rsplit(":", 1)[0])
"""What was denied to a hand is written down as the step's outcome: no second attempt, a person has to look."""


@pytest.fixture(scope="session")
def needed(recorder: Recorder, url: str, tmp_path_factory: pytest.TempPathFactory) -> Needed:
    """What a scene needs when nothing is denied, in the order in which it asks."""

    @cache
    def of(scene: Scene) -> list[Need]:
        with telling(recorder, url, tmp_path_factory.mktemp(scene.name)) as told:
            told.tell(*scene.before)
            recorder.calls.clear()
            told.tell(scene.step)
            heard = [call for call in recorder.calls if call.actor == scene.actor]
        return list(dict.fromkeys(need for call in heard for need in needs(call)))

    return of


def without(need: Need) -> Callable[[Call], bool]:
    return lambda call: (call.service, call.operation) in NEEDS and need in needs(call)


def failed(scene: Scene, told: Story) -> bool:
    """Whether the step says that it failed, by its error or by its answer."""
    try:
        answer = told.tell(scene.step)
    except Denied:
        return True
    return scene.told is not None and scene.told(answer)


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_whatever_is_denied_is_said_once_and_made_good_when_it_is_allowed(
    scene: Scene, story: Telling, needed: Needed
) -> None:
    assert needed(scene)
    for need in needed(scene):
        with story() as told:
            told.tell(*scene.before)
            told.recorder.denying = without(need)
            assert failed(scene, told), need
            assert len(told.recorder.denied) == 1, f"{need}: asked again although it was denied"
            told.recorder.denying = lambda _: False
            assert failed(scene, told) is (need == FINAL), need


@pytest.mark.parametrize("actor", sorted({scene.actor for scene in SCENES}))
def test_no_call_of_any_flow_is_left_out(actor: str, calls: list[Call], needed: Needed) -> None:
    tried = {(need.action, need.via) for scene in SCENES if scene.actor == actor for need in needed(scene)}
    made = {(need.action, need.via) for call in calls if call.actor == actor for need in needs(call)}
    assert made == tried


def test_every_function_has_its_scene(calls: list[Call]) -> None:
    assert {scene.actor for scene in SCENES} == {call.actor for call in calls} - {"edsr-remediate"}


@pytest.mark.parametrize(
    "need",
    [Need("lambda:GetAlias", FINAL.resource), FINAL, Need("cloudwatch:DescribeAlarms", "*")],
    ids=lambda n: n.action,
)
def test_the_machine_asks_once_and_escalates(
    need: Need, recorder: Recorder, url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with telling(recorder, url, tmp_path_factory.mktemp("denied"), runs=True) as told:
        recorder.denying = without(need)
        told.tell("detect", "decide")
        assert told.suite.finish(told.incident) == "FAILED"
        assert told.suite.incident(told.incident).state is State.ESCALATED
        assert len(recorder.denied) == 1
        assert "Denied" in told.suite.records(told.incident)[-1].body["reason"]


def test_a_finding_that_could_not_be_sent_is_not_taken_for_sent(story: Telling) -> None:
    with story() as told:
        told.recorder.denying = lambda call: call.service == "SQS"
        with pytest.raises(Denied, match="sending a finding"):
            told.detect()
        assert told.suite.messages(told.suite.findings) == []


def test_a_hand_that_is_denied_leaves_the_alias_alone_and_its_outcome_written_down(story: Telling) -> None:
    with story() as told:
        told.tell(*PLANNED)
        told.recorder.denying = without(FINAL)
        with pytest.raises(Denied, match="shifting alias live of checkout"):
            told.act()
        assert estate.version_of("checkout") == "2"
        intent, outcome = told.suite.records(told.incident)[-2:]
        assert (intent.kind, outcome.kind, outcome.body["status"]) == ("INTENT", "OUTCOME", "DENIED")
        with pytest.raises(Denied, match="ended before"):
            told.act()
        assert len(told.recorder.denied) == 1


@pytest.mark.parametrize("stage", ["close", "sweep"])
def test_an_incident_that_could_not_be_ended_stays_open(stage: str, story: Telling) -> None:
    with story() as told:
        told.tell(*PLANNED, "stop")
        told.recorder.denying = lambda call: call.operation == "TransactWriteItems"
        failed(Scene(stage, f"edsr-{stage}", (), stage), told)
        assert told.suite.incident(told.incident).state is State.PLANNED


def test_a_hand_that_may_not_read_the_kill_switch_does_nothing(story: Telling) -> None:
    with story() as told:
        told.tell(*PLANNED)
        told.recorder.denying = without(Need("dynamodb:ConditionCheckItem", here("dynamodb", "table/edsr-state")))
        with pytest.raises(Denied, match="committing"):
            told.act()
        step = keys.step(told.incident, 1, Direction.APPLY)
        assert told.suite.store.read([step]) == {}
        assert estate.version_of("checkout") == "2"
