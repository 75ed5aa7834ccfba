"""Linting what operators write: every problem with its file, its JSON path, what is wrong and what is allowed."""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from edsr import extract
from edsr.declare import Catalogue
from edsr.errors import DocumentInvalid
from edsr.policy import Playbook, Policy, Service
from edsr.policy.documents import VerifyWith
from edsr.policy.library import json_path, parse
from infra import EVENTS, ROOT
from infra.catalogue import catalogue, discover
from infra.trial import trials


class Problem(NamedTuple):
    """Something wrong in a document."""

    file: str
    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path}: {self.what}"


class Known(NamedTuple):
    """What documents may refer to."""

    catalogue: Catalogue
    playbooks: Mapping[str, Playbook]
    sources: frozenset[str]
    root: Path
    events: Path


def lint(policies: Path, events: Path = EVENTS, root: Path = ROOT) -> list[Problem]:
    """Every problem of the documents in a policies folder; `events` has their tests' events, `root` their runbooks."""
    problems: list[Problem] = []
    playbooks = _load(policies / "playbooks", Playbook, policies, problems)
    services = _load(policies / "services", Service, policies, problems)
    loaded = _load(policies, Policy, policies, problems)
    known = Known(
        catalogue(), {book.id: book for book in playbooks.values()}, frozenset(discover().detectors), root, events
    )
    for file, playbook in playbooks.items():
        problems += [Problem(file, *said) for said in _playbook(playbook, known)]
    for file, policy in loaded.items():
        problems += [Problem(file, *said) for said in _policy(policy, known)]
    problems += [Problem(file, *said) for file, service in services.items() for said in _service(service)]
    return sorted(problems)


Said = tuple[str, str]


def _load(folder: Path, model: type[Any], root: Path, problems: list[Problem]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for file in sorted(folder.glob("*.json")):
        name = str(file.relative_to(root.parent))
        try:
            text = file.read_text(encoding="utf-8")
            document = parse(name, text, model)
        except UnicodeDecodeError as exc:
            problems.append(Problem(name, "$", f"not UTF-8: {exc.reason} at byte {exc.start}"))
        except DocumentInvalid as exc:
            problems += _explained(name, exc, model)
        else:
            found[name] = document
            if document.id != file.stem:
                problems.append(Problem(name, "$.id", f"{document.id!r} must equal the file's name, {file.stem!r}"))
    return found


def _explained(name: str, invalid: DocumentInvalid, model: type[BaseModel]) -> Iterator[Problem]:
    """Every field that is wrong, each with what is allowed there."""
    cause = invalid.__cause__
    if not isinstance(cause, ValidationError):
        yield Problem(name, invalid.path, invalid.reason)
        return
    for error in cause.errors():
        yield Problem(name, json_path(error["loc"]), _what(error, model))


def _what(error: Any, model: type[BaseModel]) -> str:
    if error["type"] == "extra_forbidden":
        key = str(error["loc"][-1])
        allowed = _keys(model, error["loc"][:-1])
        return f"unknown key {key!r}{_meant(key, allowed)}; allowed: {', '.join(allowed)}"
    if error["type"] == "enum" or error["type"] == "literal_error":
        given = str(error["input"])
        allowed = [word.strip("' ") for word in error["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return f"{given!r} is not allowed{_meant(given, allowed)}; allowed: {', '.join(allowed)}"
    if error["type"].startswith("time_delta"):
        return f"{error['input']!r} is not a duration; write ISO 8601, such as PT15M"
    if error["type"] == "missing":
        return "is missing"
    return f"{error['msg'].removeprefix('Value error, ')} (got {json.dumps(error['input'], default=str)[:80]})"


def _keys(model: type[BaseModel], location: tuple[Any, ...]) -> list[str]:
    """The keys allowed at a place in a document, by its schema."""
    schema = model.model_json_schema(by_alias=True)
    node: Any = schema
    for part in location:
        node = _deref(node, schema)
        node = (
            node.get("items")
            if isinstance(part, int)
            else node.get("properties", {}).get(part, node.get("additionalProperties"))
        )
        if not isinstance(node, dict):
            return []
    return sorted(_deref(node, schema).get("properties", {}))


def _deref(node: Any, schema: dict[str, Any]) -> dict[str, Any]:
    for choice in [node, *node.get("anyOf", []), *node.get("allOf", [])]:
        if "$ref" in choice:
            found: dict[str, Any] = schema["$defs"][choice["$ref"].rsplit("/", 1)[1]]
            return found
    return dict(node)


def _meant(given: str, allowed: list[str]) -> str:
    close = get_close_matches(given, allowed, n=1)
    return f", did you mean {close[0]!r}?" if close else ""


def _one_of(kind: str, given: str, allowed: list[str]) -> str:
    return f"there is no {kind} {given!r}{_meant(given, allowed)}; there are: {', '.join(sorted(allowed)) or 'none'}"


def _policy(policy: Policy, known: Known) -> Iterator[Said]:
    if policy.detect.source not in known.sources:
        yield "$.detect.source", _one_of("detector", policy.detect.source, list(known.sources))
    yield from _runbook(policy.runbook, known)
    yield from _verify("$.verify", policy.verify, known)
    playbook = known.playbooks.get(policy.respond.playbook)
    if playbook is None:
        yield "$.respond.playbook", _one_of("playbook", policy.respond.playbook, list(known.playbooks))
        return
    yield from _arguments(policy, playbook)
    yield from _undo(policy, playbook, known)
    if policy.detect.source in known.sources:
        yield from _tests(policy, known)


def _runbook(runbook: str, known: Known) -> Iterator[Said]:
    if not (known.root / runbook).is_file():
        yield "$.runbook", f"there is no file {runbook}"


def _verify(path: str, verify: VerifyWith, known: Known) -> Iterator[Said]:
    probe = known.catalogue.probes.get(verify.probe)
    if probe is None:
        yield f"{path}.probe", _one_of("probe", verify.probe, list(known.catalogue.probes))
        return
    yield from _named(f"{path}.with", verify.with_, probe.arguments, f"probe {probe.id}")


def _named(path: str, said: Mapping[str, Any], schema: dict[str, Any], whose: str) -> Iterator[Said]:
    """Arguments by name: none missing, none too many; their values are known only when the plan is drawn."""
    given = {name.removesuffix(extract.MARK) for name in said}
    allowed = list(schema.get("properties", {}))
    for name in sorted(set(schema.get("required", [])) - given):
        yield path, f"misses {name!r}, which {whose} needs"
    for name in sorted(given - set(allowed)):
        yield path, f"{whose} has no argument {name!r}{_meant(name, allowed)}; it has: {', '.join(allowed)}"


def _arguments(policy: Policy, playbook: Playbook) -> Iterator[Said]:
    given = {name.removesuffix(extract.MARK) for name in policy.respond.with_}
    for name, parameter in playbook.parameters.items():
        if parameter.required and name not in given:
            yield "$.respond.with", f"misses {name!r}, which playbook {playbook.id} needs: {parameter.title}"
    for name in sorted(given - set(playbook.parameters)):
        yield (
            "$.respond.with",
            f"playbook {playbook.id} has no parameter {name!r}{_meant(name, list(playbook.parameters))}",
        )


def _undo(policy: Policy, playbook: Playbook, known: Known) -> Iterator[Said]:
    if policy.on_failure[0] != "revert":
        return
    for stage in playbook.stages:
        for step in stage.steps:
            action = known.catalogue.actions.get(step.action)
            if action and action.restores:
                reason = f"{action.id} brings back an earlier state, so undoing it would bring back the trouble"
                yield "$.on-failure", f"'revert' is not allowed: {reason}; allowed: hold"


def _tests(policy: Policy, known: Known) -> Iterator[Said]:
    if not policy.tests:
        yield "$.tests", "is empty: a policy shows one event that fires it and one that does not"
    for index, trial in enumerate(trials(policy, known.events)):
        if not trial.passed:
            yield f"$.tests[{index}]", f"{trial.test!r}: expected {trial.expected}, got {trial.got}"


def _playbook(playbook: Playbook, known: Known) -> Iterator[Said]:
    yield from _runbook(playbook.runbook, known)
    for at, stage in enumerate(playbook.stages):
        for number, step in enumerate(stage.steps):
            path = f"$.stages[{at}].steps[{number}]"
            action = known.catalogue.actions.get(step.action)
            if (step.target is None) == (step.target_path is None):
                yield path, "needs either target or target.$"
            if action is None:
                yield f"{path}.action", _one_of("action", step.action, list(known.catalogue.actions))
            else:
                yield from _named(f"{path}.with", step.with_, action.arguments, f"action {action.id}")
            if step.verify:
                yield from _verify(f"{path}.verify", step.verify, known)


def _service(service: Service) -> Iterator[Said]:
    for index, resource in enumerate(service.resources):
        if not resource.arn.startswith("arn:"):
            yield f"$.resources[{index}].arn", f"{resource.arn!r} is not an ARN"
