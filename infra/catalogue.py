"""What there is: every function, detector, action, probe and selector in functions/, and every reader."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from edsr.declare import Action, Detector, Function, Permission, PlannedAction, PlannedProbe, Poll, Probe, Reader
from edsr.entries import (
    ActionEntry,
    Catalogue,
    PlannedActionEntry,
    PlannedProbeEntry,
    ProbeEntry,
    SelectorEntry,
)
from edsr.selecting import Selector
from edsr.serve import Handler
from infra import FUNCTIONS, LAYERS
from infra.errors import DeclarationInvalid

T = TypeVar("T")
EntryModel = TypeVar("EntryModel", ActionEntry, ProbeEntry, SelectorEntry, PlannedActionEntry, PlannedProbeEntry)
Planned = TypeVar("Planned", PlannedAction, PlannedProbe)

STAGES = ("*/handler.py",)
READERS = "edsr.aws.readers"
BESIDE = (
    "approve/answer.py",
    "control/rehearse.py",
    "control/switch.py",
    "detect/heartbeat.py",
    "record/compare.py",
    "record/digest.py",
    "record/shown.py",
    "sweep/missed.py",
)
"""Functions beside the stages' own: of people and dashboards, heartbeat, export, digests, and the sweep of the bus."""

PAGE = ("approve/asked.py", "approve/page.py")
"""Those of the page of approvals, which an environment has only where it says who says who people are."""


@dataclass(frozen=True)
class Entry:
    """One Lambda function: the module its handler is in, what it declares, and all that it may do."""

    module: str
    declared: Function
    permissions: tuple[Permission, ...]

    @property
    def stage(self) -> str:
        """The package it belongs to, which is also its code asset."""
        return self.module.split(".")[0]

    @property
    def name(self) -> str:
        """`edsr-decide` for `decide.handler`, `edsr-act-shift-alias` for `act.actuators.shift_alias`."""
        last = self.module.rsplit(".", 1)[1]
        parts = [self.stage] if last == "handler" else [self.stage, last.replace("_", "-")]
        return "-".join(["edsr", *parts])

    def may_also(self, *permissions: Permission) -> "Entry":
        """The same function with more permissions, each written once."""
        return replace(self, permissions=tuple(dict.fromkeys((*self.permissions, *permissions))))


@dataclass(frozen=True)
class Discovered:
    """Everything declared. Functions and actions by module, detectors by source, readers by name, the rest by id. The
    `page` has functions of its own, which are not deployed everywhere."""

    functions: dict[str, Entry] = field(default_factory=dict)
    page: dict[str, Entry] = field(default_factory=dict)
    detectors: dict[str, Detector] = field(default_factory=dict)
    actions: dict[str, Action] = field(default_factory=dict)
    probes: dict[str, Probe] = field(default_factory=dict)
    readers: dict[str, Reader] = field(default_factory=dict)
    polls: dict[str, Poll] = field(default_factory=dict)
    detector_of: dict[str, Entry] = field(default_factory=dict)
    planned_actions: dict[str, PlannedAction] = field(default_factory=dict)
    planned_probes: dict[str, PlannedProbe] = field(default_factory=dict)
    selectors: dict[str, Selector] = field(default_factory=dict)

    def stage(self, name: str) -> Entry:
        """The one function of a stage; DeclarationInvalid when the stage has none."""
        try:
            return self.functions[f"{name}.handler"]
        except KeyError:
            raise DeclarationInvalid(f"functions/{name}/handler.py: there is no such file") from None

    def family(self, stage: str) -> list[Entry]:
        """Every function of a stage."""
        return [entry for entry in self.functions.values() if entry.stage == stage]


@cache
def discover(root: Path = FUNCTIONS) -> Discovered:
    """Import every stage and read its declarations; DeclarationInvalid names the module that lacks one."""
    found = Discovered()
    for module in (module for place in (*STAGES, *BESIDE) for module in _modules(root, place)):
        found.functions[module] = _entry(module)
    for module in (module for place in PAGE for module in _modules(root, place)):
        found.page[module] = _entry(module)
    for module in _modules(root, "detect/detectors/*.py"):
        detector = _declaration(module, "DETECTOR", Detector)
        found.functions[module] = found.detector_of[detector.source] = _entry(module)
        found.detectors[detector.source] = detector
    found.readers.update({module: _declaration(f"{READERS}.{module}", "READER", Reader) for module in _readers()})
    for module in _modules(root, "act/actuators/*.py"):
        found.actions[module] = action = _declaration(module, "ACTION", Action)
        looks = _reader_of(action, found.readers).permissions
        found.functions[module] = _entry(module).may_also(*looks, *action.permissions)
        found.functions["plan.handler"] = found.stage("plan").may_also(*looks)
    for module in _modules(root, "verify/probes/*.py"):
        probe = _declaration(module, "PROBE", Probe)
        found.probes[probe.id] = probe
        found.functions["verify.handler"] = found.stage("verify").may_also(*probe.permissions)
    for module in _modules(root, "plan/selectors/*.py"):
        selector = _declaration(module, "SELECTOR", Selector)
        found.selectors[selector.id] = selector
        found.functions["plan.handler"] = found.stage("plan").may_also(*selector.permissions)
    for module in _modules(root, "sweep/polls/*.py"):
        poll = _declaration(module, "POLL", Poll)
        found.polls[poll.id] = poll
        found.functions["sweep.missed"] = found.functions["sweep.missed"].may_also(*poll.permissions)
    built = {action.id for action in found.actions.values()}
    found.planned_actions.update(planned(root, "act/planned.py", PlannedAction, built))
    found.planned_probes.update(planned(root, "verify/planned.py", PlannedProbe, set(found.probes)))
    return found


@cache
def catalogue() -> Catalogue:
    """Every action, probe and selector, as plan and lint read them; the planned ones apart."""
    found = discover()
    return Catalogue(
        actions={
            action.id: _entered(action, ActionEntry, function=found.functions[module].name)
            for module, action in found.actions.items()
        },
        probes={name: _entered(probe, ProbeEntry) for name, probe in found.probes.items()},
        planned_actions={name: _entered(item, PlannedActionEntry) for name, item in found.planned_actions.items()},
        planned_probes={name: _entered(item, PlannedProbeEntry) for name, item in found.planned_probes.items()},
        selectors={name: _entered(item, SelectorEntry) for name, item in found.selectors.items()},
    )


def _entered(
    declared: Action | Probe | Selector | PlannedAction | PlannedProbe, entry: type[EntryModel], **besides: str
) -> EntryModel:
    said = {name: getattr(declared, name) for name in entry.model_fields if hasattr(declared, name)}
    return entry.model_validate({**said, **besides, "arguments": declared.arguments.model_json_schema()})


def planned(root: Path, pattern: str, kind: type[Planned], built: set[str]) -> dict[str, Planned]:
    """What a stage's `planned.py` lists, by id. DeclarationInvalid for what is built already: it is planned no more."""
    listed: dict[str, Planned] = {}
    for module in _modules(root, pattern):
        for item in _declaration(module, "PLANNED", tuple):
            if not isinstance(item, kind) or item.id in built | set(listed):
                what = f"{getattr(item, 'id', item)!r} is no {kind.__name__}, or there twice, or built already"
                raise DeclarationInvalid(f"functions/{pattern}: {what}")
            listed[item.id] = item
    return listed


def _modules(root: Path, pattern: str) -> Iterator[str]:
    for file in sorted(root.glob(pattern)):
        if file.name != "__init__.py":
            yield ".".join(file.relative_to(root).with_suffix("").parts)


def _readers() -> list[str]:
    return list(_modules(LAYERS / "core" / "python" / "edsr" / "aws" / "readers", "*.py"))


def _reader_of(action: Action, readers: dict[str, Reader]) -> Reader:
    reader = readers.get(action.reader)
    if reader is None or reader.resource != action.resource:
        raise DeclarationInvalid(f"action {action.id}: edsr/aws/readers/{action.reader}.py reads no {action.resource}")
    return reader


def _entry(module: str) -> Entry:
    handler: Handler[Any] = _declaration(module, "handler", Handler)
    return Entry(module, handler.declared, tuple(dict.fromkeys(handler.declared.permissions)))


def _declaration(module: str, name: str, kind: type[T]) -> T:
    found = getattr(importlib.import_module(module), name, None)
    if not isinstance(found, kind):
        raise DeclarationInvalid(
            f"functions/{module.replace('.', '/')}.py: needs `{name}`, a {kind.__module__}.{kind.__name__}; "
            f"found {type(found).__name__}"
        )
    return found
