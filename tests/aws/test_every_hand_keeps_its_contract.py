"""Every hand alike: it mends, once; it says what was denied, throttled, gone; it undoes what may be undone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from cli.query.asked import asked as asked_of
from cli.query.embedded import Lake
from edsr.errors import Denied, Gone, Refused, Transient
from edsr.extract import resolve
from edsr.model import AuditRecord, Judged, Kind
from edsr.policy import Library, Playbook
from edsr.ports import Observed
from edsr.times import parse
from infra.catalogue import catalogue, discover
from tests import estate
from tests.aws.conftest import Workshop, admitted
from tests.aws.hands import WORLDS, made
from tests.aws.services import Crash, crash, refusal
from tests.aws.world import World
from tests.lake import a_call, exported, trailed
from tests.things import AT, a_playbook, a_policy

ACTIONS = {action.id: (module, action) for module, action in discover().actions.items()}
UNDOABLE = sorted(name for name in WORLDS if ACTIONS[name][1].reversible and not ACTIONS[name][1].restores)
DRIFTING = sorted(set(WORLDS) - {"start-logging", "replace-instance"})
"""A trail has no other state than the one that is wanted, and an instance is in one group or in none."""
PAIRED = ("calls-without-record", "records-without-call")


@pytest.fixture
def tables(aws: None) -> None:  # noqa: ARG001 - moto has to answer first
    """The protocol's."""
    estate.make_tables()


@pytest.fixture
def stage(tables: None, library: Library) -> Any:  # noqa: ARG001 - they have to be there
    """An action's world with an incident whose plan is to take it."""

    @contextmanager
    def set_up(action: str, **args: Any) -> Iterator[tuple[World, Workshop]]:
        with made(action) as world:
            yield world, planned(library, world, **args)

    return set_up


def planned(library: Library, world: World, **args: Any) -> Workshop:
    said = ACTIONS[world.action][1]
    lasts = {"lasts": "PT1H"} if said.temporary else {}
    step = {"action": world.action, "target": world.target, "with": world.args | args, **lasts}
    playbook: Playbook = a_playbook(parameters={}, stages=[{"steps": [step]}])
    policy = a_policy(on_failure=["revert", "page"]) if world.action in UNDOABLE else a_policy()
    others = {name: estate.client(name) for name in ("lambda", "codedeploy")}
    shop = admitted(library, estate.Clock(AT), policy, playbook, catalogue(), others)
    shop.target = world.target
    shop.handler = import_module(ACTIONS[world.action][0]).handler
    return shop


def state(world: World) -> dict[str, Any]:
    reader = import_module(f"edsr.aws.readers.{ACTIONS[world.action][1].reader}")
    seen: Observed = reader.observe(estate.client, world.target)
    return seen.state


def nothing() -> None:
    """Happens."""


def mended(world: World, before: dict[str, Any]) -> bool:
    return state(world)["current"] != before["current"] if world.action == "rotate-secret" else wanted(world)


def wanted(world: World, **args: Any) -> bool:
    goal = import_module(ACTIONS[world.action][0]).goal(world.args | args)
    return all(state(world).get(name) == value for name, value in goal.items())


def unowned(world: World, asked: dict[str, Any], records: list[AuditRecord], folder: Path) -> list[Any]:
    """What auditors are told of a call, as a trail has it, and of its intent: nothing, where they are a pair."""
    service, operation = world.call
    told: dict[str, Any] = {"eventSource": f"{service}.amazonaws.com", "eventName": operation}
    told["requestParameters"] = asked
    intent = next(record for record in records if record.kind is Kind.INTENT)
    trail = trailed(folder / "trail", [a_call(1, parse(intent.ts), "", session=f"edsr-act-{world.action}", **told)])
    lake = Lake(exported(folder / "export", [records]), AT + timedelta(days=1), trail)
    days = {"since": str(AT.date()), "until": str(AT.date())}
    return [row for name in PAIRED for row in lake.ask(asked_of(name, days, AT.date())).rows]


@pytest.fixture
def calls() -> Iterator[Callable[[str, str, Callable[[], object]], list[dict[str, Any]]]]:
    """Hear an operation before it is answered: what happens first may raise."""
    heard: list[tuple[Any, str, Any]] = []

    def hear(service: str, operation: str, first: Callable[[], object]) -> list[dict[str, Any]]:
        asked: list[dict[str, Any]] = []

        def before(params: dict[str, Any], **_: Any) -> None:
            asked.append(params)
            first()

        events = estate.client(service).meta.events
        events.register_first(f"provide-client-params.*.{operation}", before)
        heard.append((events, f"provide-client-params.*.{operation}", before))
        return asked

    yield hear
    for events, name, before in heard:
        events.unregister(name, before)


@pytest.mark.parametrize("action", sorted(WORLDS))
def test_it_mends_once_however_often_it_is_asked(action: str, stage: Any, calls: Any, tmp_path: Path) -> None:
    with stage(action) as (world, shop):
        asked = calls(*world.call, lambda: None)
        before = state(world)
        assert not wanted(world)
        assert shop.act()["status"] == "DONE"
        assert mended(world, before)
        assert shop.act()["status"] == "DONE"
        assert len(asked) == 1
        assert shop.kinds()[-2:] == ["INTENT", "OUTCOME"]
    assert unowned(world, asked[0], shop.records(), tmp_path) == []


WORDS = {"deactivate-key", "keep-evidence", "revoke-ingress", "revoke-sessions", "run-state-machine"}
"""What they reach is named when the target is seen: people are told their arguments instead."""


@pytest.mark.parametrize("action", sorted(WORLDS))
def test_what_people_are_told_that_it_reaches_is_what_it_reaches(action: str, tables: None) -> None:  # noqa: ARG001
    module, said = ACTIONS[action]
    assert bool(said.reaches) is (action not in WORDS)
    with made(action) as world:
        if said.reaches:
            assert resolve(said.reaches, world.args) == import_module(module).goal(world.args)


@pytest.mark.parametrize("action", sorted(WORLDS))
def test_what_is_so_already_is_left_alone(action: str, library: Library, calls: Any, tables: None) -> None:  # noqa: ARG001
    with made(action) as world:
        world.already() if world.already else do(world)
        shop = planned(library, world)
        asked = calls(*world.call, nothing)
        assert shop.act()["status"] == "NOOP"
        assert asked == []


NAMED = (
    "cap-tasks",
    "enrich-alert",
    "prewarm-function",
    "retry-build",
    "scale-table",
    "stop-database",
)
"""Whose calls name their target by what may be another's elsewhere."""


@pytest.mark.parametrize("place", [{"account": "9" * 12}, {"region": "eu-west-1"}], ids=str)
@pytest.mark.parametrize("action", NAMED)
@pytest.mark.usefixtures("aws")
def test_what_has_its_name_here_but_is_elsewhere_is_out_of_reach(action: str, place: dict[str, str]) -> None:
    with made(action) as world:
        _, partition, service, region, account, resource = world.target.split(":", 5)
        at = {"region": region, "account": account} | place
        world.target = f"arn:{partition}:{service}:{at['region']}:{at['account']}:{resource}"
        with pytest.raises((Refused, Gone)):
            state(world)


@pytest.mark.usefixtures("aws")
def test_lambda_is_asked_by_the_arn_so_that_a_function_elsewhere_is_none(calls: Any) -> None:
    asked = calls("lambda", "GetFunctionConcurrency", nothing)
    with made("limit-function") as world:
        state(world)
    assert [said["FunctionName"] for said in asked] == [world.target]


def do(world: World) -> None:
    """By another hand, or an earlier incident."""
    module = import_module(ACTIONS[world.action][0])
    reader = import_module(f"edsr.aws.readers.{ACTIONS[world.action][1].reader}")
    revision = reader.observe(estate.client, world.target).revision
    module.apply(estate.client, world.target, module.goal(world.args), revision, "00000000-0000-4000-8000-000000000000")


@pytest.mark.parametrize("action", DRIFTING)
def test_what_somebody_changed_since_the_plan_is_left_alone(action: str, stage: Any, calls: Any) -> None:
    with stage(action) as (world, shop):
        asked = calls(*world.call, lambda: None)
        assert world.drift
        world.drift()
        before, count = state(world), len(asked)
        with pytest.raises(Refused, match="has changed since the plan was drawn"):
            shop.act()
        assert (state(world), len(asked)) == (before, count)


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [("AccessDeniedException", 403, Denied), ("ThrottlingException", 400, Transient), ("Oops", 500, Transient)],
)
@pytest.mark.parametrize("action", sorted(WORLDS))
def test_it_says_what_was_denied_and_what_may_be_tried_again(
    action: str, stage: Any, calls: Any, code: str, status: int, error: type[Exception]
) -> None:
    with stage(action) as (world, shop):

        def refuse() -> None:
            raise refusal(code, status)

        before = state(world)
        calls(*world.call, refuse)
        with pytest.raises(error):
            shop.act()
        assert state(world) == before


@pytest.mark.parametrize("action", sorted(WORLDS))
def test_a_target_that_vanishes_under_its_hand_is_gone(action: str, stage: Any, calls: Any) -> None:
    with stage(action) as (world, shop):

        def vanish() -> None:
            raise refusal("ResourceNotFoundException")

        calls(*world.call, vanish)
        with pytest.raises(Gone):
            shop.act()


@pytest.mark.parametrize("action", sorted(WORLDS))
def test_half_done_is_finished_without_doing_it_twice(action: str, stage: Any, calls: Any) -> None:
    """The function dies after its intent, before the call: the next attempt sends it, once it can do no harm."""
    with stage(action) as (world, shop):
        before, deaths = state(world), iter([crash])

        def die_once() -> None:
            next(deaths, nothing)()

        calls(*world.call, die_once)
        with pytest.raises(Crash):
            shop.act()
        shop.clock.tick(seconds=60)
        assert shop.act()["status"] == "DONE"
        assert mended(world, before)


@pytest.mark.parametrize("action", UNDOABLE)
def test_what_it_did_is_undone(action: str, stage: Any) -> None:
    with stage(action) as (world, shop):
        before = state(world)
        assert shop.act()["status"] == "DONE"
        assert shop.act(direction="revert")["status"] == "DONE"
        assert state(world) == before


@pytest.mark.parametrize("action", sorted(name for name in WORLDS if name not in UNDOABLE))
def test_what_restores_or_is_for_good_is_never_planned_to_be_undone(action: str, stage: Any) -> None:
    with stage(action) as (_, shop):
        assert [step.revertible for step in shop.plan_steps()] == [False]


@pytest.mark.parametrize("action", sorted(name for name in WORLDS if name in {"roll-service-back", "start-logging"}))
def test_its_probe_tells_better_from_before(action: str, stage: Any) -> None:
    with stage(action) as (world, shop):
        assert world.probe
        look = import_module(f"verify.probes.{world.probe[0].replace('-', '_')}").look
        now = {"since": AT, "now": AT + timedelta(minutes=1)}
        assert look(estate.client, world.probe[1], **now).judged is Judged.WORSE
        shop.act()
        world.recover()
        assert look(estate.client, world.probe[1], **now).judged is Judged.BETTER
