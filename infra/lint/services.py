"""The rules that a service keeps: its resources have ARNs, and are nobody else's."""

from collections.abc import Iterator

from edsr.policy import Service
from infra.lint import rules
from infra.lint.problem import Problem, Said
from infra.lint.reading import Document


def service_rules(service: Service) -> Iterator[Said]:
    """What is wrong with one service."""
    named = [(("resources", index, "arn"), one.arn) for index, one in enumerate(service.resources)]
    named += [(("protected", index, "arn"), one.arn) for index, one in enumerate(service.protected) if one.arn]
    for at, arn in named:
        if not arn.startswith("arn:"):
            what = f"{arn!r} is not an ARN; it begins with arn: and may hold ${{account}} and ${{region}}"
            yield Said(rules.NOT_AN_ARN, at, what)


def owners(services: list[Document[Service]]) -> Iterator[Problem]:
    """What two services both claim, told at the later one."""
    claimed: dict[str, str] = {}
    for document in services:
        for index, resource in enumerate(document.said.resources):
            first = claimed.setdefault(resource.arn, document.said.id)
            if first != document.said.id:
                what = f"{resource.arn} belongs to service {first!r} already"
                yield document.problem(Said(rules.TWO_OWNERS, ("resources", index, "arn"), what))
