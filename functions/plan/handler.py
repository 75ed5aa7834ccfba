"""plan's function: draw and commit an incident's plan, or list what has to be undone."""

from importlib import import_module
from typing import Any

from edsr.aws.store import DynamoStore
from edsr.declare import Function, Permission
from edsr.errors import Refused, Transient
from edsr.model import OPEN, Direction, Plan, Stage, State, Status, Step
from edsr.ports import Cancelled, Clients, Item, Store
from edsr.protocol import keys
from edsr.protocol.incident import Incident
from edsr.protocol.planning import plan
from edsr.protocol.stepping import changed_something
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Tables
from plan.draw import World, draw


def run(event: Event, runtime: Runtime[Tables]) -> dict[str, Any]:
    """`{inc, direction}` gives the plan as the state machine runs it: stages of pointers into the stored plan.

    To apply is to draw and commit the incident's plan; to revert is to list what was done and may be undone.
    """
    store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
    direction = Direction(event["direction"])
    if direction is Direction.REVERT:
        stages = _undo(store, event["inc"])
    else:
        stages = [_view(stage) for stage in _drawn(event["inc"], store, runtime).stages]
    return {"inc": event["inc"], "plan": {"direction": direction, "stages": stages, "count": len(stages), "next": 0}}


def _drawn(incident_id: str, store: Store, runtime: Runtime[Tables]) -> Plan:
    """The committed plan: a retry finds the one that stands, and draws no other."""
    head, stored = keys.incident(incident_id), keys.plan(incident_id)
    found = store.read([head, stored])
    incident = _standing(incident_id, found.get(head))
    if incident.state is not State.DECIDED:
        return Plan.model_validate_json(found[stored]["body"])
    library = runtime.library()
    drawn = draw(incident, World(library.catalogue(), library.managed_by, _observer(runtime.clients)))
    try:
        store.commit(plan(incident, drawn, at=runtime.clock()))
    except Cancelled as exc:
        raise Transient(f"{incident_id} moved on while its plan was drawn: {exc}") from exc
    runtime.log.info(
        "planned", extra={"digest": drawn.digest, "steps": sum(len(stage.steps) for stage in drawn.stages)}
    )
    return drawn


def _standing(incident_id: str, item: Item | None) -> Incident:
    if item is None:
        raise Refused(f"there is no incident {incident_id}")
    incident = Incident.of(item)
    if incident.state not in OPEN:
        raise Refused(f"{incident_id} has ended: {incident.state}")
    return incident


def _observer(clients: Clients) -> Any:
    def observe(kind: str, target: str) -> dict[str, Any]:
        selector = import_module(f"plan.selectors.{kind.replace(':', '_').replace('-', '_')}")
        state: dict[str, Any] = selector.observe(clients, target)
        return state

    return observe


def _undo(store: Store, incident_id: str) -> list[dict[str, Any]]:
    """One stage with what was done and may be undone, last first, one at a time; none when there is nothing."""
    items = {item["sk"]: item for item in store.partition("state", f"INC#{incident_id}")}
    steps = [step for stage in Plan.model_validate_json(items["PLAN"]["body"]).stages for step in stage.steps]
    undoable = [step for step in reversed(steps) if step.revertible and _was_done(items, step)]
    pointers = [_pointer(step, Direction.REVERT) for step in undoable]
    return [{"steps": pointers, "at_once": 1, "tolerate": 0}] if pointers else []


def _was_done(items: dict[str, Item], step: Step) -> bool:
    item = items.get(f"STEP#{step.n}#{Direction.APPLY}", {"st": "NOOP"})
    return item["st"] in Status.__members__ and changed_something(Status(item["st"]))


def _pointer(step: Step, direction: Direction) -> dict[str, Any]:
    return {
        "n": step.n,
        "function": step.function,
        "target": step.target,
        "direction": direction.value,
        "verify": step.verify.model_dump(mode="json"),
    }


def _view(stage: Stage) -> dict[str, Any]:
    steps = [_pointer(step, Direction.APPLY) for step in stage.steps]
    return {"steps": steps, "at_once": stage.max_parallel, "tolerate": stage.tolerate}


handler = Handler(
    run,
    Function(
        settings=Tables,
        permissions=(
            Permission(
                actions=("dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"),
                on="state-table",
            ),
            Permission(actions=("dynamodb:PutItem",), on="audit-table"),
        ),
        sdk=True,
    ),
)
