"""What did not come in time: found by the time at which it was overdue, and told until it is taken up."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from edsr.aws.faults import named
from edsr.model import Finding, Subject
from edsr.policy import Library, Policy
from edsr.ports import Cancelled, Item, Key, Store, Write
from edsr.protocol import keys
from edsr.serve import Runtime
from edsr.settings import Sweep
from edsr.technique.absence import absence_of, awaited, overdue, overdue_at
from edsr.technique.notes import moment
from edsr.times import epoch

AGAIN = timedelta(minutes=2)
"""How long after it was told of something that nobody took up is told again: a brake may have held it back."""

NEVER = epoch(datetime.fromisoformat("9999-01-01T00:00:00+00:00"))
AT_ONCE = 100


def waiting(library: Library) -> list[Policy]:
    """The policies that wait for something."""
    return [policy for policy in library.policies() if policy.detect.absence]


def looks(policy: Policy, store: Store, runtime: Runtime[Sweep]) -> Iterator[Callable[[], str | None]]:
    """What is to be looked at for a policy, each by itself: what is overdue, or was told of and not yet taken up."""
    _register(policy, store, runtime)
    for pk in store.due(keys.absences(policy.id), epoch(runtime.clock()) + 1):
        yield partial(_look, Key("state", pk, keys.SOLE), policy, store, runtime)


def _look(key: Key, policy: Policy, store: Store, runtime: Runtime[Sweep]) -> str | None:
    """Mark it first, and then tell: what dies between is told by the next; what is heard of meanwhile is not told."""
    item, now = store.read([key]).get(key), runtime.clock()
    if item is None:
        return None
    found = overdue(policy, item, now)
    if found is None:
        _put_off(key, item, epoch(overdue_at(absence_of(policy), moment(item["at"]))), store)
        return None
    if "told" in item and store.read([keys.claim(found.id)]):
        _put_off(key, item, NEVER, store)
        return None
    if not _put_off(key, item, epoch(now + AGAIN), store, told=found.id):
        return None
    _send(found.model_copy(update={"subject": runtime.library().enrich(found.subject)}), runtime)
    return "absent"


def _put_off(key: Key, item: Item, until: int, store: Store, told: str = "") -> bool:
    """Look at it later, unless it was heard of meanwhile."""
    marked = ", #told = :told" if told else ""
    values: Item = {":at": item["at"], ":until": until, **({":told": told} if told else {})}
    try:
        store.commit([Write("ABS", "Update", key, "#at = :at", f"SET #next_check_at = :until{marked}", values=values)])
    except Cancelled:
        return False
    return True


def _send(found: Finding, runtime: Runtime[Sweep]) -> None:
    body = json.dumps(found.model_dump(mode="json"))
    with named("sending what is absent"):
        runtime.clients("sqs").send_message(QueueUrl=runtime.settings.findings_queue, MessageBody=body)
    runtime.log.info("absent", extra={"finding": found.id, "title": found.title})
    runtime.count("Findings", source=found.source, policy=found.policy)


def _register(policy: Policy, store: Store, runtime: Runtime[Sweep]) -> None:
    """Expect from now on what the policy expects of every catalogued resource of a kind, where nothing ever came."""
    kind = absence_of(policy).kind
    arns = [arn for arn in runtime.library().catalogued(kind) if arn.startswith("arn:")] if kind else []
    for begin in range(0, len(arns), AT_ONCE):
        asked = {keys.absent(policy.id, arn): arn for arn in arns[begin : begin + AT_ONCE]}
        for key in asked.keys() - store.read(list(asked)).keys():
            _, _, _, region, account, _ = asked[key].split(":", 5)
            subject = Subject(arn=asked[key], kind=kind, account=account or "-", region=region or "-")
            item = awaited(subject, policy, runtime.clock(), heard_of=False)
            try:
                store.commit([Write("ABS", "Put", key, "attribute_not_exists(#pk)", item=item)])
            except Cancelled:
                runtime.log.info("heard of meanwhile", extra={"subject": asked[key]})
