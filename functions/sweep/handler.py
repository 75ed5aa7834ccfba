"""sweep's function: each minute it looks after open incidents that nobody moves on, and what did not come in time."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from edsr.aws.executions import start, status
from edsr.aws.readers.ssm_automation import WHY
from edsr.aws.store import DynamoStore
from edsr.aws.tasks import deliver
from edsr.declare import Function, Permission
from edsr.errors import EdsrError
from edsr.model import OPEN, State
from edsr.ports import Cancelled, Store
from edsr.protocol import keys
from edsr.protocol.approval import Answer, Asking, delivered, expire
from edsr.protocol.case import Case
from edsr.protocol.control_chain import Found
from edsr.protocol.controls import SWITCHES, release_over, standing
from edsr.protocol.ending import Ending, end
from edsr.protocol.incident import Incident, look_again
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Sweep
from edsr.times import epoch, iso, parse_epoch
from sweep.absent import looks, waiting
from sweep.stopping import look_after

NEEDED_SECONDS = 10
"""A sweep that has less of its time left stops; the next one, in a minute, goes on."""

HEARTBEAT_LATE_SECONDS = 90
"""One comes each minute: half a minute over is late, and not only slow."""


def run(_event: Event, runtime: Runtime[Sweep]) -> dict[str, int]:
    """Look at every open incident that is due; one that fails does not keep the others waiting."""
    store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
    done = {"adopted": 0, "ended": 0, "running": 0, "failed": 0, "released": 0}
    _count(done, lambda: _heed(store, runtime, done), runtime)
    for shard in keys.OPEN_INDEX:
        for incident_id in store.due(shard, epoch(runtime.clock())):
            if runtime.remaining() < NEEDED_SECONDS:
                return done
            _count(done, partial(_look, incident_id, store, runtime), runtime)
    _count(done, lambda: _missed(store, runtime), runtime)
    _count(done, lambda: _absent(store, runtime, done), runtime)
    runtime.count("Sweeps")
    if done["failed"]:
        runtime.count("SweepFailed", done["failed"])
    return done


def _count(done: dict[str, int], look: Callable[[], str | None], runtime: Runtime[Sweep]) -> None:
    """Do one thing; one that fails is counted and told, and does not keep the others waiting."""
    try:
        what = look()
    except (EdsrError, KeyError, ValueError) as exc:  # the last two: another version wrote it, and this cannot read it
        runtime.log.warning("not swept", extra={"error": type(exc).__name__, "reason": str(exc)})
        what = "failed"
    if what:
        done[what] = done.get(what, 0) + 1


def _look(incident_id: str, store: Store, runtime: Runtime[Sweep]) -> str:
    """Start what never began, answer who waits, end what died, leave alone what runs; each of it may be done twice."""
    case = Case.look(store, incident_id)
    if case is None or case.incident.state not in OPEN:
        return "ended"
    if case.items[keys.HEAD]["next_check_at"] >= epoch(runtime.clock()):
        return "running"  # the index lags: it has moved on
    if case.incident.state is State.HOLDING:
        return _expire(case, store, runtime)
    states, machine = runtime.clients("stepfunctions"), runtime.settings.machine
    execution = status(states, machine, incident_id)
    if execution is None and case.incident.state is State.DECIDED:
        start(states, machine, incident_id)
        return _later(case.incident, store, runtime, "adopted")
    if execution == "RUNNING":
        if case.asking:
            _answer(case, case.asking, store, runtime)
        return _later(case.incident, store, runtime, "running")
    return _end(case, f"its execution is {execution or 'gone'}", store, runtime)


def _expire(case: Case, store: Store, runtime: Runtime[Sweep]) -> str:
    """A temporary measure's time is over: a run of its own ends or renews it, under a name that only this end has."""
    states, machine = runtime.clients("stepfunctions"), runtime.settings.machine
    name = case.incident.run_to_end
    execution = status(states, machine, name)
    if execution is None:
        start(states, machine, case.incident.id, name)
        return _later(case.incident, store, runtime, "adopted")
    if execution == "RUNNING":
        return _later(case.incident, store, runtime, "running")
    return _end(case, f"the run that should end its measures, {name}, is {execution}", store, runtime)


def _answer(case: Case, asking: Asking, store: Store, runtime: Runtime[Sweep]) -> None:
    """No answer in time is a no; an answer that its task was not told is told."""
    try:
        if asking.st is Answer.PENDING and asking.expires_at <= epoch(runtime.clock()):
            store.commit(expire(case.incident, asking, runtime.clock()))
            asking = replace(asking, st=Answer.EXPIRED)
        if asking.st is not Answer.PENDING and not asking.delivered:
            deliver(runtime.clients("stepfunctions"), asking)
            store.commit(delivered(case.incident.id, asking))
    except Cancelled as exc:
        runtime.log.info("answered meanwhile", extra={"incident_id": case.incident.id, "reason": str(exc)})


def _end(case: Case, why: str, store: Store, runtime: Runtime[Sweep]) -> str:
    """End what its execution left open. One that was left holding since it was looked at is not: its execution ended
    well, just before that was looked at."""
    incident = case.incident
    reason = f"{why} and left it {incident.state}; what was done is held"
    ending = Ending(State.ESCALATED, reason, [])

    def judge(now: Case) -> Ending | None:
        return ending if now.incident.holds == incident.holds else None

    if end(store, incident.id, judge, actor="sweep", clock=runtime.clock) in OPEN:
        return "running"
    runtime.log.warning("ended", extra={"incident_id": incident.id, "reason": reason})
    return "ended"


def _later(incident: Incident, store: Store, runtime: Runtime[Sweep], what: str) -> str:
    try:
        store.commit([look_again(incident, runtime.clock())])
    except Cancelled:
        runtime.log.info("moved on meanwhile", extra={"incident_id": incident.id})
    return what


def _heed(store: Store, runtime: Runtime[Sweep], done: dict[str, int]) -> None:
    """Heed the kill switch: scopes whose time is over are released, and what runs on under another is to stop."""
    found = store.read(SWITCHES)
    _count(done, lambda: _release(found, store, runtime), runtime)
    for look in look_after(standing(found, runtime.clock()), store, runtime):
        _count(done, look, runtime)


def _release(found: Found, store: Store, runtime: Runtime[Sweep]) -> str | None:
    """Release the kill switch for scopes whose time is over, each with a record."""
    reason = "its time is over"
    over = release_over(store, found, by="sweep", reason=reason, clock=runtime.clock)
    for scope in over:
        runtime.log.warning("released", extra={"scope": scope, "reason": reason})
    return "released" if over else None


def _missed(store: Store, runtime: Runtime[Sweep]) -> str | None:
    """Say that no heartbeat came for too long. Before the first there is none to miss: that none ever comes is another
    alarm's."""
    last = store.read([keys.HEARTBEAT]).get(keys.HEARTBEAT)
    if last is None or epoch(runtime.clock()) - last["came"] <= HEARTBEAT_LATE_SECONDS:
        return None
    runtime.log.warning("no heartbeat", extra={"last": iso(parse_epoch(last["came"]))})
    runtime.count("HeartbeatMissing")
    return "heartless"


def _absent(store: Store, runtime: Runtime[Sweep], done: dict[str, int]) -> None:
    """Tell what policies wait for and did not come; one that fails does not keep the others waiting."""
    for policy in waiting(runtime.library()):
        for look in looks(policy, store, runtime):
            if runtime.remaining() < NEEDED_SECONDS:
                return
            _count(done, look, runtime)


handler = Handler(
    run,
    Function(
        settings=Sweep,
        permissions=(
            Permission(
                actions=("dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"),
                on="state-table",
            ),
            Permission(actions=("dynamodb:Query",), on="state-index"),
            Permission(actions=("dynamodb:PutItem",), on="audit-table"),
            Permission(actions=("sqs:SendMessage",), on="findings-queue"),
            Permission(
                actions=("states:StartExecution", "states:SendTaskSuccess", "states:SendTaskFailure"),
                on="remediate-machine",
            ),
            Permission(actions=("states:DescribeExecution",), on="remediate-executions"),
            Permission(actions=("states:DescribeExecution", "states:StopExecution"), on="catalogue:states:execution"),
            Permission(actions=("ssm:StopAutomationExecution",), on="catalogue:ssm:automation-execution"),
            Permission(actions=("ssm:DescribeAutomationExecutions",), on="*", reason=WHY),
        ),
        timeout=50,
    ),
)
