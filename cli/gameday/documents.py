"""Game days as files, and the suite's documents as they are deployed for them: the shipped ones, and what differs."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cli import POLICIES, ROOT
from cli.errors import Unavailable
from cli.gameday.filling import fill, merged
from cli.gameday.scenario import Scenario
from cli.stack import ACCOUNT, REGION
from edsr.model import Mode
from edsr.policy.library import parse

FOLDER = ROOT / "gamedays"
DEPLOYED = frozenset({"account", "region"})
"""What services leave open for a deployment to fill in."""


def every(folder: Path = FOLDER) -> list[Scenario]:
    """All game days, by id, those that use up what all share at the end. Raises DocumentInvalid."""
    found = [read(file) for file in sorted(folder.glob("*.json"))]
    return sorted(found, key=lambda scenario: (scenario.last, scenario.id))


def read(file: Path) -> Scenario:
    """A game day from its file. Raises DocumentInvalid."""
    scenario = parse(file.name, file.read_text(encoding="utf-8"), Scenario)
    if scenario.id != file.stem:
        raise Unavailable(f"{file.name}: the id is {scenario.id}, and has to be the file's name")
    return scenario


def named(names: Sequence[str]) -> list[Scenario]:
    """The game days with these names; Unavailable says which there are."""
    found = {scenario.id: scenario for scenario in every()}
    if unknown := [name for name in names if name not in found]:
        raise Unavailable(f"there is no game day {', '.join(unknown)}; there are {', '.join(found)}")
    return [found[name] for name in names]


def modes(scenarios: Sequence[Scenario]) -> dict[str, str]:
    """The modes that are raised; two days that share a policy have to agree."""
    raised: dict[str, Mode] = {}
    for scenario in scenarios:
        for policy, mode in scenario.modes.items():
            if raised.setdefault(policy, mode) is not mode:
                raise Unavailable(
                    f"{scenario.id} wants {policy} in {mode.value}, and another in {raised[policy].value}"
                )
    return {policy: mode.value for policy, mode in raised.items()}


def write(folder: Path, scenarios: Sequence[Scenario], kept: Mapping[str, Mapping[str, Any]]) -> Path:
    """The documents in a folder of their own; `kept` is what each day's estate kept."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(POLICIES, folder)
    said: dict[str, tuple[str, Any]] = {}
    for scenario in scenarios:
        for name, differs in scenario.documents.items():
            filled = fill(differs, kept[scenario.id], but=DEPLOYED)
            other, before = said.setdefault(name, (scenario.id, filled))
            if before != filled:
                raise Unavailable(
                    f"{scenario.id} and {other} want {name} otherwise: give one of them a name of its own"
                )
    for name, (_, differs) in said.items():
        file = folder / name
        shipped = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        file.write_text(json.dumps(merged(shipped, differs), indent=2), encoding="utf-8")
    return folder


def here() -> dict[str, Any]:
    """What every day knows."""
    return {"account": ACCOUNT, "region": REGION}
