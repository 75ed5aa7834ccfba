"""The seeded bugs themselves: wrong code in the place of right code."""

import json
from dataclasses import replace
from typing import Any

import act.actuators.shift_alias as shift
from act import again, step
from act.hands import Hands, Work
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import lambda_alias
from edsr.model import Judged, Plan, State, Status
from edsr.ports import Clients, Observed, Write
from edsr.protocol import keys
from edsr.protocol.case import Case
from edsr.protocol.incident import Incident
from edsr.times import epoch
from tests.chaos import services
from tests.chaos.seeding import ALWAYS, conditional, rewriting, swap, unconditional
from verify.seen import Seen


def named_anew(_right: Any) -> Any:
    def start(finding: Any, runtime: Any) -> None:
        pointer = json.dumps({"inc": finding.incident_id, "v": 1})
        name = f"{finding.incident_id}-{epoch(runtime.clock())}"
        runtime.clients("stepfunctions").start_execution(stateMachineArn="m", name=name, input=pointer)

    return start


def blind(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    function, alias = lambda_alias.names(target)
    client = clients("lambda", mutating=True)
    with named("shifting", target=True):
        client.update_alias(FunctionName=function, Name=alias, FunctionVersion=reach["version"])


HANDS = Hands(lambda_alias.observe, shift.goal, shift.guard, blind)
BLIND = swap(shift, "handler", lambda _: actuator(shift.ACTION, HANDS))


def no_intent(_right: Any) -> Any:
    def act(work: Work, seen: Observed) -> Any:
        work.hands.apply(work.runtime.clients, work.target, work.goal, seen.revision, work.token)
        return step.Done(work.said(Status.DONE, seen.state))

    return act


def unlooked(_right: Any) -> Any:
    def again(work: Work) -> Any:
        return step._act(work, Observed(**(work.attempt.earlier or {})["pre"]))

    return again


def unsaid(right: Any) -> Any:
    """The retry sends the call again without an intent of its own."""

    def resent(work: Work) -> Any:
        earlier, seen = work.attempt.earlier or {}, work.observe()
        if seen.revision != earlier["pre"]["revision"]:
            return right(work)
        work.hands.apply(work.runtime.clients, work.target, work.goal, seen.revision, work.token)
        return step.Done(again._settled(work, Status.RECOVERED, earlier))

    return resent


def not_again(_right: Any) -> Any:
    return lambda *_: None


def forgets_claim(writes: list[Write]) -> list[Write]:
    head = next(write for write in writes if write.label == "HEAD")
    finding = _claimed.get(head.key.pk.removeprefix("INC#"), "")
    return [*writes, Write("SIG", "Delete", keys.claim(finding), ALWAYS)]


_claimed: dict[str, str] = {}


def remembering(right: Any) -> Any:
    def admit(found: Any, *args: Any, **kwargs: Any) -> Any:
        _claimed[found.incident_id] = found.id
        return right(found, *args, **kwargs)

    return admit


def without_before(right: Any) -> Any:
    def gathered(*args: Any) -> Any:
        facts, _, ended = right(*args)
        return facts._replace(cooling={}), None, ended

    return gathered


def unbraked(right: Any) -> Any:
    """Decide sees no brake, so that INTENT's own is what holds."""

    def gathered(*args: Any) -> Any:
        facts, before, ended = right(*args)
        return facts._replace(rates=(), holders=frozenset(), breaker={}, denied={}), before, ended

    return gathered


def rosy(right: Any) -> Any:
    def judge(seen: Seen, *args: Any, **kwargs: Any) -> Seen:
        judged: Seen = right(seen, *args, **kwargs)
        return judged._replace(judged=Judged.BETTER) if judged.judged is Judged.UNKNOWN else judged

    return judge


def hasty(text: str) -> str:
    """Every task but Act keeps its timeout."""
    definition = json.loads(text)
    definition["States"]["Steps"]["ItemProcessor"]["States"]["Act"]["TimeoutSeconds"] = 20
    return json.dumps(definition)


def fresh(_right: Any) -> Any:
    """What the SDK does when nobody gives a token."""
    return property(lambda work: f"{work.attempt.number}-{work.runtime.clock()}")


def undrawn(right: Any) -> Any:
    """What was agreed to is run as it was drawn before."""

    def drawn(incident: Incident, stored: Any, *args: Any) -> Any:
        if stored and incident.state is State.APPROVED:
            return Plan.model_validate_json(stored["body"]), False
        return right(incident, stored, *args)

    return drawn


def nothing(_right: Any) -> Any:
    return lambda *_args, **_kwargs: None


def passing(_right: Any) -> Any:
    """Looks at a breaker that nothing ever opens."""
    return lambda brief, *_: Write("BRK", "Check", keys.breaker(brief.policy, "none"), "attribute_not_exists(#pk)")


def unlatched(_right: Any) -> Any:
    return lambda held: Write("DENY", "Check", keys.latch("none", held.brief.account), "attribute_not_exists(#pk)")


def undeterred(right: Any) -> Any:
    """Ends an incident, however it stands now, as it would have been ended when it was looked at."""

    return lambda store, incident_id, judge, **said: right(
        store, incident_id, lambda now: judge(now) or judge(_as_seen(now)), **said
    )


def _as_seen(now: Case) -> Case:
    return replace(now, incident=replace(now.incident, holds=now.incident.holds - 1))


def slotless(_right: Any) -> Any:
    return lambda held: Write(
        "SEM", "Update", keys.slots(held.brief.slots), "", "ADD #holders :one", values={":one": {held.brief.id}}
    )


def unasking(right: Any) -> Any:
    return lambda *args: (right(*args)[0], False)


HEAD = rewriting(step, "intent", unconditional("HEAD"))
RECORD = rewriting(step, "intent", unconditional("REC"))
STEP = rewriting(step, "intent", unconditional("STEP"))
FENCE = rewriting(
    step,
    "intent",
    conditional("LCK", "(attribute_not_exists(#owner) OR #owner = :inc OR #lease_until < :expired)"),
)
NO_SWEEP = swap(services.Sweeper, "due", lambda _: lambda _self: None)
