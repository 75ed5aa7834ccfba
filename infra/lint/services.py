"""The rules that a service keeps: its resources have ARNs, and are nobody else's."""

from collections.abc import Iterator

from edsr.policy import Service
from infra.lint import rules
from infra.lint.problem import Problem, Said
from infra.lint.reading import Document


def service_rules(service: Service) -> Iterator[Said]:
    """What is wrong with one service."""
    for index, resource in enumerate(service.resources):
        if not resource.arn.startswith("arn:"):
            what = f"{resource.arn!r} is not an ARN; it begins with arn: and may hold ${{account}} and ${{region}}"
            yield Said(rules.NOT_AN_ARN, ("resources", index, "arn"), what)


def owners(services: list[Document[Service]]) -> Iterator[Problem]:
    """What two services both claim, told at the later one."""
    claimed: dict[str, str] = {}
    for document in services:
        for index, resource in enumerate(document.said.resources):
            first = claimed.setdefault(resource.arn, document.said.id)
            if first != document.said.id:
                what = f"{resource.arn} belongs to service {first!r} already"
                yield document.problem(Said(rules.TWO_OWNERS, ("resources", index, "arn"), what))
