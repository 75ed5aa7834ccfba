"""plan's function: draw and commit an incident's plan, or list what has to be undone."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from edsr.aws.store import DynamoStore
from edsr.declare import Function, Permission
from edsr.errors import Refused, Transient
from edsr.model import OPEN, Direction, Plan, Stage, State, Status, Step
from edsr.policy import Library
from edsr.ports import Cancelled, Clients, Item, Observed, Store
from edsr.protocol import keys
from edsr.protocol.case import Case
from edsr.protocol.incident import Incident
from edsr.protocol.measures import due
from edsr.protocol.planning import plan
from edsr.protocol.stepping import changed_something
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Tables
from edsr.times import epoch, iso, parse_epoch
from plan.draw import Select, World, draw

EXPIRE = "expire"
"""The direction of a run that ends temporary measures: it undoes, once the probe is better."""


def run(event: Event, runtime: Runtime[Tables]) -> dict[str, Any]:
    """`{inc, direction}` gives the plan as the state machine runs it: stages of pointers into the stored plan.

    To apply is to draw and commit the incident's plan; to revert is to list what was done and may be undone. For an
    incident that holds, it is to list the temporary measures whose time is over, and for one that did harm all that may
    be undone. `asks` says that a person has to
    agree first; `brief` is what later stages need to know of the incident before they read.
    """
    store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
    if event["direction"] == Direction.REVERT:
        case = _case(store, event["inc"])
        return _said(case.incident, Direction.REVERT, _undo(case, [step for step in case.steps if step.revertible]))
    incident, stored = _standing(event["inc"], store)
    if incident.state is State.HOLDING and incident.harm:
        case = _case(store, incident.id)
        return _said(incident, Direction.REVERT, _undo(case, case.undoable))
    if incident.state is State.HOLDING:
        return _said(incident, EXPIRE, _expire(_case(store, incident.id), runtime))
    drawn, asks = _drawn(incident, stored, store, runtime)
    stages = [_view(stage) for stage in drawn.stages]
    return _said(incident, Direction.APPLY, stages, asks=asks)


def _said(incident: Incident, direction: str, stages: list[dict[str, Any]], *, asks: bool = False) -> dict[str, Any]:
    said = {"direction": direction, "stages": stages, "count": len(stages), "next": 0, "asks": asks}
    return {"inc": incident.id, "brief": incident.brief.model_dump(mode="json"), "plan": said}


def _standing(incident_id: str, store: Store) -> tuple[Incident, Item | None]:
    head, stored = keys.incident(incident_id), keys.plan(incident_id)
    found = store.read([head, stored])
    if head not in found:
        raise Refused(f"there is no incident {incident_id}")
    incident = Incident.of(found[head])
    if incident.state not in OPEN:
        raise Refused(f"{incident_id} has ended: {incident.state}")
    return incident, found.get(stored)


def _case(store: Store, incident_id: str) -> Case:
    case = Case.look(store, incident_id)
    if case is None:
        raise Refused(f"there is no incident {incident_id}")
    return case


def _drawn(incident: Incident, stored: Item | None, store: Store, runtime: Runtime[Tables]) -> tuple[Plan, bool]:
    """The committed plan, and whether it has yet to be agreed to.

    A retry finds the plan that stands, and draws no other. One that was agreed to is drawn again: the same passes,
    another is committed, and asked about.
    """
    committed = Plan.model_validate_json(stored["body"]) if stored else None
    if committed and incident.state is not State.APPROVED:
        return committed, incident.asks and incident.state in (State.PLANNED, State.ASKED)
    if incident.deadline <= epoch(runtime.clock()):
        raise Refused(f"{incident.id} is past its deadline")
    library = runtime.library()
    world = World(
        library.catalogue(),
        library.managed_by,
        library.fleet,
        _observer(runtime.clients),
        library.protected,
        _selector(runtime.clients, library),
        library.reversible,
    )
    drawn = draw(incident, world)
    if committed and drawn.digest == committed.digest:
        return committed, False
    try:
        store.commit(plan(incident, drawn, at=runtime.clock()))
    except Cancelled as exc:
        raise Transient(f"{incident.id} moved on while its plan was drawn: {exc}") from exc
    runtime.log.info(
        "planned", extra={"digest": drawn.digest, "steps": sum(len(stage.steps) for stage in drawn.stages)}
    )
    return drawn, incident.asks


def _observer(clients: Clients) -> Any:
    def observe(reader: str, target: str) -> dict[str, Any]:
        found: Observed = import_module(f"edsr.aws.readers.{reader}").observe(clients, target)
        return found.state

    return observe


def _selector(clients: Clients, library: Library) -> Select:
    def select(selector: str, args: dict[str, Any]) -> dict[str, dict[str, Any]]:
        module = import_module(f"plan.selectors.{selector.replace('-', '_')}")
        found: dict[str, dict[str, Any]] = module.select(clients, library, args)
        return found

    return select


def _undo(case: Case, steps: Sequence[Step]) -> list[dict[str, Any]]:
    """One stage with what was done of these steps, last first, one at a time; none when there is nothing."""
    pointers = [_pointer(step, Direction.REVERT) for step in reversed(steps) if _was_done(case, step)]
    return [{"steps": pointers, "at_once": 1, "tolerate": 0}] if pointers else []


def _expire(case: Case, runtime: Runtime[Tables]) -> list[dict[str, Any]]:
    """What is to be undone because its time is over, once a look at its probe has shown that it is not needed."""
    over = {measure.n: measure for measure in due(case.measures, runtime.clock())}
    stages = _undo(case, [step for step in case.steps if step.n in over])
    for pointer in (pointer for stage in stages for pointer in stage["steps"]):
        measure = over[pointer["n"]]
        pointer |= {"first": True, "since": iso(parse_epoch(measure.expires_at - measure.lasts))}
    return stages


def _was_done(case: Case, step: Step) -> bool:
    item = case.items.get(f"STEP#{step.n}#{Direction.APPLY}", {"st": "NOOP"})
    return item["st"] in Status.__members__ and changed_something(Status(item["st"]))


def _pointer(step: Step, direction: Direction) -> dict[str, Any]:
    return {
        "n": step.n,
        "function": step.function,
        "target": step.target,
        "direction": direction.value,
        "verify": step.verify.model_dump(mode="json"),
        "first": False,
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
