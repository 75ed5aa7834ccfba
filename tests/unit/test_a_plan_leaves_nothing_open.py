"""A plan names every target and argument, pins the state it saw, and refuses what it does not know."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from edsr.entries import ActionEntry, Catalogue, PlannedActionEntry, PlannedProbeEntry, ProbeEntry
from edsr.errors import Gone, Refused
from edsr.model import Plan
from edsr.policy.library import Fleet
from edsr.protocol.incident import Incident
from plan.draw import World, draw
from tests.things import ALARM, ALIAS, FUNCTION, a_playbook, a_policy, an_incident

PRE = {"version": "2", "weights": {}, "description": "last-good=1", "last_good": "1"}


def an_action(**changes: Any) -> ActionEntry:
    said: dict[str, Any] = {
        "id": "shift-alias",
        "title": "Shift",
        "function": "edsr-act-shift-alias",
        "resource": "lambda:alias",
        "klass": "B",
        "reversible": True,
        "restores": True,
        "customer_visible": False,
        "yields_to": ("codedeploy",),
        "api": "lambda",
        "arguments": {},
    }
    return ActionEntry.model_validate(said | changes)


def a_world(
    *actions: ActionEntry,
    managed_by: str | None = None,
    fleet: int | None = 100,
    service: Callable[[str], str] = lambda _arn: "checkout",
    protected: str = "",
    observe: Callable[[str, str], dict[str, Any]] = lambda kind, target: dict(PRE),  # noqa: ARG005
) -> World:
    entries = actions or (an_action(),)
    probe = ProbeEntry(id="alarm-is-ok", title="OK", arguments={})
    catalogue = Catalogue(actions={entry.id: entry for entry in entries}, probes={probe.id: probe})
    owned = lambda _kind, arn: Fleet(service(arn), fleet) if fleet else None  # noqa: E731 - one use
    return World(catalogue, lambda _: managed_by, owned, observe, lambda _: protected)


def playbook(*steps: dict[str, Any], parameters: dict[str, Any] | None = None, **stage: Any) -> Incident:
    said = a_playbook(parameters=parameters or {}, stages=[{"steps": list(steps), **stage}])
    return an_incident(playbook=said, policy=a_policy(safeguards={}))


def step(**changes: Any) -> dict[str, Any]:
    return {"action": "shift-alias", "target.$": "subject.arn", "with": {"to.$": "pre.last_good"}} | changes


def only(plan: Plan) -> Any:
    ((only,),) = [stage.steps for stage in plan.stages]
    return only


def test_the_shipped_playbook_becomes_one_step_with_nothing_left_open() -> None:
    drawn = only(draw(an_incident(), a_world()))
    assert (drawn.n, drawn.action, drawn.function, drawn.class_) == (1, "shift-alias", "edsr-act-shift-alias", "B")
    assert (drawn.target, drawn.args, drawn.pre) == (ALIAS, {"to": "1"}, PRE)
    assert drawn.verify.model_dump() == {"probe": "alarm-is-ok", "args": {"alarm": ALARM}, "within": 300, "every": 5}


def test_the_same_incident_and_world_give_the_same_digest() -> None:
    assert draw(an_incident(), a_world()).digest == draw(an_incident(), a_world()).digest


@pytest.mark.parametrize(
    "incident",
    [
        an_incident(policy=a_policy(verify={"probe": "alarm-is-ok", "within": "PT6M"})),
        an_incident(playbook=a_playbook(stages=[{"steps": [step(**{"with": {"to": "9"}})]}])),
        an_incident(playbook=a_playbook(stages=[{"steps": [step()], "tolerate": 1}])),
        an_incident(policy=a_policy(on_failure=["revert", "page"])),
    ],
    ids=["verify", "arguments", "tolerate", "revert"],
)
def test_anything_else_that_would_be_done_is_another_digest(incident: Incident) -> None:
    world = a_world(an_action(restores=False))
    assert draw(incident, world).digest != draw(an_incident(), world).digest


def test_another_state_of_the_target_is_another_digest() -> None:
    moved = a_world(observe=lambda kind, target: PRE | {"version": "3"})  # noqa: ARG005
    assert draw(an_incident(), moved).digest != draw(an_incident(), a_world()).digest


def test_steps_are_numbered_through_all_stages_and_targets_are_sorted_and_named_once() -> None:
    stages = [
        {"steps": [{"action": "shift-alias", "target": ["b", "a", "b"], "with": {}}], "max-parallel": 2},
        {"steps": [{"action": "shift-alias", "target": "c", "with": {}}]},
    ]
    drawn = draw(an_incident(playbook=a_playbook(stages=stages), policy=a_policy(safeguards={})), a_world())
    assert [(s.n, s.target) for stage in drawn.stages for s in stage.steps] == [(1, "a"), (2, "b"), (3, "c")]
    assert drawn.stages[0].max_parallel == 2


def looking(within: str, every: str, targets: int = 1, **said: Any) -> Incident:
    named = [f"a{n}" for n in range(targets)]
    steps = [step(**{"target.$": None, "target": named}, **said)]
    verify = {"probe": "alarm-is-ok", "within": within, "every": every}
    policy = a_policy(verify=verify, on_failure=["revert", "page"], safeguards={"blast-radius": {"max-targets": 50}})
    return an_incident(playbook=a_playbook(stages=[{"steps": steps}]), policy=policy)


@pytest.mark.parametrize(
    ("within", "every", "targets", "restores", "looks"),
    [("PT40M", "PT1S", 1, True, 2401), ("PT10M", "PT10S", 40, True, 2440), ("PT20M", "PT1S", 1, False, 2402)],
)
def test_more_looks_than_an_execution_can_remember_are_refused(
    within: str, every: str, targets: int, restores: bool, looks: int
) -> None:
    with pytest.raises(Refused, match=f"its probes would look up to {looks} times, at most 2200"):
        draw(looking(within, every, targets), a_world(an_action(restores=restores), fleet=1000))


def test_as_many_looks_as_it_can_remember_are_not() -> None:
    assert draw(looking("PT36M", "PT1S"), a_world()).stages


def test_more_measures_than_one_end_can_renew_are_refused() -> None:
    with pytest.raises(Refused, match="its end would free and renew 80 locks and measures, at most 70"):
        draw(looking("PT1M", "PT30S", 40, lasts="PT10M"), a_world(an_action(restores=False), fleet=1000))


@pytest.mark.parametrize(("targets", "rules"), [(1, 1600), (20, 400)])
def test_what_its_items_could_not_keep_is_refused_before_anything_is_done(targets: int, rules: int) -> None:
    """What was done could not be written down: an item of DynamoDB holds 400 KB."""
    rule = {"IpProtocol": "tcp", "CidrIpv4": "192.0.2.0/24"}
    pre = {"last_good": "1"} | {f"sgr-{n:05}": rule for n in range(rules)}
    with pytest.raises(Refused, match=r"to keep what its targets are takes [0-9]+ bytes, at most 320000"):
        draw(looking("PT1M", "PT30S", targets), a_world(fleet=1000, observe=lambda _kind, _target: pre))


def test_more_steps_than_an_execution_can_carry_are_refused() -> None:
    said = looking("PT1M", "PT30S", 35)
    thrice = said.playbook.model_copy(update={"stages": said.playbook.stages * 3})
    with pytest.raises(Refused, match="it has 105 steps, at most 100"):
        draw(replace(said, playbook=thrice), a_world(fleet=1000))


@pytest.mark.parametrize("target", [[], None, "", [""], [None], ["a", 5], [["a"]], {"a": 1}, 5])
def test_no_target_is_never_taken_to_mean_everything(target: Any) -> None:
    with pytest.raises(Refused, match=r"no target found; an empty set is never taken to mean everything"):
        draw(playbook({"action": "shift-alias", "target": target}), a_world())


@pytest.mark.parametrize("expression", ["evidence.nothing", "parameters.unheard_of", "subject.arn.deeper"])
def test_a_target_that_is_not_found_is_refused(expression: str) -> None:
    with pytest.raises(Refused, match="finds nothing"):
        draw(playbook(step(**{"target.$": expression})), a_world())


def test_an_argument_that_is_not_known_is_refused() -> None:
    unrecorded = {name: value for name, value in PRE.items() if name != "last_good"}
    with pytest.raises(Refused, match=r"'pre.last_good' finds nothing"):
        draw(an_incident(), a_world(observe=lambda kind, target: unrecorded))  # noqa: ARG005


def test_a_parameter_comes_from_the_policy_else_from_its_default_else_it_is_refused() -> None:
    wanted = {"to": {"title": "Where to"}, "also": {"title": "Also", "default": "d"}}
    said = playbook(step(**{"with": {"to.$": "parameters.to", "also.$": "parameters.also"}}), parameters=wanted)
    with pytest.raises(Refused, match="playbook lambda-alias-rollback needs to: Where to"):
        draw(said, a_world())
    given = a_policy(safeguards={}, respond={"mode": "automatic", "playbook": "x", "with": {"to.$": "evidence.alarm"}})
    drawn = only(draw(an_incident(playbook=said.playbook, policy=given), a_world()))
    assert drawn.args == {"to": ALARM, "also": "d"}


def test_what_another_hand_manages_is_left_alone_by_actions_that_yield_to_it() -> None:
    with pytest.raises(Refused, match="is managed by codedeploy: two hands must not share one target"):
        draw(an_incident(), a_world(managed_by="codedeploy"))
    assert draw(an_incident(), a_world(an_action(yields_to=()), managed_by="codedeploy"))


def test_an_action_or_a_probe_that_does_not_exist_is_refused_before_anything_is_done() -> None:
    with pytest.raises(Refused, match="there is no action restart: known are shift-alias"):
        draw(playbook(step(action="restart")), a_world())
    with pytest.raises(Refused, match="there is no probe hearsay: what cannot be judged is not done"):
        draw(playbook(step(verify={"probe": "hearsay"})), a_world())


def test_a_playbook_for_people_makes_no_plan() -> None:
    with pytest.raises(Refused, match="playbook lambda-alias-rollback has no steps: it is for people"):
        draw(an_incident(playbook=a_playbook(stages=[])), a_world())


def test_a_step_that_nothing_judges_is_refused() -> None:
    with pytest.raises(Refused, match="nothing says how it is judged: what cannot be judged is not done"):
        draw(an_incident(policy=a_policy(safeguards={}, verify=None)), a_world())


def test_what_is_only_planned_is_refused_with_what_it_waits_for() -> None:
    said = an_action().model_dump(
        exclude={"api", "function", "reaches", "runs_on", "temporary", "view", "yields_to"}
    ) | {
        "id": "rest",
        "why_not_yet": "nobody built it",
    }
    judging = {"id": "hunch", "title": "Hunch", "arguments": {}, "why_not_yet": "nobody can tell"}
    catalogue = a_world().catalogue.model_copy(
        update={
            "planned_actions": {"rest": PlannedActionEntry.model_validate(said)},
            "planned_probes": {"hunch": PlannedProbeEntry.model_validate(judging)},
        }
    )
    world = a_world()._replace(catalogue=catalogue)
    with pytest.raises(Refused, match="action rest is only planned: nobody built it"):
        draw(playbook(step(action="rest")), world)
    with pytest.raises(Refused, match="probe hunch is only planned: nobody can tell"):
        draw(playbook(step(verify={"probe": "hunch"})), world)


@pytest.mark.parametrize(
    ("action", "on_failure", "revertible"),
    [
        (an_action(restores=False), "revert", True),
        (an_action(restores=False), "hold", False),
        (an_action(restores=True), "revert", False),
        (an_action(restores=False, reversible=False), "revert", False),
    ],
)
def test_only_what_does_not_bring_trouble_back_is_ever_undone(
    action: ActionEntry, on_failure: str, revertible: bool
) -> None:
    incident = an_incident(policy=a_policy(on_failure=[on_failure, "page"]))
    assert only(draw(incident, a_world(action))).revertible is revertible


def test_a_step_says_how_it_is_judged_where_the_policy_does_not_fit() -> None:
    own = {"probe": "alarm-is-ok", "within": "PT0.5S", "every": "PT0.5S", "with": {"alarm.$": "target"}}
    drawn = only(draw(playbook(step(verify=own)), a_world()))
    assert (drawn.verify.args, drawn.verify.within, drawn.verify.every) == ({"alarm": ALIAS}, 1, 1)


def test_a_target_that_vanished_is_for_the_caller_to_explain() -> None:
    def gone(_kind: str, target: str) -> dict[str, Any]:
        raise Gone(target)

    with pytest.raises(Gone, match=FUNCTION):
        draw(an_incident(), a_world(observe=gone))


def test_a_target_that_the_catalogue_protects_is_refused_whatever_the_subject_was() -> None:
    with pytest.raises(Refused, match=r"is protected: it is the ledger"):
        draw(an_incident(), a_world(protected="it is the ledger"))
