"""The rules of what is handed on: arguments by name, and the names that expressions may use."""

from collections.abc import Iterator, Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from edsr import extract
from edsr.model import Finding, Subject
from edsr.policy.documents import VerifyWith
from infra.lint import rules
from infra.lint.known import Known
from infra.lint.phrases import meant, none_such
from infra.lint.problem import Location, Said

Sees = Mapping[str, frozenset[str] | None]
"""The names that an expression may use, each with the names in it where they are known."""

ROOTS: Sees = {
    "finding": frozenset(Finding.model_fields),
    "subject": frozenset(Subject.model_fields),
    "evidence": None,
}
"""What every expression sees."""

STEP: Sees = {"pre": None, "target": frozenset()}
"""What the expressions of a step see besides: the target's state and its ARN."""

SELECTED: Sees = {"selected": None}
"""What they see as well where a selector found the target: its word on it."""

_ALL_CHILDREN = {"or_expression", "and_expression", "comparator", "not_expression", "function_expression"}
_ALL_CHILDREN |= {"multi_select_list", "multi_select_dict", "key_val_pair"}


def verify_rules(at: Location, verify: VerifyWith, known: Known, sees: Sees) -> Iterator[Said]:
    """What is wrong with how a step is judged."""
    probe = known.probe(verify.probe)
    if probe is None:
        yield Said(rules.NO_PROBE, (*at, "probe"), none_such("probe", verify.probe, known.catalogue.probes))
        return
    yield from argument_rules((*at, "with"), verify.with_, probe.arguments, f"probe {probe.id}")
    yield from template_rules((*at, "with"), verify.with_, sees)


def argument_rules(at: Location, said: Mapping[str, Any], schema: dict[str, Any], whose: str) -> Iterator[Said]:
    """Arguments by name: none missing, none too many; their values are known only when the plan is drawn."""
    given = {name.removesuffix(extract.MARK): name for name in said}
    allowed = list(schema.get("properties", {}))
    for name in sorted(set(schema.get("required", [])) - set(given)):
        yield Said(rules.NO_ARGUMENT, at, f"misses {name!r}, which {whose} needs")
    for name in sorted(set(given) - set(allowed)):
        what = f"{whose} has no argument {name!r}{meant(name, allowed)}; it has: {', '.join(allowed)}"
        yield Said(rules.UNKNOWN_ARGUMENT, (*at, given[name]), what)


def template_rules(at: Location, template: Mapping[str, Any], sees: Sees) -> Iterator[Said]:
    """What the expressions of a template ask for and will never find."""
    for place, expression in expressions(at, template):
        yield from expression_rules(place, expression, sees)


def unreadable_rules(at: Location, said: Mapping[str, Any] | str) -> Iterator[Said]:
    """The expressions of a template, or the one that is said by itself, that are no JMESPath."""
    for place, expression in [(at, said)] if isinstance(said, str) else expressions(at, said):
        if isinstance(parsed := _parsed(place, expression), Said):
            yield parsed


def expression_rules(at: Location, expression: str, sees: Sees) -> Iterator[Said]:
    """What one expression asks for and will never find; one that is no JMESPath is told."""
    parsed = _parsed(at, expression)
    if isinstance(parsed, Said):
        yield parsed
        return
    for name, inner in sorted(_asked(parsed)):
        inside = sees.get(name)
        if name not in sees:
            what = f"{expression!r}: there is no {name!r}{meant(name, sees)}; there are: {', '.join(sorted(sees))}"
            yield Said(rules.UNKNOWN_NAME, at, what)
        elif inner and inside is not None and inner not in inside:
            known = ", ".join(sorted(inside)) or "nothing"
            what = f"{expression!r}: {name} has no {inner!r}{meant(inner, inside)}; it has: {known}"
            yield Said(rules.UNKNOWN_NAME, at, what)


def asked(expression: str) -> set[tuple[str, str]]:
    """The names that an expression takes from what it sees, each with the name it takes out of that, if any."""
    return _asked(jmespath.compile(expression).parsed)


def expressions(at: Location, value: Any) -> Iterator[tuple[Location, Any]]:
    """Every expression in a template, at any depth, with its place."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            place = (*at, key)
            yield from [(place, inner)] if key.endswith(extract.MARK) else expressions(place, inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from expressions((*at, number), inner)


def _parsed(at: Location, expression: Any) -> Any:
    """The syntax tree of an expression, or what is wrong with it."""
    if not isinstance(expression, str):
        return Said(rules.NOT_JMESPATH, at, f"a key that ends in {extract.MARK} holds a JMESPath, as text")
    try:
        return jmespath.compile(expression).parsed
    except JMESPathError as exc:
        reason = str(exc).splitlines()[0].removeprefix("Invalid jmespath expression: ").rstrip(":").lower()
        return Said(rules.NOT_JMESPATH, at, f"{expression!r} is not JMESPath: {reason}")


def _asked(node: Any) -> set[tuple[str, str]]:
    """The names that a parsed expression takes from what it sees, each with the name it takes out of that."""
    kind, children = node["type"], node["children"]
    if kind == "field":
        return {(node["value"], "")}
    if kind == "subexpression" and children[0]["type"] == "field":
        return {(children[0]["value"], _first(children[1]))}
    if kind == "expref" or not children:
        return set()
    taken = children if kind in _ALL_CHILDREN else children[:1]
    return {name for child in taken for name in _asked(child)}


def _first(node: Any) -> str:
    """The name that the inner part of `a.b` begins with, if it begins with one."""
    while node["type"] != "field":
        if not node["children"]:
            return ""
        node = node["children"][0]
    return str(node["value"])
