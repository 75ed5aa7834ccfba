"""People who answer: asked about a plan, each gives an answer after a while, and again when nothing came back."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from edsr.errors import Transient
from edsr.route import STATUS
from tests.asking import request
from tests.chaos.branches import Failure, Result
from tests.chaos.schedule import Schedule

TRY_AGAIN = STATUS[Transient]
THINKS = 30
"""Seconds until a person has looked at what they are asked."""


class Person(NamedTuple):
    """Who answers, and what."""

    name: str
    answer: str = "approve"


class People:
    """Each person answers every asking that is open, through the real function, and once more after a failure."""

    def __init__(self, schedule: Schedule, people: Sequence[Person]) -> None:
        self.schedule, self.people = schedule, people
        self.said: set[tuple[str, str]] = set()
        self.waits: dict[tuple[str, str], float] = {}

    def due(self) -> float | None:
        """When the first of them answers."""
        return min((at for at, _, _ in self._open()), default=None)

    def come(self) -> None:
        """Everybody whose time it is answers."""
        for at, person, item in self._open():
            if at <= self.schedule.world.now:
                self._answer(person, item)

    def _open(self) -> list[tuple[float, Person, Mapping[str, Any]]]:
        found = []
        for place, item in self.schedule.world.dynamo.items.items():
            if not place[2].startswith("APR#") or item["st"]["S"] != "PENDING":
                continue
            for person in self.people:
                key = (_which(item), person.name)
                at = self.waits.setdefault(key, self.schedule.world.now + THINKS)
                if key not in self.said:
                    found.append((at, person, item))
        return found

    def _answer(self, person: Person, item: Mapping[str, Any]) -> None:
        key = (_which(item), person.name)
        self.said.add(key)
        inc, digest = item["pk"]["S"].removeprefix("INC#"), item["digest"]["S"]
        payload = request(person.name, "/answers", inc=inc, digest=digest, answer=person.answer)

        def answered(result: Result | Failure) -> None:
            if isinstance(result, Failure) or result.value["statusCode"] == TRY_AGAIN:
                self.said.discard(key)
                self.waits[key] = self.schedule.world.now + THINKS

        self.schedule.invoke("edsr-approve-answer", payload, answered)


def _which(item: Mapping[str, Any]) -> str:
    return f"{item['pk']['S']}/{item['sk']['S']}"
