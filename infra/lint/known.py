"""What documents may refer to, and the events that are known."""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from decide.chain import CHAIN
from edsr.declare import Detector
from edsr.entries import ActionEntry, Catalogue, PlannedActionEntry, PlannedProbeEntry, ProbeEntry
from edsr.policy import Playbook

Event = dict[str, Any]


class Known:
    """Entries, playbooks, the calendars' windows, runbooks below `root`, and the events below `events`, by their path.

    `written` are the playbooks, `objectives` the objectives that have a file, whether it could be read or not.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        detectors: Mapping[str, Detector],
        playbooks: Mapping[str, Playbook],
        written: frozenset[str],
        root: Path,
        events: Path,
        calendars: Mapping[str, tuple[str, ...]],
        objectives: frozenset[str] = frozenset(),
    ) -> None:
        self.catalogue, self.detectors = catalogue, detectors
        self.playbooks, self.written = playbooks, written
        self.root, self.folder = root, events
        self.calendars, self.objectives = calendars, objectives

    @cached_property
    def events(self) -> dict[str, Event]:
        """Every known event; files that hold no JSON object are none."""
        return known_events(self.folder)

    def kinds(self, playbook: str) -> set[str]:
        """The kinds of resource that a playbook acts on."""
        found = self.playbooks.get(playbook)
        steps = [step for stage in found.stages for step in stage.steps] if found else []
        actions = (self.action(step.action) for step in steps)
        return {action.resource for action in actions if action}

    def action(self, name: str) -> ActionEntry | PlannedActionEntry | None:
        """An action by its id, also one that is only planned."""
        return self.catalogue.actions.get(name) or self.catalogue.planned_actions.get(name)

    def probe(self, name: str) -> ProbeEntry | PlannedProbeEntry | None:
        """A probe by its id, also one that is only planned."""
        return self.catalogue.probes.get(name) or self.catalogue.planned_probes.get(name)


def known_events(folder: Path) -> dict[str, Event]:
    """The events below a folder, by their path there."""
    read = {str(file.relative_to(folder)): _event(file) for file in sorted(folder.rglob("*.json"))}
    return {name: event for name, event in read.items() if event is not None}


def gates() -> list[str]:
    """The names of the gates, in the order in which they are asked."""
    return [gate.check.__name__.replace("_", "-") for gate in CHAIN]


def _event(file: Path) -> Event | None:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return said if isinstance(said, dict) else None
