"""sweep's function: each minute it looks after open incidents that nobody moves on."""

from edsr.aws.executions import start, status
from edsr.aws.store import DynamoStore
from edsr.declare import Function, Permission
from edsr.errors import EdsrError
from edsr.model import OPEN, State
from edsr.ports import Cancelled, Store
from edsr.protocol import keys
from edsr.protocol.ending import Ending, end
from edsr.protocol.incident import Incident, look_again
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Sweep
from edsr.times import epoch

NEEDED_SECONDS = 10
"""A sweep that has less of its time left stops; the next one, in a minute, goes on."""


def run(_event: Event, runtime: Runtime[Sweep]) -> dict[str, int]:
    """Look at every open incident that is due; one that fails does not keep the others waiting."""
    store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
    done = {"adopted": 0, "ended": 0, "running": 0, "failed": 0}
    for shard in keys.OPEN_INDEX:
        for incident_id in store.due(shard, epoch(runtime.clock())):
            if runtime.remaining() < NEEDED_SECONDS:
                return done
            try:
                done[_look(incident_id, store, runtime)] += 1
            except EdsrError as exc:
                runtime.log.warning("not swept", extra={"incident_id": incident_id, "reason": str(exc)})
                done["failed"] += 1
    runtime.count("Sweeps")
    if done["failed"]:
        runtime.count("SweepFailed", done["failed"])
    return done


def _look(incident_id: str, store: Store, runtime: Runtime[Sweep]) -> str:
    """Start what never began, end what died, leave alone what runs. Everything here may be done twice."""
    key = keys.incident(incident_id)
    found = store.read([key])
    if key not in found or (incident := Incident.of(found[key])).state not in OPEN:
        return "ended"
    states, machine = runtime.clients("stepfunctions"), runtime.settings.machine
    standing = status(states, machine, incident_id)
    if standing is None and incident.state is State.DECIDED:
        start(states, machine, incident_id)
        _later(incident, store, runtime)
        return "adopted"
    if standing == "RUNNING":
        _later(incident, store, runtime)
        return "running"
    reason = f"its execution is {standing or 'gone'} and left it {incident.state}; what was done is held"
    end(store, incident_id, lambda _: Ending(State.ESCALATED, reason, []), actor="sweep", clock=runtime.clock)
    runtime.log.warning("ended", extra={"incident_id": incident_id, "reason": reason})
    return "ended"


def _later(incident: Incident, store: Store, runtime: Runtime[Sweep]) -> None:
    try:
        store.commit([look_again(incident, runtime.clock())])
    except Cancelled:
        return  # it ended meanwhile


handler = Handler(
    run,
    Function(
        settings=Sweep,
        permissions=(
            Permission(actions=("dynamodb:BatchGetItem", "dynamodb:UpdateItem"), on="state-table"),
            Permission(actions=("dynamodb:Query",), on="state-index"),
            Permission(actions=("dynamodb:PutItem",), on="audit-table"),
            Permission(actions=("states:StartExecution",), on="remediate-machine"),
            Permission(actions=("states:DescribeExecution",), on="remediate-executions"),
        ),
        timeout=50,
    ),
)
