"""The rules that an objective keeps: the service that it is about is there."""

from collections.abc import Iterator

from edsr.policy import Objective
from infra.lint import rules
from infra.lint.phrases import none_such
from infra.lint.problem import Said


def objective_rules(objective: Objective, services: frozenset[str]) -> Iterator[Said]:
    """What is wrong with one objective."""
    if objective.service not in services:
        yield Said(rules.NO_SERVICE, ("service",), none_such("service", objective.service, services))
