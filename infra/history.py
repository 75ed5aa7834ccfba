"""What came before the event of a policy's test: others like it, and the numbers that were usual."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate, cycle, islice

from edsr.model import Finding
from edsr.policy.examples import Given
from edsr.policy.techniques import Anomaly
from edsr.technique.anomaly import judged
from edsr.technique.notes import Notes

ANOTHER = "i-another"
"""The incident that is at work where a test says that one is."""

APART = timedelta(minutes=5)
"""How far apart the numbers of the past are."""


def learned(said: Anomaly, found: Finding, given: Given, notes: Notes) -> None:
    """Let the policy learn the numbers that are given to be usual, the last one five minutes before a finding."""
    for n, value in enumerate(_values(said, given)):
        at = found.observed_at - APART * (given.earlier - n)
        judged(found.model_copy(update={"observed_at": at, "episode": f"usual-{n}"}), said, value, notes, at)


def _values(said: Anomaly, given: Given) -> Iterator[float]:
    """As many as came earlier, over and over; of a counter they are what is added each time, from 0."""
    values = islice(cycle(given.usual), given.earlier)
    return accumulate(values) if said.counter else values


def another(like: Finding, n: int, found: Finding) -> Finding:
    """Another occurrence, a moment before a finding."""
    at = found.observed_at - timedelta(milliseconds=n)
    return like.model_copy(update={"episode": f"{ANOTHER}-{n}", "observed_at": at})


def served(found: Finding) -> Finding:
    """Where no catalogue says which service a subject is of, all are of one."""
    known = {"service": found.subject.service or ANOTHER}
    return found.model_copy(update={"subject": found.subject.model_copy(update=known)})
