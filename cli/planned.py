"""What a plan would change, as people are shown it: each step with what is now and what it would reach."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from edsr.timeline import changes
from infra.catalogue import discover


class Change(NamedTuple):
    """One step: which, of which stage, what is done to what, what it changes, and who judges it for how long."""

    n: int
    stage: int
    action: str
    target: str
    change: str
    judged_by: str
    reversible: bool
    expires: int | None


def planned(plan: Mapping[str, Any]) -> list[Change]:
    """Every step of a plan's JSON, as the audit has it."""
    return [_change(number, step) for number, stage in enumerate(plan["stages"], 1) for step in stage["steps"]]


def reached(action: str, args: dict[str, Any]) -> dict[str, Any]:
    """The state that an action would reach; its arguments where the catalogue does not know it any more."""
    found = discover()
    module = next((name for name, declared in found.actions.items() if declared.id == action), None)
    state: dict[str, Any] = import_module(module).goal(args) if module else args
    return state


def irreversible(steps: Iterable[Change]) -> bool:
    """Whether any of it cannot be taken back."""
    return not all(step.reversible for step in steps)


def _change(stage: int, step: Mapping[str, Any]) -> Change:
    verify = step["verify"]
    return Change(
        step["n"],
        stage,
        step["action"],
        step["target"],
        changes(step["pre"], reached(step["action"], step["args"])),
        f"{verify['probe']}, within {verify['within']} s",
        step["reversible"],
        step.get("expires"),
    )
