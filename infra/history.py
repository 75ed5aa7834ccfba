"""What a policy's test says that a number usually was, made into the series that came before the event."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate, cycle, islice

from edsr.model import Finding
from edsr.policy.examples import Given
from edsr.policy.techniques import Anomaly
from edsr.technique.anomaly import judged
from edsr.technique.notes import Notes

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
