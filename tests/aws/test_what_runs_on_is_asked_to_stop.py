"""What a step began goes on by itself: once the kill switch is engaged for its incident, the sweep asks it to stop."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

import sweep.handler
from edsr.errors import Refused
from edsr.policy import Library
from edsr.protocol import keys
from edsr.serve import Runtime
from edsr.times import epoch
from tests import estate
from tests.aws.conftest import Workshop, a_result
from tests.aws.hands import made
from tests.aws.services import Crash, refusal
from tests.aws.test_every_hand_keeps_its_contract import planned, state
from tests.aws.test_the_sweep_leaves_nothing_behind import SETTINGS
from tests.aws.world import World

RUNS_ON = ("run-automation", "run-state-machine")


@pytest.fixture(params=RUNS_ON)
def begun(request: Any, aws: None, library: Library) -> Iterator[tuple[World, Workshop]]:  # noqa: ARG001 - moto first
    """An action's world with an incident that is about to take it."""
    estate.make_tables()
    with made(request.param) as world:
        yield world, planned(library, world)


def swept(shop: Workshop, **later: float) -> dict[str, int]:
    done = sweep_once(shop, **later)
    assert done["failed"] == 0
    return done


def sweep_once(shop: Workshop, **later: float) -> dict[str, int]:
    shop.clock.tick(**(later or {"seconds": 50}))
    runtime = Runtime(SETTINGS, estate.client, shop.clock, lambda: shop.library)
    done: dict[str, int] = sweep.handler.handler.handle({}, runtime)
    return done


def watched(shop: Workshop) -> list[str]:
    """The incidents with what may still run."""
    return shop.store.due(keys.BEGUN, 1 << 33)


@pytest.mark.parametrize("undo", [False, True])
def test_it_is_asked_whether_or_not_undoing_is_let_and_the_audit_says_so_first(
    begun: tuple[World, Workshop], undo: bool
) -> None:
    world, shop = begun
    shop.act()
    shop.engage("all", undo=undo)
    assert swept(shop)["stopping"] == 1
    assert state(world) == {"running": []}
    (record,) = shop.controls()
    said = {name: record.body[name] for name in ("switch", "scope", "by", "reason", "incident", "target")}
    assert said == {
        "switch": "stop-asked",
        "scope": "all",
        "by": "sweep",
        "reason": "all is engaged: test",
        "incident": shop.incident_id,
        "target": world.target,
    }
    assert len(record.body["executions"]) == 1


def test_a_stop_of_the_service_that_it_belongs_to_covers_it_whatever_was_found(begun: tuple[World, Workshop]) -> None:
    _, shop = begun
    shop.act()
    assert (shop.incident.brief.service, [step.service for step in shop.plan_steps()]) == ("checkout", ["warehouse"])
    shop.engage("service:warehouse")
    assert swept(shop)["stopping"] == 1


def test_once_it_is_over_nobody_looks_any_more(begun: tuple[World, Workshop]) -> None:
    _, shop = begun
    shop.act()
    assert watched(shop) == [shop.incident_id]
    shop.engage("policy:lambda-canary-rollback")
    assert [swept(shop).get("stopping", 0) for _ in range(3)] == [1, 0, 0]
    assert watched(shop) == []
    assert len(shop.controls()) == 1


@pytest.mark.parametrize("scope", ["", "service:basket", "account:999999999999"])
def test_what_no_stop_covers_runs_on(begun: tuple[World, Workshop], scope: str) -> None:
    world, shop = begun
    shop.act()
    if scope:
        shop.engage(scope)
    assert "stopping" not in swept(shop)
    assert len(state(world)["running"]) == 1
    assert watched(shop) == [shop.incident_id]


def test_a_stop_whose_time_is_over_covers_nothing(begun: tuple[World, Workshop]) -> None:
    world, shop = begun
    shop.act()
    for number in range(keys.SWITCHES):
        over = {"by": "me", "reason": "test", "undo": False, "end": epoch(shop.clock())}
        shop.put(keys.switch(number), engaged={"service:checkout": over})
    done = swept(shop)
    assert (done["released"], done.get("stopping")) == (1, None)
    assert len(state(world)["running"]) == 1


def test_a_switch_that_cannot_be_read_keeps_no_incident_waiting(begun: tuple[World, Workshop]) -> None:
    world, shop = begun
    shop.act()
    events, name = estate.client("dynamodb").meta.events, "provide-client-params.dynamodb.BatchGetItem"

    def denied(params: dict[str, Any], **_: Any) -> None:
        if "KIL#" in json.dumps(params):
            raise refusal("AccessDeniedException")

    events.register_first(name, denied)
    done = sweep_once(shop, minutes=3)
    events.unregister(name, denied)
    assert (done["failed"], done["ended"]) == (1, 1), "the switch is told of, and the execution that is gone is, too"
    assert len(state(world)["running"]) == 1


def test_it_is_asked_although_its_incident_has_ended(begun: tuple[World, Workshop]) -> None:
    world, shop = begun
    shop.act()
    shop.end("ESCALATED", [a_result(judged="unknown")])
    shop.engage()
    assert swept(shop)["stopping"] == 1
    assert state(world) == {"running": []}


def test_one_that_begins_late_is_stopped_once_it_is_seen(begun: tuple[World, Workshop]) -> None:
    """The switch is engaged between the intent and the effect of its call, which comes after the sweep has looked."""
    world, shop = begun
    service, operation = world.call
    late: list[Any] = []

    def hold(params: dict[str, Any], **_: Any) -> None:
        late.append(params)
        raise Crash

    events, name = estate.client(service).meta.events, f"provide-client-params.*.{operation}"
    events.register_first(name, hold)
    with pytest.raises(Crash):
        shop.act()
    events.unregister(name, hold)
    shop.engage()
    assert "stopping" not in swept(shop, seconds=10)
    call = {"ssm": "start_automation_execution", "stepfunctions": "start_execution"}[service]
    getattr(estate.client(service), call)(**late[0])
    assert swept(shop, seconds=10)["stopping"] == 1
    assert state(world) == {"running": []}


def test_a_retry_after_the_stop_begins_nothing(begun: tuple[World, Workshop]) -> None:
    world, shop = begun
    service, operation = world.call
    events, name = estate.client(service).meta.events, f"provide-client-params.*.{operation}"

    def die(**_: Any) -> None:
        raise Crash

    events.register_first(name, die)
    with pytest.raises(Crash):
        shop.act()
    events.unregister(name, die)
    shop.engage("all", undo=True)
    shop.clock.tick(minutes=1)
    with pytest.raises(Refused, match="the kill switch is engaged"):
        shop.act()
    assert state(world) == {"running": []}
    swept(shop)
    swept(shop)
    assert watched(shop) == []


def test_its_own_undo_is_let_where_undoing_is_and_else_the_sweep_stops_it(begun: tuple[World, Workshop]) -> None:
    world, shop = begun
    shop.act()
    shop.engage()
    with pytest.raises(Refused, match="the kill switch is engaged"):
        shop.act(direction="revert")
    assert len(state(world)["running"]) == 1
    shop.engage("all", undo=True)
    assert shop.act(direction="revert")["status"] == "DONE"
    assert state(world) == {"running": []}
    assert "stopping" not in swept(shop)


def test_two_sweeps_at_once_say_it_once(begun: tuple[World, Workshop]) -> None:
    world, shop = begun
    shop.act()
    shop.engage()
    service = world.call[0]
    stop = {"ssm": "StopAutomationExecution", "stepfunctions": "StopExecution"}[service]
    events, name = estate.client(service).meta.events, f"provide-client-params.*.{stop}"
    beside: list[dict[str, int]] = []

    def another(**_: Any) -> None:
        if not beside:
            beside.append({})
            beside.append(swept(shop, seconds=1))

    events.register_first(name, another)
    assert swept(shop)["stopping"] == 1
    events.unregister(name, another)
    assert beside[1]["stopping"] == 1
    assert len(shop.controls()) == 1
    assert state(world) == {"running": []}
