"""The brakes of a history: no more than so many in a window, at once, or while a breaker is open."""

from collections.abc import Iterator
from typing import Any, Protocol

from edsr.limits import read
from edsr.policy import Policy
from tests.chaos.functions import VALUES
from tests.chaos.scenario import Played

COMMON = 3600
"""Seconds within which two policies that do harm stop everything."""


class Past(Protocol):
    """What is asked of a history."""

    played: Played
    heads: dict[str, Any]
    begun: dict[str, int]
    taken: list[int]
    closed: dict[str, tuple[int, bool]]
    engaged: dict[str, tuple[int, bool]]


def passed(past: Past) -> Iterator[str]:
    """Every brake that was passed although it held."""
    policies = {head["policy"]: Policy.model_validate_json(head["policy_doc"]) for head in past.heads.values()}
    for name, policy in sorted(policies.items()):
        ours = sorted((at, incident) for incident, at in past.begun.items() if past.heads[incident]["policy"] == name)
        yield from _too_often(policy, [at for at, _ in ours])
        yield from _although_open(policy, ours, past)
    yield from _more_of_an_api(past)
    yield from _too_many(past, policies)
    yield from _no_common_cause(past)


def _too_often(policy: Policy, times: list[int]) -> Iterator[str]:
    """So many in any window; every subject of these scenarios is of one service."""
    most, window = policy.safeguards.rate.max, policy.safeguards.rate.per.total_seconds()
    for first, last in zip(times, times[most:], strict=False):
        if last - first < window:
            yield f"rate: {most + 1} incidents of {policy.id} began to act within {last - first} s"


def _more_of_an_api(past: Past) -> Iterator[str]:
    """So many steps in any window; every target of these scenarios is of one API in one account and Region."""
    limit = read({**VALUES, **past.played.suite.scenario.rates}["api_rate"])
    times = sorted(past.taken)
    for first, last in zip(times, times[limit.most :], strict=False):
        if last - first < limit.per.total_seconds():
            yield f"api: {limit.most + 1} calls of one API were intended within {last - first} s"


def _although_open(policy: Policy, ours: list[tuple[int, str]], past: Past) -> Iterator[str]:
    cooldown = policy.safeguards.breaker.cooldown.total_seconds()
    trips = [at for _, incident in ours for at, worse in [past.closed.get(incident, (0, False))] if worse]
    for began, incident in ours:
        for at in trips:
            if at < began <= at + cooldown:
                yield f"breaker: {incident} began to act {began - at} s after its policy had made it worse"


def _too_many(past: Past, policies: dict[str, Policy]) -> Iterator[str]:
    """At any time at most so many that have begun to act and have not ended."""
    for incident, began in past.begun.items():
        most = policies[past.heads[incident]["policy"]].safeguards.concurrency.max
        others = [
            other
            for other, at in past.begun.items()
            if at <= began < past.closed.get(other, (1 << 40, False))[0] and other != incident
        ]
        if len(others) + 1 > most:
            yield f"slots: {incident} began to act beside {', '.join(sorted(others))}, and at most {most} may"


def _no_common_cause(past: Past) -> Iterator[str]:
    worse = {(at, past.heads[incident]["policy"]) for incident, (at, harmed) in past.closed.items() if harmed}
    for at, policy in sorted(worse):
        if any(other != policy and 0 <= at - before < COMMON for before, other in worse) and "all" not in past.engaged:
            yield f"common: {policy} and another policy made it worse within an hour, and nothing was stopped"
