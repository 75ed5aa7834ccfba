"""Each permission taken away once: who lacks it says so, at once and once, and goes on when it is back."""

import pytest

from edsr.errors import Denied
from edsr.model import Direction, State
from edsr.protocol import keys
from tests import estate
from tests.proof.calls import Call
from tests.proof.conftest import Telling
from tests.proof.denials import ASKED, FINAL, PLANNED, SCENES, Denials, Scene, failed, is_final, without
from tests.proof.needs import Need, here, needs
from tests.proof.stage import Stage

pytestmark = pytest.mark.iam


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_whatever_is_denied_is_said_once_and_made_good_when_it_is_allowed(scene: Scene, denials: Denials) -> None:
    assert denials.of(scene)
    for denial in denials.of(scene):
        assert denial.told, denial
        assert 1 <= denial.asked <= scene.looks, f"{denial}: asked again although it was denied"
        assert denial.fails_again is is_final(denial), denial


@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene.run], ids=lambda scene: scene.name)
def test_without_what_it_changes_things_by_the_incident_ends_with_a_person_told(scene: Scene, denials: Denials) -> None:
    """The machine escalates; what even close cannot end, the sweep does."""
    by = "the sweep" if scene.actor == "edsr-close" else "the machine"
    assert {denial.ended for denial in denials.of(scene) if denial.mutates} == {f"ESCALATED by {by}"}


def test_a_machine_that_may_not_call_one_of_its_functions_leaves_nothing_open(denials: Denials) -> None:
    ended = {denial.need.resource.rsplit(":", 1)[1]: denial.ended for denial in denials.machine}
    by_machine = dict.fromkeys(
        ("edsr-plan", "edsr-approve", "edsr-act-shift-alias", "edsr-verify"), "ESCALATED by the machine"
    )
    assert ended == {**by_machine, "edsr-close": "ESCALATED by the sweep"}


@pytest.mark.parametrize("actor", sorted({scene.actor for scene in SCENES}))
def test_no_call_of_any_flow_is_left_out(actor: str, calls: list[Call], denials: Denials) -> None:
    tried = {(need.action, need.via) for scene in SCENES if scene.actor == actor for need in denials.needed(scene)}
    made = {(need.action, need.via) for call in calls if call.actor == actor for need in needs(call)}
    assert made == tried


def test_every_function_has_its_scene(calls: list[Call]) -> None:
    assert {scene.actor for scene in SCENES} == {call.actor for call in calls} - {"edsr-remediate"}


@pytest.mark.parametrize(
    "need",
    [Need("lambda:GetAlias", FINAL.resource), FINAL, Need("cloudwatch:DescribeAlarms", "*")],
    ids=lambda n: n.action,
)
def test_the_machine_asks_once_and_escalates(need: Need, stage: Stage) -> None:
    recorder = stage.recorder
    with stage.telling(runs=True) as told:
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


@pytest.mark.parametrize("who", ["close", "sweep"])
def test_an_incident_that_could_not_be_ended_stays_open(who: str, story: Telling) -> None:
    with story() as told:
        told.tell(*PLANNED, "stop")
        told.recorder.denying = lambda call: call.operation == "TransactWriteItems"
        failed(Scene(who, f"edsr-{who}", (), who), told)
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


def test_a_sweep_that_may_not_look_at_the_switch_looks_after_incidents_all_the_same(story: Telling) -> None:
    with story() as told:
        told.tell("detect", "decide_and_die")
        told.recorder.denying = without(Need("dynamodb:BatchGetItem", here("dynamodb", "table/edsr-state")))
        swept = told.sweep()
        assert (swept["failed"], swept["adopted"]) == (2, 1), "nor at the heartbeat"


def test_a_yes_that_could_not_be_told_stands_and_is_told_by_whoever_comes_next(story: Telling) -> None:
    with story() as told:
        told.tell(*ASKED)
        told.recorder.denying = lambda call: call.service == "SFN"
        with pytest.raises(Denied, match="telling the task its answer"):
            told.agree()
        assert told.suite.incident(told.incident).state is State.APPROVED
        told.recorder.denying = lambda _: False
        told.recorder.calls.clear()
        told.tell("sweep", "sweep_late")
        assert [call.operation for call in told.recorder.calls].count("SendTaskSuccess") == 1
