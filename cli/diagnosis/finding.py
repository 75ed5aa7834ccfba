"""What is asked with, and what comes of it: a row for each thing that is not well, or that nobody could say."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from edsr.pattern import Index
from edsr.policy import Policy
from edsr.ports import Client


class Level(StrEnum):
    """How bad it is."""

    BLOCKED = "cannot fire"
    NEAR = "near its limit"
    UNKNOWN = "could not be asked"


class Row(NamedTuple):
    """What is not well, why, what to do about it, and the policies that it concerns; none where it is all of them."""

    level: Level
    what: str
    why: str
    remedy: str
    policies: tuple[str, ...] = ()


class Unasked(Exception):
    """A service gave no answer; the text says why."""


@dataclass(frozen=True)
class Patient:
    """An account and the policies deployed there; `clients` gives a service's client."""

    clients: Callable[[str], Client]
    policies: Sequence[Policy]
    region: str
    answers: dict[str, Any] = field(default_factory=dict)

    def ask(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """One call, asked once however often. Raises Unasked, or ClientError where the code says something."""
        key = f"{service} {operation} {sorted(params.items())}"
        if key not in self.answers:
            self.answers[key] = getattr(self.clients(service), operation)(**params)
        answer: dict[str, Any] = self.answers[key]
        return answer

    def of(self, *events: dict[str, str]) -> tuple[str, ...]:
        """The policies that any of these events' `source` and `detail-type` could be for."""
        return tuple(policy.id for policy in self.policies if any(reads(policy, event) for event in events))


def reads(policy: Policy, event: dict[str, str]) -> bool:
    """Whether a policy's pattern lets an event of this source, this detail type, or both, through."""
    patterns = [detect.pattern for detect in (policy.detect, *policy.detect.steps)]
    said = [{name: each[name] for name in event if name in each} for each in patterns]
    return any(Index({policy.id: each}).match(event) for each in said if each)


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Whatever an account, an engine or the network does not answer is Unasked."""
    try:
        yield
    except ClientError as exc:
        raise Unasked(f"{what}: {exc.response['Error']['Code']}: {exc.response['Error'].get('Message', '')}") from exc
    except (BotoCoreError, NotImplementedError) as exc:
        raise Unasked(f"{what}: {exc or type(exc).__name__}") from exc


Check = Callable[[Patient], Iterator[Row]]


def examine(patient: Patient, checks: Sequence[Check]) -> list[Row]:
    """Every row of every check; a check that cannot ask says so, and what it has found until then stands."""
    found: list[Row] = []
    for check in checks:
        try:
            found.extend(check(patient))
        except Unasked as exc:
            about = str(check.__doc__).splitlines()[0].rstrip(".")
            found.append(Row(Level.UNKNOWN, about, str(exc), "ask with permission to read it, or look by hand"))
    return sorted(found, key=lambda row: (list(Level).index(row.level), row.what))
