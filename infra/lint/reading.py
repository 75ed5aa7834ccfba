"""Reading the documents of a folder: each as its model, or every field that is wrong with what is allowed there."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from edsr.errors import DocumentInvalid
from edsr.extract import ExpressionInvalid
from edsr.pattern import PatternInvalid
from edsr.policy import Calendar, Objective, Playbook, Policy, Service
from edsr.policy.library import json_path, parse
from infra.lint import rules
from infra.lint.arguments import unreadable_rules
from infra.lint.phrases import meant, nearest
from infra.lint.places import line_of, twin
from infra.lint.problem import Location, Problem, Said

Model = TypeVar("Model", Policy, Playbook, Objective, Service, Calendar)

_ID = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"


@dataclass(frozen=True)
class Document(Generic[Model]):
    """A document as read, and its text, in which lines are counted."""

    name: str
    text: str
    said: Model

    def problem(self, said: Said) -> Problem:
        """What a rule says about it, as a problem with its line."""
        return Problem(self.name, line_of(self.text, said.at), json_path(said.at), said.rule, said.what)


@dataclass(frozen=True)
class Folder(Generic[Model]):
    """The documents of one folder that could be read, and the names of all there are."""

    documents: list[Document[Model]]
    names: frozenset[str]

    @property
    def all(self) -> dict[str, Model]:
        """Every document by its id."""
        return {document.said.id: document.said for document in self.documents}


def read(folder: Path, model: type[Model], root: Path, problems: list[Problem]) -> Folder[Model]:
    """Read the documents of one kind; what is wrong with them is added to `problems`."""
    files = sorted(folder.glob("*.json"))
    found = [document for file in files if (document := _read(file, model, root, problems))]
    for document in found:
        if document.said.id != (stem := Path(document.name).stem):
            what = f"{document.said.id!r} must equal the file's name, {stem!r}"
            problems.append(document.problem(Said(rules.OTHER_ID, ("id",), what)))
    return Folder(found, frozenset(file.stem for file in files))


def _read(file: Path, model: type[Model], root: Path, problems: list[Problem]) -> Document[Model] | None:
    name, text = str(file.relative_to(root.parent)), ""
    try:
        text = file.read_text(encoding="utf-8")
        return Document(name, text, parse(name, text, model))
    except UnicodeDecodeError as exc:
        line = exc.object.count(b"\n", 0, exc.start) + 1
        problems.append(Problem(name, line, "$", rules.NOT_TEXT, f"not UTF-8: {exc.reason} at byte {exc.start}"))
    except DocumentInvalid as exc:
        problems += _unreadable(name, text, exc, model)
    return None


def _unreadable(name: str, text: str, invalid: DocumentInvalid, model: type[BaseModel]) -> Iterator[Problem]:
    """Why a document could not be read: one problem for text that is no JSON, else one for every wrong field."""
    cause = invalid.__cause__
    if isinstance(cause, json.JSONDecodeError):
        yield Problem(name, cause.lineno, invalid.path, rules.NOT_JSON, invalid.reason)
    elif isinstance(cause, ValidationError):
        for said in fields(cause, model):
            yield Problem(name, line_of(text, said.at), json_path(said.at), said.rule, said.what)
    elif isinstance(cause, RecursionError):
        yield Problem(name, 1, invalid.path, rules.NOT_JSON, "nested too deeply to be read")
    else:
        at, line = twin(text)
        yield Problem(name, line, json_path(at), rules.TWIN_KEY, invalid.reason)


def fields(invalid: ValidationError, model: type[BaseModel]) -> Iterator[Said]:
    """What is wrong with each field. One that is only misspelled is not said to be missing besides."""
    found = [said for error in invalid.errors() for said in _said(error, model)]
    unknown = [said for said in found if said.rule is rules.UNKNOWN_KEY]
    spelled = {
        (*said.at[:-1], key) for said in unknown for key in nearest(str(said.at[-1]), _keys(model, said.at[:-1]))
    }
    yield from (said for said in found if said.rule is not rules.MISSING or said.at not in spelled)


def _said(error: Any, model: type[BaseModel]) -> Iterator[Said]:
    at: Location = error["loc"]
    match error["type"]:
        case "extra_forbidden":
            key, allowed = str(at[-1]), sorted(_keys(model, at[:-1]))
            what = f"unknown key {key!r}{meant(key, allowed)}; allowed: {', '.join(allowed)}"
            yield Said(rules.UNKNOWN_KEY, at, what)
        case "enum" | "literal_error":
            given = str(error["input"])
            allowed = [word.strip("' ") for word in error["ctx"]["expected"].replace(" or ", ", ").split(",")]
            what = f"{given!r} is not allowed{meant(given, allowed)}; allowed: {', '.join(allowed)}"
            yield Said(rules.NOT_ALLOWED, at, what)
        case "missing":
            about = _keys(model, at[:-1]).get(str(at[-1]), {}).get("description")
            yield Said(rules.MISSING, at, f"is missing: {about}" if about else "is missing")
        case "value_error":
            yield from _refused(error, at)
        case "string_pattern_mismatch" if error["ctx"]["pattern"] == _ID:
            what = f"{error['input']!r} is no id: small letters, digits and dashes, beginning with a letter"
            yield Said(rules.BAD_VALUE, at, what)
        case kind if kind.startswith("time_delta"):
            what = f"{error['input']!r} is not a duration; write ISO 8601, such as PT15M"
            yield Said(rules.NOT_A_DURATION, at, what)
        case _:
            yield Said(rules.BAD_VALUE, at, _plainly(error))


def _refused(error: Any, at: Location) -> Iterator[Said]:
    """What a check of ours refused; a pattern's own path leads on into the document."""
    refusal = error["ctx"]["error"]
    if isinstance(refusal, ExpressionInvalid):
        yield from unreadable_rules(at, error["input"])
    elif isinstance(cause := refusal.__cause__, PatternInvalid):
        what = f"not an event pattern: {_operator(cause.reason)}"
        yield Said(rules.NOT_A_PATTERN, (*at, *_steps(cause.path)), what)
    elif "EventBridge takes" in str(refusal):
        yield Said(rules.PATTERN_TOO_LONG, at, str(refusal))
    else:
        yield Said(rules.NOT_A_DURATION if "duration" in str(refusal) else rules.BAD_VALUE, at, _plainly(error))


def _plainly(error: Any) -> str:
    return f"{error['msg'].removeprefix('Value error, ')} (got {json.dumps(error['input'], default=str)[:80]})"


def _operator(reason: str) -> str:
    """A reason, with the operator that was probably meant."""
    found = re.match(r"unknown operator '(.*?)'; allowed: (.*)", reason)
    return reason.replace(";", f"{meant(found[1], found[2].split(', '))};", 1) if found else reason


def _steps(path: str) -> Location:
    """The keys and indices of a pattern's JSON path, `$.detail['a b'][0]`."""
    found = re.findall(r"\.([\w$-]+)|\[(\d+)\]|\[(['\"])(.*?)\3\]", path)
    return tuple(int(index) if index else name or quoted for name, index, _, quoted in found)


def _keys(model: type[BaseModel], location: Location) -> dict[str, Any]:
    """The keys allowed at a place in a document, each with its schema."""
    schema = model.model_json_schema(by_alias=True)
    node: Any = schema
    for part in location:
        node = _followed(node, schema)
        is_index = isinstance(part, int)
        node = node.get("items") if is_index else node.get("properties", {}).get(part, node.get("additionalProperties"))
        if not isinstance(node, dict):
            return {}
    return dict(_followed(node, schema).get("properties", {}))


def _followed(node: Any, schema: dict[str, Any]) -> dict[str, Any]:
    """The part of the schema that a reference names."""
    for choice in [node, *node.get("anyOf", []), *node.get("allOf", [])]:
        if "$ref" in choice:
            found: dict[str, Any] = schema["$defs"][choice["$ref"].rsplit("/", 1)[1]]
            return found
    return dict(node)
