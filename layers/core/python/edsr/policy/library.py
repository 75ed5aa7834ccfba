"""The library: every policy, playbook, objective, service and calendar of one deployment, read by id when asked for."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import Any, NamedTuple, Self, TypeVar

from pydantic import BaseModel, ValidationError

from edsr.entries import Catalogue
from edsr.errors import DocumentInvalid
from edsr.model import Subject
from edsr.policy.calendars import Calendar
from edsr.policy.documents import Playbook, Policy
from edsr.policy.objectives import Objective
from edsr.policy.services import EnvironmentPeople, Service

Document = TypeVar("Document", bound=BaseModel)
Named = TypeVar("Named", Policy, Playbook, Objective)

_FILLED: tuple[type[BaseModel], ...] = (Objective, Service)
"""Documents that may hold ${account} and ${region}."""

_ID = re.compile(r"[a-z0-9-]{1,48}")

BUNDLE = "edsr_policies"
"""The package that the policies' layer puts beside the code."""


class Fleet(NamedTuple):
    """How many resources of one kind a service has."""

    service: str
    size: int


class Library:
    """Documents under one folder: `*.json`, `playbooks/*.json`, `objectives/*.json`, `services/*.json`,
    `calendars/*.json`, `catalogue.json`, `environment/people.json`.

    `values` fills `${account}` and `${region}` in services and objectives. Every reading method raises DocumentInvalid.
    """

    def __init__(self, root: Traversable, values: Mapping[str, str] | None = None) -> None:
        self._root = root
        self._values = dict(values or {})

    @classmethod
    def installed(cls) -> Self:
        """The library that was deployed with this function."""
        return cls(files(BUNDLE))

    @classmethod
    def at(cls, root: Path, values: Mapping[str, str] | None = None) -> Self:
        """The library in a folder of the repository."""
        return cls(root, values)

    def policy(self, identity: str) -> Policy:
        """The policy with this id."""
        return self._named(self._root, identity, Policy)

    def playbook(self, identity: str) -> Playbook:
        """The playbook with this id."""
        return self._named(self._root / "playbooks", identity, Playbook)

    def objective(self, identity: str) -> Objective:
        """The objective with this id."""
        return self._named(self._root / "objectives", identity, Objective)

    def policies(self) -> list[Policy]:
        """Every policy, in the order of their ids."""
        return [self._read(file, Policy) for file in _documents(self._root) if file.name != "catalogue.json"]

    def playbooks(self) -> list[Playbook]:
        """Every playbook, in the order of their ids."""
        return [self._read(file, Playbook) for file in _documents(self._root / "playbooks")]

    def objectives(self) -> list[Objective]:
        """Every objective, in the order of their ids."""
        return [self._read(file, Objective) for file in _documents(self._root / "objectives")]

    def services(self) -> list[Service]:
        """Every service, in the order of their ids."""
        return [self._read(file, Service) for file in _documents(self._root / "services")]

    def calendars(self) -> list[Calendar]:
        """Every calendar, in the order of their ids."""
        return [self._read(file, Calendar) for file in _documents(self._root / "calendars")]

    def spans(self) -> dict[str, tuple[str, ...]]:
        """The windows of every calendar, by its id."""
        return {calendar.id: tuple(calendar.windows) for calendar in self.calendars()}

    def catalogue(self) -> Catalogue:
        """Every action and probe there is."""
        return self._read(self._root / "catalogue.json", Catalogue)

    def people(self) -> EnvironmentPeople:
        """Who may answer and switch for every service of this environment."""
        return self._read(self._root / "environment" / "people.json", EnvironmentPeople)

    def owner(self, arn: str) -> Service | None:
        """The service that a resource belongs to; None when the catalogue knows of none."""
        return next((service for service in self.services() if service.owns(arn)), None)

    def enrich(self, subject: Subject) -> Subject:
        """Add what the catalogue knows about the subject; unknown things stay unknown."""
        service = self.owner(subject.arn)
        if service is None:
            return subject
        known = {"service": service.id, "environment": service.environment, "tier": service.tier}
        return subject.model_copy(update=known)

    def fleet(self, kind: str, arn: str) -> Fleet | None:
        """The resources of a kind of the service that has this one among them; None when no service of them has."""
        owner = next((service for service in self.services() if service.names(kind, arn)), None)
        return Fleet(owner.id, sum(item.kind == kind for item in owner.resources)) if owner else None

    def catalogued(self, kind: str) -> list[str]:
        """The ARNs of every resource of a kind, whosever it is."""
        return sorted({item.arn for service in self.services() for item in service.resources if item.kind == kind})

    def protected(self, arn: str) -> str:
        """Why a resource is never touched, whichever service says so; nothing when none does."""
        services = self.services()
        owned = (service.resource(arn) for service in services)
        tags = next((resource.tags for resource in owned if resource), {})
        return next((reason for service in services if (reason := service.protects(arn, tags))), "")

    def managed_by(self, arn: str) -> str | None:
        """The other hand that changes a resource, where the catalogue names one."""
        found = (service.resource(arn) for service in self.services())
        return next((resource.managed_by for resource in found if resource), None)

    def reversible(self, arn: str) -> bool:
        """Whether the catalogue says of what runs by itself that to stop it takes it back."""
        found = (service.resource(arn) for service in self.services())
        return next((resource.reversible for resource in found if resource), False)

    def _named(self, folder: Traversable, identity: str, model: type[Named]) -> Named:
        """The document of that name, which has to call itself so."""
        file = folder / f"{identity}.json"
        if not _ID.fullmatch(identity):
            raise DocumentInvalid(str(folder), "$.id", f"{identity[:48]!r} is no id: small letters, digits and dashes")
        document = self._read(file, model)
        if document.id != identity:
            raise DocumentInvalid(str(file), "$.id", f"{document.id!r} has to be the file's name, {identity!r}")
        return document

    def _read(self, file: Traversable, model: type[Document]) -> Document:
        return _read(file, model, self._values if model in _FILLED else None)


class Kept(Library):
    """A library whose documents do not change while it is used: every finding asks for them, and each is read once."""

    def __init__(self, root: Traversable, values: Mapping[str, str] | None = None) -> None:
        super().__init__(root, values)
        self._known: dict[tuple[str, type[BaseModel]], Any] = {}

    def _read(self, file: Traversable, model: type[Document]) -> Document:
        key = (str(file), model)
        if key not in self._known:
            self._known[key] = super()._read(file, model)
        known: Document = self._known[key]
        return known


@cache
def installed() -> Library:
    """The library that was deployed with this function, once for the life of the process."""
    return Kept.installed()


def _documents(folder: Traversable) -> Iterator[Traversable]:
    if folder.is_dir():
        yield from sorted(
            (file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda file: file.name
        )


def _read(file: Traversable, model: type[Document], values: Mapping[str, str] | None = None) -> Document:
    try:
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise DocumentInvalid(str(file), "$", "there is no such file") from exc
    except UnicodeDecodeError as exc:
        raise DocumentInvalid(str(file), "$", f"not UTF-8: {exc}") from exc
    return parse(str(file), Template(text).safe_substitute(values) if values else text, model)


def parse(name: str, text: str, model: type[Document]) -> Document:
    """Read one document from its text; DocumentInvalid names the first thing that is wrong."""
    try:
        return model.model_validate(json.loads(text, object_pairs_hook=_no_twins))
    except json.JSONDecodeError as exc:
        raise DocumentInvalid(name, "$", f"not JSON: {exc.msg} (line {exc.lineno}, column {exc.colno})") from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        raise DocumentInvalid(name, json_path(first["loc"]), first["msg"]) from exc
    except (ValueError, RecursionError) as exc:
        raise DocumentInvalid(name, "$", str(exc)) from exc


def json_path(location: tuple[int | str, ...]) -> str:
    """`$.respond.mode` from a location inside a document."""
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twin = next(key for index, (key, _) in enumerate(pairs) if key in dict(pairs[:index]))
        raise ValueError(f"the key {twin!r} is given twice")
    return found
