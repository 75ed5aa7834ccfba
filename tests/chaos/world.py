"""The world of one schedule: AWS as the handlers see it, its time, and the ledger of what was done to it."""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from tests.chaos.asks import Table
from tests.chaos.behaviour import Answer, Call
from tests.chaos.dynamo import Dynamo, Memory
from tests.chaos.errors import Exceptions, error
from tests.chaos.estate import Alarms, Deployments, Lambda, Queues

TABLES = {
    "edsr-state": Table("sk", {"GSI1": ("open", "next_check_at")}),
    "edsr-audit": Table("seq"),
}


class Entry(NamedTuple):
    """One write as it reached AWS: when, when it was sent, by whom, and the code of the error it met, if any.

    `changed` says whether the estate is another after it.
    """

    at: int
    sent: int
    by: int
    call: Call
    error: str | None
    changed: bool = False


class World:
    """Services by name, and a clock in whole epoch seconds that only the schedule moves.

    `trouble` are error codes that the next calls of an operation meet, in order, on their way ("" is a free one).
    """

    exceptions = Exceptions()

    def __init__(self, now: int, services: Mapping[str, Any], trouble: Mapping[str, list[str]], memory: Memory) -> None:
        self._memory = memory
        self.now = now
        self.services = dict(services)
        self.trouble = {operation: list(codes) for operation, codes in trouble.items()}
        self.ledger: list[Entry] = []

    @property
    def dynamo(self) -> Dynamo:
        """The tables."""
        found: Dynamo = self.services["dynamodb"]
        return found

    @property
    def aliases(self) -> Lambda:
        """The estate."""
        found: Lambda = self.services["lambda"]
        return found

    def perform(self, call: Call, by: int, sent: int, trouble: str = "") -> Answer:
        """Let a call take effect now, unless trouble meets it."""
        changes = self.aliases.changes
        try:
            if trouble:
                raise error(trouble, "met on the way")
            value = getattr(self.services[call.service], call.operation)(**call.said)
            answer = Answer(self.now, self._spelled(value), value)
        except ClientError as exc:
            said = exc.response
            answer = Answer(self.now, self._spelled(said.get("CancellationReasons", said)), error=exc)
        if call.writes:
            self.ledger.append(Entry(self.now, sent, by, call, _code(answer), self.aliases.changes > changes))
        return answer

    def _spelled(self, value: Any) -> bytes:
        """A hash of an answer; the tables give the same answer again as the same object, which is hashed once."""
        known = self._memory.spelled.get(id(value))
        if known is None or known[0] is not value:
            known = (value, blake2b(repr(value).encode(), digest_size=16).digest())
            if isinstance(value, list) or "Responses" in value:
                self._memory.spelled[id(value)] = known
        return known[1]

    def trouble_of(self, call: Call) -> str:
        """What a call that is sent now will meet."""
        codes = self.trouble.get(str(call))
        return codes.pop(0) if codes else ""


def _code(answer: Answer) -> str | None:
    return str(answer.error.response["Error"]["Code"]) if isinstance(answer.error, ClientError) else None


def services(aliases: Lambda, alarm: Callable[[], str], states: Any, memory: Memory) -> dict[str, Any]:
    """Everything that our functions may call."""
    return {
        "dynamodb": Dynamo(TABLES, memory),
        "lambda": aliases,
        "cloudwatch": Alarms(alarm),
        "codedeploy": Deployments(),
        "sqs": Queues(),
        "stepfunctions": states,
    }
