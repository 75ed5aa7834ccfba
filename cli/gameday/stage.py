"""Where game days take place: a sandbox of their own, a boundary in front of it, and somebody who reads the pages."""

import json
import os
import re
import signal
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from cli import ROOT
from cli.account import Account
from cli.gameday.boundary import Boundary
from cli.gameday.faults import Faults
from cli.gameday.place import Page
from cli.gameday.stand_ins import StandIns
from cli.sandbox import Sandbox
from cli.sandbox.engine import HOST
from cli.stack import ENVIRONMENT
from edsr.ports import Client, utc_now
from edsr.times import epoch, parse
from infra.parts.names import PAGES

FUNCTION = re.compile(r"ministack-lambda-(edsr-[a-z-]+)-")
"""A worker's folder is named by its function."""

ENGINE = {
    "EDSR_SANDBOX_WORKERS": "3",
    "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "1",
    "LAMBDA_ACCOUNT_CONCURRENCY": "1000",
}
"""Few processes a function, which invocations wait for; as many invocations at once as an account has on AWS."""

HIDDEN_SECONDS = 40
"""How long a finding stays away whose reader was killed: three minutes as deployed; it has to be above decide's 30."""

BRAKES = ("RTE#", "SEM#", "BRK#", "GRD#", "CNF#", "OBS#", "ILL#", "STM#", "CNT#", "SEQ#")
"""What the suite remembers to hold itself back by: emptied between two days, as if they were weeks apart."""

READER = "game-day-pages"
ONE_AT_A_TIME = threading.Lock()
"""The CDK is one process, whatever the lane."""


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Stage:
    """The sandbox, its boundary and its pages, until it is left."""

    watched = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stand_ins = StandIns(self.own)
        self.boundary = Boundary(lambda: self.sandbox.port, Faults(self.kill), self._stand_ins)
        settings = {**ENGINE, "EDSR_SANDBOX_OUTLET": self.boundary.address}
        self.sandbox = Sandbox(_rooted(folder), free_port(), settings, iam=True, keep=True)
        self.account = Account("game day", self.sandbox.client, is_sandbox=True)
        self.pages: list[Page] = []
        self._clients: dict[str, Client] = {}
        self._reader = ""

    def __enter__(self) -> Self:
        self.boundary.__enter__()
        self.sandbox.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.sandbox.down()
        self.boundary.__exit__()

    def client(self, service: str) -> Client:
        """A client of the customer's, who reaches what stands in for an API as functions do."""
        if service not in self._clients:
            self._clients[service] = self.sandbox.client_at(service, self.boundary.address)
        return self._clients[service]

    def own(self, service: str) -> Client:
        """A client that goes past the boundary, so that no fault strikes it."""
        return self.sandbox.client(service)

    def restart(self) -> None:
        """The engine stops with whatever is under way, and starts again on what it kept."""
        self.sandbox.restart()

    def deploy(self, policies: Path, modes: Mapping[str, str], tell: Callable[[str], None]) -> None:
        """The suite with these documents; what is expected to have an end gets one that can be waited for."""
        from infra.app import build
        from infra.bundles import host_layers

        tell("synthesizing the stacks")
        with ONE_AT_A_TIME:
            assembly = build(self.folder / "cdk.out", ENVIRONMENT, policies=policies, given={"modes": dict(modes)})
        self.sandbox.deploy(assembly, host_layers(), tell)
        sqs = self.sandbox.client("sqs")
        url = sqs.get_queue_url(QueueName="edsr-findings")["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(HIDDEN_SECONDS)})
        self._subscribe()

    def kill(self, function: str) -> None:
        """The processes that run a function die, as its sandbox would on AWS."""
        for worker in self.sandbox.workers():
            found = FUNCTION.search(worker.command)
            if found and found[1] == function:
                with suppress(ProcessLookupError):  # it ended by itself a moment ago
                    os.kill(worker.pid, signal.SIGKILL)

    def begin(self) -> datetime:
        """A day begins: the brakes are forgotten, the pages read, nothing is broken; gives the time."""
        self.boundary.faults.lift()
        table = self.sandbox.client("dynamodb")
        for item in self.account.scan("edsr-state", ProjectionExpression="pk, sk"):
            if item["pk"]["S"].startswith(BRAKES):
                table.delete_item(TableName="edsr-state", Key=item)
        self.read_pages()
        self.pages.clear()
        self.boundary.seen.clear()
        self.boundary.faults.met.clear()
        return utc_now()

    def end(self, alarms: Sequence[str]) -> None:
        """A day ends: its alarms are taken away, so that the sweep does not find them on another day."""
        self.boundary.faults.lift()
        if alarms:
            self.own("cloudwatch").delete_alarms(AlarmNames=list(alarms))

    def read_pages(self) -> list[Page]:
        """Everything that a person was told about incidents since the day began."""
        sqs = self.sandbox.client("sqs")
        while found := sqs.receive_message(QueueUrl=self._reader, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                said = json.loads(message["Body"])
                text = str(said["Message"])
                sqs.delete_message(QueueUrl=self._reader, ReceiptHandle=message["ReceiptHandle"])
                if not text.startswith("{"):  # an alarm of the suite on itself, which is no incident
                    self.pages.append(Page(parse(said["Timestamp"]), text.replace('"', "")))
        return self.pages

    def sweep(self) -> dict[str, Any]:
        """Let the sweep look now at all that is open, as if the time that it leaves between two looks were over."""
        table = self.sandbox.client("dynamodb")
        for item in self.account.scan("edsr-state", ProjectionExpression="pk, sk, next_check_at"):
            if "next_check_at" in item:
                table.update_item(
                    TableName="edsr-state",
                    Key={"pk": item["pk"], "sk": item["sk"]},
                    UpdateExpression="SET next_check_at = :now",
                    ExpressionAttributeValues={":now": {"N": str(epoch(utc_now()) - 1)}},
                )
        answer = self.sandbox.client("lambda").invoke(FunctionName="edsr-sweep", Payload=b"{}")
        said: dict[str, Any] = json.loads(answer["Payload"].read())
        return said

    def _subscribe(self) -> None:
        sqs, sns = self.sandbox.client("sqs"), self.sandbox.client("sns")
        self._reader = sqs.create_queue(QueueName=READER)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=self._reader, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topic = next(one["TopicArn"] for one in sns.list_topics()["Topics"] if one["TopicArn"].endswith(f":{PAGES}"))
        let_in = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = {"Statement": [{**let_in, "Resource": arn, "Condition": {"ArnLike": {"aws:SourceArn": topic}}}]}
        sqs.set_queue_attributes(QueueUrl=self._reader, Attributes={"Policy": json.dumps(policy)})
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)


def _rooted(folder: Path) -> Path:
    """An empty home for the sandbox, which borrows the engine's environment of the repository."""
    folder.mkdir(parents=True, exist_ok=True)
    borrowed = folder / ".venv-engine"
    if not borrowed.is_symlink():
        borrowed.symlink_to(ROOT / ".venv-engine")
    return folder
