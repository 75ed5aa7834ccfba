"""The sweep of what the bus may have dropped: what stands, and what is over that an incident waits for, is shown to the
detector, as the bus would have shown it."""

import json
from collections.abc import Iterator
from importlib import import_module
from itertools import chain
from typing import Any

from edsr.aws.faults import named
from edsr.aws.store import DynamoStore
from edsr.declare import Function, Permission, Poll
from edsr.errors import EdsrError, Malformed, Off, Transient
from edsr.pattern import Index
from edsr.policy import Policy
from edsr.ports import Cancelled, Store
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Tables
from edsr.times import epoch, parse
from sweep.ask import Ask, Spent
from sweep.ended import ended
from sweep.handed import NO_FINDING, Handed, Memory, Rule, Seen

NEEDED_SECONDS = 10
"""A sweep that has less of its time left hands nothing more on; the next one does."""


def run(event: Event, runtime: Runtime[Tables]) -> dict[str, int]:
    """`{"v": 1, "poll": ID}`: ask what stands, and hand on what no finding was taken up of."""
    poll = import_module(f"sweep.polls.{str(event['poll']).replace('-', '_')}")
    said: Poll = poll.POLL
    done = {"standing": 0, "handed": 0, "failed": 0}
    patterns = {rule: each for policy in runtime.library().policies() for rule, each in asked(policy, said)}
    if patterns:
        store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
        memory = Memory.read(store, said, runtime.clock())
        ask = Ask(runtime.clients, memory.bucket, runtime.clock(), runtime.library().catalogued)
        policies = {rule.policy for rule in patterns if rule.step is None}
        looks = chain(_standing(poll, patterns, ask), ended(poll, policies, store, ask, runtime))
        standing, whole = _seen(looks, said, runtime)
        done["standing"] = len(standing)
        memory.settle(store, standing)
        _hand(standing, said, memory, runtime, done)
        if whole:
            memory.forget(standing)
        _keep(memory, store, runtime)
    runtime.count("Polls")
    if done["failed"]:
        runtime.count("PollFailed", done["failed"])
    return done


def asked(policy: Policy, poll: Poll) -> Iterator[tuple[Rule, dict[str, Any]]]:
    """The policy's patterns that an event of the poll could fit: what nobody waits for is not asked for."""
    steps = [(Rule(policy.id, number), step) for number, step in enumerate(policy.detect.steps)]
    for rule, detect in [(Rule(policy.id), policy.detect), *steps]:
        kinds = {"detail-type": detect.pattern.get("detail-type", [{"exists": True}])}
        index = Index({policy.id: kinds})
        if detect.source == poll.source and any(index.match({"detail-type": kind}) for kind in poll.detail_types):
            yield rule, detect.pattern


def _standing(poll: Any, patterns: dict[Rule, dict[str, Any]], ask: Ask) -> Iterator[Seen]:
    """What stands, for each policy that it fits."""
    rules = {str(number): rule for number, rule in enumerate(patterns)}
    index = Index(dict(zip(rules, patterns.values(), strict=True)))
    for event in poll.standing(ask):
        since = epoch(parse(event["time"]))
        yield from (Seen(rules[name], event, since) for name in sorted(index.match(event)))


def _seen(looks: Iterator[Seen], poll: Poll, runtime: Runtime[Tables]) -> tuple[list[Seen], bool]:
    """What was seen, and whether that is all of it."""
    found: list[Seen] = []
    try:
        found.extend(looks)
    except Spent as exc:
        runtime.log.warning("not all was asked", extra={"poll": poll.id, "reason": str(exc)})
        runtime.count("PollSpent", poll=poll.id)
        return found, False
    except Off as exc:
        runtime.log.info("nothing to ask", extra={"poll": poll.id, "reason": str(exc)})
        runtime.count("PollOff", poll=poll.id)
    return found, True


def _hand(standing: list[Seen], poll: Poll, memory: Memory, runtime: Runtime[Tables], done: dict[str, int]) -> None:
    now = runtime.clock()
    for seen in memory.due(standing, now):
        if runtime.remaining() < NEEDED_SECONDS or not memory.bucket.take():
            runtime.count("PollSpent", poll=poll.id)
            return
        try:
            memory.known[seen.key] = Handed(epoch(now), _detect(seen, poll, runtime))
            done["handed"] += 1
        except (EdsrError, ValueError) as exc:  # the last: what answered is no detector of this version
            runtime.log.warning("not handed on", extra={"policy": seen.rule.policy, "reason": str(exc)})
            done["failed"] += 1


def _detect(seen: Seen, poll: Poll, runtime: Runtime[Tables]) -> str:
    """Show it to the detector, which sends the finding; gives the finding's id, NO_FINDING when it is none.

    A detector that fails is asked again by the next sweep.
    """
    step = {} if seen.rule.step is None else {"step": seen.rule.step}
    origin = {"origin": "sweep", "standing": poll.level}
    said = {"v": 1, "policy": seen.rule.policy, **step, "event": seen.event, **origin}
    function = f"edsr-detect-{poll.source}"
    with named(f"handing an event to {function}"):
        answer = runtime.clients("lambda").invoke(FunctionName=function, Payload=json.dumps(said).encode())
        read = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise Transient(f"{function}: {read}")
    if not isinstance(read, dict):
        raise Malformed(f"{function} answered {read!r}")
    return str(read.get("finding", NO_FINDING))


def _keep(memory: Memory, store: Store, runtime: Runtime[Tables]) -> None:
    try:
        store.commit([memory.write()])
    except Cancelled:
        runtime.log.info("another sweep was here", extra={"poll": memory.name})


handler = Handler(
    run,
    Function(
        settings=Tables,
        permissions=(
            Permission(actions=("dynamodb:BatchGetItem", "dynamodb:UpdateItem"), on="state-table"),
            Permission(actions=("dynamodb:Query",), on="state-index"),
            Permission(actions=("lambda:InvokeFunction",), on="detectors"),
        ),
        timeout=50,
    ),
)
