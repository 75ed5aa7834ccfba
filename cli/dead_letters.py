"""What could not be handled: which queues keep it, what each message says, and how it is sent on its way again."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from cli.account import Account
from cli.errors import Declined, Unavailable
from cli.letters import Letter, asked, letter
from edsr.ports import Client
from infra.parts.names import BUS, FINDINGS, QUARANTINE, REDRIVE

HIDDEN_SECONDS = 60
"""So long nobody else sees a message that is being sent on its way."""

UNSUPPORTED = {"InvalidAction", "InvalidParameterValue", "NotImplemented", "UnknownOperationException"}
"""How an engine says that it has no message move tasks."""


class Redriven(NamedTuple):
    """How many were sent on their way, and how: `moved` by SQS itself, which goes on doing it; `sent`, or `dropped`
    since what came after has made it good."""

    queue: str
    how: str
    messages: int


@dataclass(frozen=True)
class Queue:
    """One queue that keeps what could not be handled."""

    name: str
    url: str
    depth: int

    @property
    def remedy(self) -> str:
        """What redriving does."""
        return _kind(self.name).remedy


class Kind(NamedTuple):
    """What redriving one kind of queue does, and how; nothing is done where `send` is None."""

    remedy: str
    send: Callable[["Hand", dict[str, Any]], None] | None
    how: str = "sent"


@dataclass(frozen=True)
class Hand:
    """Who redrives: the account's clients, or those of the role that may send findings."""

    client: Callable[[str], Client]
    queue: str

    def findings(self, message: dict[str, Any]) -> None:
        """Back to the queue of findings."""
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=FINDINGS)["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=message["Body"])

    def detector(self, message: dict[str, Any]) -> None:
        """To the detector again, with the event's own times: what is old by now is only observed."""
        said = json.dumps(asked(message)).encode()
        function = self.queue.removesuffix("-dlq")
        self.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=said)

    def bus(self, message: dict[str, Any]) -> None:
        """On the suite's bus again; who hears it twice knows it by incident and number."""
        event = json.loads(message["Body"])
        entry = {"EventBusName": BUS, "Source": event["source"], "DetailType": event["detail-type"]}
        answer = self.client("events").put_events(Entries=[{**entry, "Detail": json.dumps(event["detail"])}])
        if answer["FailedEntryCount"]:
            raise Unavailable(f"the bus refused it: {answer['Entries'][0].get('ErrorMessage')}")

    def drop(self, message: dict[str, Any]) -> None:
        """Nothing has to be sent."""


def _kind(name: str) -> Kind:
    if name == f"{FINDINGS}-dlq":
        return Kind("back to decide", Hand.findings)
    if name.startswith("edsr-detect-"):
        return Kind("to its detector again", Hand.detector)
    if name == f"{BUS}-bus-dlq":
        return Kind("announced again", Hand.bus)
    if name in ("edsr-sweep-dlq", "edsr-poll-dlq", "edsr-heartbeat-dlq", "edsr-anchor-dlq", "edsr-compare-dlq"):
        return Kind("dropped: the next one has made it good", Hand.drop, "dropped")
    if name == QUARANTINE:
        return Kind("nothing: no retry can mend it", None)
    return Kind("nothing: `edsr audit verify` says what is not exported", None)


def queues(account: Account) -> list[Queue]:
    """Every queue in which something may lie that could not be handled, the fullest first."""
    sqs = account.client("sqs")
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix="edsr-")
    urls = [url for page in pages for url in page.get("QueueUrls", ())]
    named = {url.rsplit("/", 1)[1]: url for url in urls}
    kept = {name: url for name, url in named.items() if name.endswith("-dlq") or name == QUARANTINE}
    found = [Queue(name, url, _depth(sqs, url)) for name, url in kept.items()]
    return sorted(found, key=lambda queue: (-queue.depth, queue.name))


def one(account: Account, name: str) -> Queue:
    """The queue of that name, with or without `edsr-` and `-dlq`; Unavailable says which there are."""
    known = {queue.name: queue for queue in queues(account)}
    for said in (name, f"edsr-{name}", f"{name}-dlq", f"edsr-{name}-dlq"):
        if said in known:
            return known[said]
    raise Unavailable(f"there is no queue {name!r}; there are {', '.join(sorted(known))}")


def letters(account: Account, queue: Queue, most: int) -> list[Letter]:
    """Some of what lies in a queue; it stays there, and is hidden from nobody for longer than the look takes."""
    return [letter(message) for message in _received(account.client("sqs"), queue.url, most, hidden=1)]


def redrive(account: Account, queue: Queue, most: int) -> Redriven:
    """Send what lies in a queue on its way again; Declined where that would help nothing.

    What fails halfway stays in the queue. What was sent and not removed is sent twice: it has the same identity.
    """
    kind = _kind(queue.name)
    if kind.send is None:
        raise Declined(f"{queue.name} is not redriven: {kind.remedy.removeprefix('nothing: ')}")
    hand = Hand(acting(account), queue.name)
    sqs = hand.client("sqs")
    if kind.send is Hand.findings and (moved := _moved(sqs, queue)):
        return moved
    count = 0
    for message in _received(sqs, queue.url, most, hidden=HIDDEN_SECONDS):
        kind.send(hand, message)
        sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
        count += 1
    return Redriven(queue.name, kind.how, count)


def acting(account: Account) -> Callable[[str], Client]:
    """The clients that may redrive: on AWS those of the role that the queue of findings takes messages from, too."""
    if account.is_sandbox:
        return account.client
    import boto3

    sts = account.client("sts")
    _, partition, *_, number, _ = str(sts.get_caller_identity()["Arn"]).split(":", 5)
    role = f"arn:{partition}:iam::{number}:role/edsr/{REDRIVE}"
    made: dict[str, str] = sts.assume_role(RoleArn=role, RoleSessionName="edsr-dlq")["Credentials"]
    session = boto3.Session(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"], sts.meta.region_name)
    client: Callable[[str], Client] = session.client
    return client


def _moved(sqs: Client, queue: Queue) -> Redriven | None:
    """SQS moves it all back itself; None where it cannot, as in the sandbox."""
    arn = sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    try:
        sqs.start_message_move_task(SourceArn=arn)
    except ClientError as exc:
        if exc.response["Error"]["Code"] in UNSUPPORTED:
            return None
        raise
    return Redriven(queue.name, "moved", queue.depth)


def _received(sqs: Client, url: str, most: int, *, hidden: int) -> Iterator[dict[str, Any]]:
    """Up to so many messages, each once: one that comes back meanwhile ends it."""
    seen: set[str] = set()
    while len(seen) < most:
        got = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(10, most - len(seen)),
            VisibilityTimeout=hidden,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        fresh = [message for message in got if message["MessageId"] not in seen]
        if not fresh:
            return
        seen |= {message["MessageId"] for message in fresh}
        yield from fresh


def _depth(sqs: Client, url: str) -> int:
    name = "ApproximateNumberOfMessages"
    return int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])
