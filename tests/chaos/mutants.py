"""The seeded bugs: each has to be caught, or its row says which wall hides it and the next row takes that wall down."""

import json
from typing import Any

import act.actuators.shift_alias as shift
import decide.handler as deciding
import sweep.handler as sweeping
import verify.handler as verifying
from act import step
from act.step import Hands, Work, actuator
from edsr.aws import lambda_alias
from edsr.aws.faults import named
from edsr.model import Judged, Outcome, Status
from edsr.ports import Clients, Write
from edsr.protocol import ending, keys
from edsr.times import epoch
from tests.chaos import scenario, services
from tests.chaos.seeding import ALWAYS, Mutant, conditional, rewriting, swap, unconditional, without
from verify.seen import Seen

_PLAIN = ("one-step", "duplicate", "two-beside")
_KILLED = ("kill", "kill-service")
_PAUSED = (((1, 0),),)


def _named_anew(_right: Any) -> Any:
    def start(finding: Any, runtime: Any) -> None:
        pointer = json.dumps({"inc": finding.incident_id, "v": 1})
        name = f"{finding.incident_id}-{epoch(runtime.clock())}"
        runtime.clients("stepfunctions").start_execution(stateMachineArn="m", name=name, input=pointer)

    return start


def _blind(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    function, alias = lambda_alias.names(target)
    client = clients("lambda", mutating=True)
    with named("shifting", target=True):
        client.update_alias(FunctionName=function, Name=alias, FunctionVersion=reach["version"])


BLIND = swap(shift, "handler", lambda _: actuator(shift.ACTION, Hands(shift.observe, shift.goal, shift.guard, _blind)))


def _no_intent(_right: Any) -> Any:
    def act(work: Work, before: dict[str, Any], revision: str) -> Outcome:
        target = work.attempt.step.target
        work.hands.apply(work.runtime.clients, target, work.goal, revision, work.token)
        return step._said(work, Status.DONE, before)

    return act


def _unlooked(_right: Any) -> Any:
    def retry(work: Work, earlier: dict[str, Any]) -> Outcome:
        return step._act(work, earlier["pre"]["state"], earlier["pre"]["revision"])

    return retry


def _unsaid(right: Any) -> Any:
    """The retry sends the call again without an intent of its own."""

    def retry(work: Work, earlier: dict[str, Any]) -> Outcome:
        seen = work.hands.observe(work.runtime.clients, work.attempt.step.target)
        if seen.revision != earlier["pre"]["revision"]:
            done: Outcome = right(work, earlier)
            return done
        work.hands.apply(work.runtime.clients, work.attempt.step.target, work.goal, seen.revision, work.token)
        return step._recovered(work, Status.RECOVERED, earlier["pre"]["state"])

    return retry


def _not_again(_right: Any) -> Any:
    return lambda *_: None


def _forgets_claim(writes: list[Write]) -> list[Write]:
    head = next(write for write in writes if write.label == "HEAD")
    finding = _claimed.get(head.key.pk.removeprefix("INC#"), "")
    return [*writes, Write("SIG", "Delete", keys.claim(finding), ALWAYS)]


_claimed: dict[str, str] = {}


def _remembering(right: Any) -> Any:
    def admit(found: Any, *args: Any, **kwargs: Any) -> Any:
        _claimed[found.incident_id] = found.id
        return right(found, *args, **kwargs)

    return admit


def _without_before(right: Any) -> Any:
    return lambda *args: (right(*args)[0]._replace(cooling={}), None)


def _rosy(right: Any) -> Any:
    def judge(seen: Seen, *args: Any, **kwargs: Any) -> Seen:
        judged: Seen = right(seen, *args, **kwargs)
        return judged._replace(judged=Judged.BETTER) if judged.judged is Judged.UNKNOWN else judged

    return judge


def _hasty(text: str) -> str:
    """Every task but Act keeps its timeout."""
    definition = json.loads(text)
    definition["States"]["Steps"]["ItemProcessor"]["States"]["Act"]["TimeoutSeconds"] = 20
    return json.dumps(definition)


HEAD = rewriting(step, "intent", unconditional("HEAD"))
RECORD = rewriting(step, "intent", unconditional("REC"))
STEP = rewriting(step, "intent", unconditional("STEP"))
FENCE = rewriting(
    step,
    "intent",
    conditional("LCK", "(attribute_not_exists(#owner) OR #owner = :inc OR #lease_until < :expired)"),
)
NO_SWEEP = swap(services.Sweeper, "due", lambda _: lambda _self: None)

MUTANTS = (
    Mutant(
        "B1", "execution named anew on redelivery", ("duplicate", *_PLAIN), (swap(deciding, "_start", _named_anew),)
    ),
    Mutant(
        "B2",
        "dedupe read, then written",
        ("duplicate",),
        (rewriting(deciding, "admit", unconditional("SIG")),),
        "INC, GRD and REC carry conditions of their own",
    ),
    Mutant(
        "B2+",
        "the same without INC's, GRD's and REC's",
        ("duplicate",),
        (rewriting(deciding, "admit", unconditional("SIG", "INC", "GRD", "REC")),),
    ),
    Mutant(
        "B3",
        "claim removed at close",
        ("duplicate",),
        (swap(deciding, "admit", _remembering), rewriting(ending, "close", _forgets_claim)),
        "decide sees the incident itself, and the subject cools",
    ),
    Mutant(
        "B3+",
        "the same, and decide looks neither at the incident nor at the cooldown",
        ("duplicate",),
        (
            swap(deciding, "admit", _remembering),
            rewriting(ending, "close", _forgets_claim),
            swap(deciding, "gather", _without_before),
            rewriting(deciding, "admit", unconditional("INC", "GRD", "REC")),
        ),
    ),
    Mutant("B4", "no intent", _PLAIN, (swap(step, "_act", _no_intent),)),
    Mutant("B5", "sent again unobserved", _PLAIN, (swap(step, "_retry", _unlooked),), "the revision is compared"),
    Mutant("B5+B14", "the same without the compare-and-set", _PLAIN, (swap(step, "_retry", _unlooked), BLIND)),
    Mutant("B6", "kill switch read only at ADMIT", _KILLED, (rewriting(step, "intent", without("KIL")),)),
    Mutant("B7", "audit record left out of INTENT", _PLAIN, (rewriting(step, "intent", without("REC")),)),
    Mutant("B9", "no sweep, and the message dies", ("start-fails",), (NO_SWEEP,)),
    Mutant("B10", "audit record put unconditionally", ("two-beside", "duplicate"), (RECORD,), "HEAD compares the head"),
    Mutant("B10+", "the same without HEAD's condition", ("two-beside", "duplicate"), (RECORD, HEAD)),
    Mutant(
        "B11",
        "a duplicate in DECIDED does not start again",
        ("one-step", "duplicate"),
        (swap(deciding, "_again", _not_again),),
        "latency only: the sweep starts it",
    ),
    Mutant(
        "B11+B9",
        "the same without a sweep",
        ("one-step", "duplicate"),
        (swap(deciding, "_again", _not_again), NO_SWEEP),
    ),
    Mutant("B12", "fence incremented blindly", ("shared-target", *_PLAIN), (FENCE,), "HEAD and STEP are compared"),
    Mutant("B12+", "the same without HEAD's and STEP's conditions", ("one-step",), (FENCE, HEAD, STEP, RECORD)),
    Mutant("B13", "sent again without an intent of its own", ("one-step", *_KILLED), (swap(step, "_retry", _unsaid),)),
    Mutant("B14", "class B without its compare-and-set", ("drift", "one-step"), (BLIND,)),
    Mutant(
        "B15",
        "Act's task gives up before its function",
        _PLAIN,
        (swap(scenario, "ASL", _hasty),),
        "the revision is compared",
    ),
    Mutant(
        "B15+B14",
        "the same without the compare-and-set, and nothing but one pause",
        ("one-step",),
        (swap(scenario, "ASL", _hasty), BLIND),
        bounds=_PAUSED,
    ),
    Mutant(
        "B14 paused",
        "B14, and nothing but one pause: what B15 is told apart by",
        ("one-step",),
        (BLIND,),
        "the function is killed before its task is tried again",
        bounds=_PAUSED,
    ),
    Mutant(
        "B19",
        "CLOSE frees a lock that is another's",
        ("shared-target",),
        (rewriting(ending, "close", unconditional("LCK")),),
    ),
    Mutant("B20", "unknown counts as better", ("unknown",), (swap(verifying, "judge", _rosy),)),
    Mutant(
        "own: guard",
        "ADMIT takes no guard",
        ("two-policies",),
        (rewriting(deciding, "admit", without("GRD")),),
        "the target's lock is held until the end",
    ),
    Mutant(
        "own: guard+",
        "the same without lock and compare-and-set",
        ("two-policies",),
        (rewriting(deciding, "admit", without("GRD")), rewriting(step, "intent", unconditional("LCK")), BLIND),
    ),
    Mutant("own: free", "CLOSE keeps the guard", ("one-step",), (rewriting(ending, "close", without("GRD")),)),
    Mutant("own: outcome", "OUTCOME under any fence", _PLAIN, (rewriting(step, "outcome", unconditional("STEP")),)),
    Mutant(
        "own: sweep",
        "sweep ends what still runs",
        ("long",),
        (swap(sweeping, "status", lambda _: lambda *_args: "FAILED"),),
    ),
)
"""In the order of RELIABILITY 5.2."""

NOT_YET = {
    "B8": "no action of class A yet: nothing sends a token",
    "B16": "no action of class C yet: nothing waits for a settle point",
    "B17": "no rate items yet",
    "B18": "no approval yet",
}
