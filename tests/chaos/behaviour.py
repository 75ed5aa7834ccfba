"""What a handler does next, given all it was told so far: found out once by running it, then remembered.

A handler is a function of its input and of what AWS answers, clock included. So an invocation that stands still at a
call needs no thread: it is a place in a tree of answers, and the real handler runs only where no schedule has been
before. Running it again to get to a new place checks that it asks the same as it did: what is not deterministic shows.
"""

import json
import sys
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from tests.chaos.branches import Failure, Result
from tests.chaos.errors import Exceptions

_READS = ("get_", "batch_get", "describe_", "list_", "query", "scan", "head_", "sleep")


class Call:
    """One AWS call, the same object whenever the same is asked."""

    __slots__ = ("mutating", "operation", "said", "service", "writes")

    def __init__(self, service: str, operation: str, said: dict[str, Any], *, mutating: bool) -> None:
        self.service, self.operation, self.said, self.mutating = service, operation, said, mutating
        self.writes = not operation.startswith(
            ("get_", "batch_get", "describe_", "list_", "query", "scan", "head_", "sleep")
        )

    def __str__(self) -> str:
        return f"{self.service}.{self.operation}"


class Answer(NamedTuple):
    """What AWS said and when; `key` tells answers apart."""

    at: int
    key: Hashable
    value: Any = None
    error: Exception | None = None


class Moment:
    """Where a handler stands: at its next call, or at its end."""

    __slots__ = ("answer", "before", "call", "ended", "next")

    def __init__(self, before: "Moment | None", answer: Answer | None) -> None:
        self.before, self.answer = before, answer
        self.call: Call | None = None
        self.ended: Result | Failure | None = None
        self.next: dict[Hashable, Moment] = {}


class Paused(BaseException):
    """Leaves a handler at a call that nobody has answered yet; no `except` of its own stops it."""


class Wandered(AssertionError):
    """A handler did something else although it was told the same."""


@dataclass
class Session:
    """One run of a real handler: what it is told from memory, and the call at which it stands in the end."""

    told: list[Answer]
    at: int
    asked: list[Call]
    calls: dict[str, Call]

    def clock(self) -> int:
        return self.at

    def sleep(self, seconds: float) -> None:
        """Wait; a schedule lets others go on meanwhile."""
        self.ask("clock", "sleep", {"seconds": int(seconds)}, mutating=False)

    def ask(self, service: str, operation: str, said: dict[str, Any], *, mutating: bool) -> Any:
        """A call: answered from memory, or the end of this run."""
        call = Call(service, operation, settled(said), mutating=mutating)
        identity = json.dumps([str(call), mutating, call.said], sort_keys=True, default=repr)
        self.asked.append(self.calls.setdefault(identity, call))
        if len(self.asked) > len(self.told):
            raise Paused
        answer = self.told[len(self.asked) - 1]
        self.at = answer.at
        if answer.error:
            raise answer.error.with_traceback(None)
        return answer.value


def settled(value: Any) -> Any:
    """The same with its sets in order, since a set has another order in every process; and each text kept once."""
    if isinstance(value, dict):
        return {key: sorted(inner) if key in ("SS", "NS") else settled(inner) for key, inner in value.items()}
    if isinstance(value, str):
        return sys.intern(value)
    return [settled(inner) for inner in value] if isinstance(value, list | tuple) else value


class Client:
    """An AWS client that asks the session whatever it is asked."""

    exceptions = Exceptions()

    def __init__(self, session: Session, service: str, *, mutating: bool) -> None:
        self._session, self._service, self._mutating = session, service, mutating

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return lambda **said: self._session.ask(self._service, operation, said, mutating=self._mutating)

    def get_paginator(self, operation: str) -> "Pages":
        """Page after page of an operation."""
        return Pages(self, operation)


class Pages(NamedTuple):
    """`get_paginator`'s answer."""

    client: Client
    operation: str

    def paginate(self, **said: Any) -> Iterator[dict[str, Any]]:
        """The pages, each a call."""
        more: dict[str, Any] = {}
        while True:
            page = getattr(self.client, self.operation)(**said, **more)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


class Run(Protocol):
    """Runs one function on a session, and gives what it returns."""

    def __call__(self, payload: Any, session: Session) -> Any: ...


class Behaviours:
    """Everything found out so far about the functions of one scenario. `ran` counts the runs of real handlers."""

    def __init__(self, functions: Mapping[str, Run]) -> None:
        self._functions = functions
        self._roots: dict[tuple[str, str, int], Moment] = {}
        self._calls: dict[str, Call] = {}
        self.ran = 0

    def begin(self, function: str, payload: str, at: int) -> Moment:
        """An invocation at its first call."""
        key = (function, payload, at)
        if key not in self._roots:
            self._roots[key] = self._explored(Moment(None, None), function, payload, at)
        return self._roots[key]

    def tell(self, moment: Moment, answer: Answer, function: str, payload: str, began: int) -> Moment:
        """Where the invocation stands once it has this answer to the call at which it stood."""
        key = (answer.at, answer.key)
        found = moment.next.get(key)
        if found is None:
            found = moment.next[key] = self._explored(Moment(moment, answer), function, payload, began)
        return found

    def asked(self) -> Iterator[tuple[str, Call]]:
        """Every call that any function was seen to stand at, each once, with the function's name."""
        for function, moments in groupby(sorted(self._roots), key=itemgetter(0)):
            waiting, seen = [self._roots[key] for key in moments], set[int]()
            while waiting:
                moment = waiting.pop()
                waiting += moment.next.values()
                if moment.call and id(moment.call) not in seen:
                    seen.add(id(moment.call))
                    yield function, moment.call

    def _explored(self, moment: Moment, function: str, payload: str, began: int) -> Moment:
        path: list[Moment] = []
        step: Moment | None = moment
        while step and step.answer:
            path.insert(0, step)
            step = step.before
        session = Session([at.answer for at in path if at.answer], began, [], self._calls)
        self.ran += 1
        try:
            moment.ended = Result(json.loads(json.dumps(self._functions[function](json.loads(payload), session))))
        except Paused:
            moment.call = session.asked[-1]
        except Exception as exc:  # noqa: BLE001 - Lambda answers every exception with its class's name
            cause = {"errorMessage": str(exc), "errorType": type(exc).__name__}
            moment.ended = Failure(type(exc).__name__, json.dumps(cause))
        for at, call in zip(path, session.asked, strict=False):
            if at.before is None or at.before.call is not call:
                raise Wandered(f"{function} asked {call} where it had asked {at.before and at.before.call}")
        return moment
