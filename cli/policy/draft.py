"""The draft of a policy: its pattern out of an event, its probe, and tests that show what it does and leaves alone."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cli.errors import Unavailable
from cli.policy.examples import examples
from detect.intake import Ignored
from edsr import extract, pattern
from edsr.declare import Detector
from edsr.entries import Catalogue
from edsr.errors import Malformed
from edsr.model import Finding, Mode, Severity
from edsr.pattern import Pattern, PatternInvalid
from edsr.pattern.events import View
from edsr.policy import Playbook, Policy
from edsr.policy.library import json_path
from infra.lint.known import known_events
from infra.lint.phrases import none_such
from infra.lint.reading import fields
from infra.lint.shapes import fitted, paths
from infra.trial import detect

Event = dict[str, Any]

ENVELOPE = ("source", "detail-type")
SCHEMA = Path("schemas") / "policy.schema.json"
NAME = 12
"""Characters from which on a text is taken to be a name, which an event says in several places."""


@dataclass(frozen=True)
class Wish:
    """What a person wants: the event it answers, the fields it matches beside the usual ones, and its words."""

    identity: str
    title: str
    owner: str
    event: Event
    matches: dict[str, str]
    playbook: Playbook
    arguments: dict[str, str]
    runbook: str | None
    severity: Severity


@dataclass(frozen=True)
class Draft:
    """A policy as it is to be written, and its event when that is none of the known ones."""

    said: dict[str, Any]
    event: Event
    event_name: str
    is_new: bool


def draft(
    wish: Wish, others: list[Policy], detectors: dict[str, Detector], catalogue: Catalogue, events: Path
) -> Draft:
    """Make the policy. Unavailable says what it lacks, or what of the wish has the wrong form."""
    detector = _detector(wish.event, detectors)
    alike = [policy for policy in others if policy.detect.source == detector.source]
    made = _pattern(wish, alike)
    event = _answered(wish.event, made)
    known = known_events(events)
    name = next((name for name, one in known.items() if one == event), None)
    detail = {"source": detector.source, "severity": wish.severity.value, "pattern": made}
    said: dict[str, Any] = {
        "$schema": SCHEMA.as_posix(),
        "id": wish.identity,
        "title": wish.title,
        "owner": wish.owner,
        "runbook": wish.runbook or wish.playbook.runbook,
        "detect": detail,
        "respond": {"mode": Mode.OBSERVE.value, "playbook": wish.playbook.id},
        "verify": {"probe": "none"},
    }
    found = _found(_policy(said), event)
    if arguments := _arguments(wish, found):
        said["respond"]["with"] = arguments
    said["verify"] = _verify(found, wish.playbook, alike, catalogue)
    place = name or f"{detector.source}/{wish.identity}.json"
    said["tests"] = list(examples(_policy(said), event, place, found.title, known))
    return Draft(said, event, place, name is None)


def _policy(said: dict[str, Any]) -> Policy:
    try:
        return Policy.model_validate(said)
    except ValidationError as exc:
        wrong = "; ".join(f"{json_path(one.at).removeprefix('$.')}: {one.what}" for one in fields(exc, Policy))
        raise Unavailable(f"that makes no policy: {wrong}") from exc


def _detector(event: Event, detectors: dict[str, Detector]) -> Detector:
    """What reads such events. Alarms are read by several, each of which looks for its own; their sender's reads all."""
    kind, sender = str(event["detail-type"]), str(event.get("source", "")).removeprefix("aws.")
    reading = [detector for detector in detectors.values() if kind in detector.detail_types]
    if not reading:
        read = {kind for detector in detectors.values() for kind in detector.detail_types}
        raise Unavailable(none_such("detector that reads", kind, read))
    return next((detector for detector in reading if detector.source == sender), reading[0])


def _pattern(wish: Wish, alike: list[Policy]) -> dict[str, Any]:
    """Source and kind, the fields that other policies of the source match, and those of the wish."""
    wanted = {path: _values(wish.event, path) for path in (*ENVELOPE, *_usual(alike)) if _values(wish.event, path)}
    has = sorted(set(paths(wish.event)))
    for path, text in wish.matches.items():
        if path not in has:
            raise Unavailable(none_such("field in the event", path, has))
        wanted[path] = [_condition(text, _values(wish.event, path))]
    made: dict[str, Any] = {}
    for path, values in wanted.items():
        *way, last = path.split(".")
        node = made
        for step in way:
            node = node.setdefault(step, {})
        node[last] = values
    return made


def _usual(alike: list[Policy]) -> list[str]:
    """The fields that the first policy of the same source matches in every case."""
    branches = [pattern.compile(policy.detect.pattern).branches for policy in alike]
    return [field.path for field in branches[0][0].fields if field.path not in ENVELOPE] if branches else []


def _values(event: Event, path: str) -> list[Any]:
    return list(dict.fromkeys(leaf.value for leaf in View(event).leaves(path)))


def _condition(text: str, before: list[Any]) -> Any:
    """`payments-*` is a prefix, `*-errors` a suffix, `*a*` a wildcard; a number is one where the event has one."""
    if text.endswith("*") and "*" not in text[:-1]:
        return {"prefix": text[:-1]}
    if text.startswith("*") and "*" not in text[1:]:
        return {"suffix": text[1:]}
    if "*" in text:
        return {"wildcard": text}
    return text if isinstance(before[0], str) else json.loads(text)


def _answered(event: Event, made: dict[str, Any]) -> Event:
    """The event, with as few values changed as it takes for the pattern to match."""
    try:
        compiled = pattern.compile(made)
    except PatternInvalid as exc:
        raise Unavailable(f"that makes no event pattern: {exc}") from exc
    answered = fitted(event, compiled)
    if answered is None:
        raise Unavailable(f"no event of this shape matches {json.dumps(made)}")
    return _consistent(event, answered, compiled)


def _consistent(before: Event, after: Event, compiled: Pattern) -> Event:
    """The same change wherever else the event says the old text, as an alarm's ARN says its name."""
    text = json.dumps(after)
    for path in set(paths(before)):
        old, new = _values(before, path), _values(after, path)
        if old != new and len(old) == len(new) == 1 and len(str(old[0])) >= NAME:
            text = text.replace(_inside(new[0]), _inside(old[0]))
            text = text.replace(_inside(old[0]), _inside(new[0]))
    made: Event = json.loads(text)
    return made if compiled.matches(made) else after


def _inside(value: Any) -> str:
    """A text as JSON spells it, without its quotes."""
    return json.dumps(str(value))[1:-1]


def _found(policy: Policy, event: Event) -> Finding:
    try:
        found = detect(policy, event)
    except (ValueError, Malformed) as exc:
        raise Unavailable(f"detector {policy.detect.source} cannot read the event: {exc}") from exc
    if isinstance(found, Ignored):
        raise Unavailable(f"detector {policy.detect.source} finds nothing in the event: {found.reason}")
    return found


def _arguments(wish: Wish, found: Finding) -> dict[str, Any]:
    """The playbook's parameters: as wished, or what the finding calls the same."""
    said: dict[str, Any] = dict(wish.arguments)
    given = {name.removesuffix(extract.MARK) for name in said}
    for name, parameter in wish.playbook.parameters.items():
        if parameter.required and name not in given:
            said |= _expression(name, found) or _lacking(name, f"playbook {wish.playbook.id}", parameter.title)
    return said


def _verify(found: Finding, playbook: Playbook, alike: list[Policy], catalogue: Catalogue) -> dict[str, Any]:
    """As another policy with this playbook is verified, or with a probe whose arguments the finding has."""
    for policy in alike:
        if policy.verify and policy.respond.playbook == playbook.id:
            return policy.verify.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for probe in catalogue.probes.values():
        wanted = [_expression(name, found) for name in probe.arguments.get("required", [])]
        if all(wanted):
            return {"probe": probe.id, "with": {name: path for one in wanted for name, path in one.items()}}
    raise Unavailable(f"no probe fits: none of {', '.join(catalogue.probes)} finds its arguments in {found.evidence}")


def _expression(name: str, found: Finding) -> dict[str, str]:
    """Where the finding has something of that name."""
    for holder, known in (("evidence", found.evidence), ("subject", found.subject.model_dump(exclude_none=True))):
        if name in known:
            return {f"{name}{extract.MARK}": f"{holder}.{name}"}
    return {}


def _lacking(name: str, whose: str, title: str) -> dict[str, str]:
    raise Unavailable(f"{whose} needs {name!r} ({title}): say --with {name}=VALUE, or --with '{name}.$=EXPRESSION'")
