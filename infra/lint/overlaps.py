"""Policies that get in each other's way: one event sets both off, and both act on one kind of resource.

Only what a witness shows is told: an event of a known shape that both patterns take, that both detectors find
something in, about a subject that both policies cover.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from detect.intake import Ignored
from edsr import pattern
from edsr.errors import Malformed
from edsr.model import Finding
from edsr.pattern import Pattern
from edsr.pattern.branches import Field
from edsr.pattern.conditions import Condition
from edsr.policy import Policy
from infra.lint import rules
from infra.lint.known import Event, Known
from infra.lint.problem import Said
from infra.lint.reading import Document
from infra.lint.shapes import fitted, paths
from infra.trial import detect

OF_THE_EVENT = ("arn", "kind", "account", "region")
"""What a finding says of its subject; the rest comes from the catalogue of services, and may be anything."""


class _Side(NamedTuple):
    document: Document[Policy]
    pattern: Pattern
    kinds: set[str]


def overlaps(documents: list[Document[Policy]], known: Known) -> Iterator[tuple[Document[Policy], Said]]:
    """Each pair of policies with a witness, told at the later one."""
    sides = [
        _Side(document, pattern.compile(document.said.detect.pattern), known.kinds(document.said.respond.playbook))
        for document in documents
        if document.said.detect.source in known.detectors and not document.said.detect.absence
    ]
    for first, second in combinations(sides, 2):
        if not first.kinds & second.kinds or not _compatible(first.pattern, second.pattern):
            continue
        if witness := _witness(first, second, known):
            shared = ", ".join(sorted(first.kinds & second.kinds))
            what = f"overlaps with policy {first.document.said.id!r}: both answer {witness}, and both act on {shared}"
            yield (
                second.document,
                Said(rules.OVERLAP, ("detect", "pattern"), f"{what}; whichever comes second is refused as busy"),
            )


def _compatible(first: Pattern, second: Pattern) -> bool:
    """Whether some alternatives of the two do not exclude each other by what both spell out; cheap, so asked first."""
    sides = [[{field.path: field for field in branch.fields} for branch in side.branches] for side in (first, second)]
    return any(
        all(_meet(one[path], other[path]) for path in one.keys() & other.keys())
        for one in sides[0]
        for other in sides[1]
    )


def _meet(one: Field, other: Field) -> bool:
    """Whether there may be a value that both fields take. Only values and beginnings of text are compared."""
    if any(condition.kind not in ("exact", "prefix") for condition in (*one.conditions, *other.conditions)):
        return True
    return any(_alike(first, second) for first in one.conditions for second in other.conditions)


def _alike(first: Condition, second: Condition) -> bool:
    if first.kind == second.kind == "exact":
        return first.key == second.key
    texts = (first.key, second.key)
    if not all(isinstance(text, str) for text in texts):
        return True  # an address is spelled in several ways
    beginning, text = texts if first.kind == "prefix" else reversed(texts)
    return str(text).startswith(str(beginning)) or (second.kind == first.kind and str(beginning).startswith(str(text)))


def _witness(first: _Side, second: _Side, known: Known) -> str | None:
    """An event that sets both off, in words: a known one as it is, or else one of a known one's shape."""
    shaped = ((name, event, fitted(event, first.pattern, second.pattern)) for name, event in known.events.items())
    made = [(event != witness, name, event, witness) for name, event, witness in shaped if witness is not None]
    for changed, name, event, witness in sorted(made, key=lambda one: one[0]):
        if _both_find(first.document.said, second.document.said, witness):
            return f"{name} with {_changes(event, witness)}" if changed else name
    return None


def _both_find(first: Policy, second: Policy, event: Event) -> bool:
    try:
        found = [detect(policy, event) for policy in (first, second)]
    except (ValueError, Malformed):
        return False
    subjects = [finding.subject for finding in found if isinstance(finding, Finding)]
    if any(isinstance(finding, Ignored) for finding in found) or subjects[0].arn != subjects[1].arn:
        return False
    scopes = [pattern.compile(policy.where) for policy in (first, second) if policy.where]
    return fitted(subjects[0].model_dump(), *scopes, fixed=OF_THE_EVENT) is not None


def _changes(before: Event, after: Event) -> str:
    at = [path for path in sorted(set(paths(before))) if _value(before, path) != _value(after, path)]
    return ", ".join(f"{path} {_value(after, path)!r}" for path in at)


def _value(document: Event, path: str) -> object:
    node: object = document
    for name in path.split("."):
        node = node.get(name) if isinstance(node, dict) else None
    return node
