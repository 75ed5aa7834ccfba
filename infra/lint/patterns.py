"""The rules that a pattern keeps: events of such a shape are known, the detector reads them, and AWS takes it."""

import json
from collections.abc import Iterator
from typing import Any

from edsr import pattern
from edsr.model import Subject
from edsr.pattern.branches import Branch, Field
from edsr.pattern.events import View
from edsr.policy import Policy
from edsr.policy.words import PATTERN_CHARACTERS
from infra.lint import rules
from infra.lint.known import Event, Known
from infra.lint.phrases import meant
from infra.lint.problem import Location, Problem, Said
from infra.lint.reading import Document
from infra.lint.shapes import inside, near, paths
from infra.parts.limits import RULES, WILDCARD_RULES, uses_wildcards
from infra.parts.rules import Rule, rules_of

NEAR = 0.8
"""The share of a limit from which on a warning tells that it is near."""

KIND = "detail-type"
KINDS = ("source", KIND, "detail.eventSource", "detail.eventName")
"""What makes events of one kind; CloudTrail's have other fields for every call."""

AT = ("detect", "pattern")

BLINDING = (rules.UNKNOWN_EVENT, rules.UNKNOWN_FIELD, rules.OTHER_TYPE)
"""Warnings that become errors when a test shows that the pattern therefore misses its event."""


def pattern_rules(policy: Policy, known: Known) -> Iterator[Said]:
    """What is wrong with the pattern of one policy, and with its `where`."""
    size = len(json.dumps(policy.detect.pattern, separators=(",", ":")))
    if size > NEAR * PATTERN_CHARACTERS:
        yield Said(rules.PATTERN_LONG, AT, f"{size} characters of at most {PATTERN_CHARACTERS}")
    yield from _where(policy)
    branches = pattern.compile(policy.detect.pattern).branches
    if not all(_at("source", branch) for branch in branches):
        yield Said(rules.NO_SOURCE, AT, "names no `source`: whoever may put events on the bus can set it off")
    unread = list(_read(policy, branches, known))
    yield from unread or dict.fromkeys(said for branch in branches for said in _shape(branch, known))


def step_rules(policy: Policy, known: Known) -> Iterator[Said]:
    """What is wrong with the patterns of what has to come before."""
    for step, before in enumerate(policy.detect.steps):
        for said in pattern_rules(policy.model_copy(update={"detect": before, "where": None}), known):
            yield said._replace(at=("detect", "sequence", "after", step, *said.at[1:]))


def rule_limits(documents: list[Document[Policy]], known: Known) -> Iterator[Problem]:
    """What is wrong with the patterns of a folder together: a bus takes so many rules, and fewer with wildcards. Steps
    of sequences have rules of their own, and some policies stand on two buses."""
    owner = {document.said.id: document for document in documents}
    sources = {name: [one.source for one in (d.said.detect, *d.said.detect.steps)] for name, d in owner.items()}
    readable = [owner[name].said for name, named in sources.items() if set(named) <= set(known.detectors)]
    rules_by_bus: dict[str, list[Rule]] = {}
    for one in rules_of(readable):
        rules_by_bus.setdefault(one.bus, []).append(one)
    for bus, every in sorted(rules_by_bus.items()):
        wildcards = [one for one in every if uses_wildcards(one.pattern)]
        for concerned, limit, what in ((every, RULES, "rules"), (wildcards, WILDCARD_RULES, "rules with `wildcard`")):
            if len(concerned) > NEAR * limit:
                rule = rules.TOO_MANY_RULES if len(concerned) > limit else rules.MANY_RULES
                where = f"{len(concerned)} {what} on the bus {bus}; EventBridge takes {limit}"
                yield owner[concerned[-1].policy.id].problem(Said(rule, AT, where))


def _where(policy: Policy) -> Iterator[Said]:
    for name in policy.where or {}:
        if name not in Subject.model_fields and not name.startswith("$"):
            allowed = ", ".join(Subject.model_fields)
            what = f"a subject has no {name!r}{meant(name, Subject.model_fields)}; it has: {allowed}"
            yield Said(rules.UNKNOWN_SUBJECT, ("where", name), what)


def _read(policy: Policy, branches: list[Branch], known: Known) -> Iterator[Said]:
    """Whether the detector reads what the pattern takes."""
    detector = known.detectors.get(policy.detect.source)
    fields = [_at(KIND, branch) for branch in branches]
    if (
        policy.detect.absence
        or detector is None
        or any(field is None or any(map(field.takes, detector.detail_types)) for field in fields)
    ):
        return
    reads = ", ".join(repr(kind) for kind in detector.detail_types)
    what = f"detector {detector.source} finds nothing in such events; it reads: {reads}"
    yield Said(rules.NOT_READ, (*AT, KIND), what)


def _shape(branch: Branch, known: Known) -> Iterator[Said]:
    """Whether there are events of such a kind, and whether they have such fields."""
    named = [field for name in KINDS if (field := _at(name, branch))]
    alike = [event for event in known.events.values() if all(_taken(field, event) for field in named)]
    if not alike:
        yield _no_event(named, known)
        return
    for field in branch.fields:
        values = [leaf.value for event in alike for leaf in View(event).leaves(field.path)]
        if not values and not field.takes_absence():
            yield Said(rules.UNKNOWN_FIELD, _place(field), _no_field(field, alike))
        elif values and (types := _other_types(field, values)):
            what = f"{_json(field.wanted)} has the wrong type: every known event has {types} there"
            yield Said(rules.OTHER_TYPE, _place(field), f"{what}, such as {_json(values[0])}")


def _no_event(named: list[Field], known: Known) -> Said:
    """Told at the field that no event has like this, or, where only both together are unknown, at the last."""
    wanted = " and ".join(f"{field.path} {_json(field.wanted)}" for field in named) or "anything at all"
    alone = [field for field in named if not any(_taken(field, event) for event in known.events.values())]
    field = next(iter(alone or named[-1:]), None)
    leaves = (View(event).leaves(field.path) for event in known.events.values()) if field else ()
    values = {str(leaf.value) for found in leaves for leaf in found}
    hints = (meant(value, values - {value}) for value in (field.wanted if field else ()) if isinstance(value, str))
    return Said(rules.UNKNOWN_EVENT, _place(field) if field else AT, f"no known event has {wanted}{next(hints, '')}")


def _no_field(field: Field, alike: list[Event]) -> str:
    known = {path for event in alike for path in paths(event)}
    what = f"no known event of this kind has {field.path}"
    if likely := near(field.path, known):
        return f"{what}, did you mean {' or '.join(likely)}?"
    parent, names = inside(field.path, known)
    return f"{what}; {parent or 'an event'} has: {', '.join(names)}"


def _other_types(field: Field, values: list[Any]) -> str:
    """The types of the values, when all that the field wants is literally of other ones."""
    if any(isinstance(wanted, dict) and "numeric" not in wanted for wanted in field.wanted):
        return ""
    wants = {"a number" if isinstance(wanted, dict) else _type(wanted) for wanted in field.wanted}
    has = {_type(value) for value in values}
    return "" if wants & has else " or ".join(sorted(has))


def _type(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", type(None): "null"}
    return names[type(value)]


def _at(name: str, branch: Branch) -> Field | None:
    return next((field for field in branch.fields if field.path == name), None)


def _taken(field: Field, event: Event) -> bool:
    return any(field.takes(leaf.value) for leaf in View(event).leaves(field.path))


def _place(field: Field) -> Location:
    return (*AT, *field.label.split("."))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
