"""An incident with everything that was written about it: what its end has to be judged by."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from edsr.model import Direction, Plan, Status, Step
from edsr.ports import Item, Store
from edsr.protocol.approval import Asking, last
from edsr.protocol.incident import Incident
from edsr.protocol.keys import HEAD
from edsr.protocol.measures import CHANGED, Measure, live


@dataclass(frozen=True)
class Case:
    """An incident and all of its items by their sort keys."""

    incident: Incident
    items: Mapping[str, Item]

    @classmethod
    def look(cls, store: Store, incident_id: str) -> Self | None:
        """Read it in one call; None when there is no such incident."""
        items = {item["sk"]: item for item in store.partition("state", f"INC#{incident_id}")}
        return cls(Incident.of(items[HEAD]), items) if HEAD in items else None

    @cached_property
    def plan(self) -> Plan | None:
        """Its plan, once there is one."""
        return Plan.model_validate_json(self.items["PLAN"]["body"]) if "PLAN" in self.items else None

    @property
    def steps(self) -> list[Step]:
        """Every step of its plan."""
        return [step for stage in self.plan.stages for step in stage.steps] if self.plan else []

    @property
    def targets(self) -> set[str]:
        """What it may hold locks on and lets go of. Where nobody knows what came of a call it may yet take effect: such
        a lock is kept, and ends by itself."""
        kept = {step.target for step in self.steps if step.n in self.unsettled}
        return {step.target for step in self.steps} - kept

    @property
    def begun(self) -> bool:
        """Whether anything was ever intended."""
        return any(name.startswith("STEP#") for name in self.items)

    @property
    def context(self) -> str:
        """What its steps found around their targets, for who is paged."""
        kept = [item["pre"].get("evidence", {}) for name, item in sorted(self.items.items()) if _applies(name)]
        return "; ".join(line for evidence in kept for line in evidence.get("context", []))

    @property
    def unsettled(self) -> set[int]:
        """The steps that were intended, and of which nothing says what came, or that nobody knows."""
        return self._numbers("INTENT") | self._numbers(Status.UNKNOWN)

    @property
    def standing(self) -> list[Step]:
        """The steps that changed something, or may have, and are not undone."""
        return [step for step in self.steps if self._did(step) and self._item(step, Direction.REVERT) not in CHANGED]

    @property
    def undoable(self) -> list[Step]:
        """Those of them that may be undone: what their policy lets be undone, and what is only for a while."""
        temporary = {measure.n for measure in self.measures}
        done = (Status.DONE, Status.RECOVERED)
        return [
            step
            for step in self.standing
            if (step.revertible or step.n in temporary) and self._item(step, Direction.APPLY) in done
        ]

    def _did(self, step: Step) -> bool:
        return self._item(step, Direction.APPLY) in ("INTENT", Status.DONE, Status.RECOVERED, Status.UNKNOWN)

    def _item(self, step: Step, direction: Direction) -> str:
        return str(self.items.get(f"STEP#{step.n}#{direction}", {}).get("st", ""))

    def _numbers(self, st: str) -> set[int]:
        """The steps that stand so, in either direction."""
        steps = {name: item for name, item in self.items.items() if name.startswith("STEP#")}
        return {int(name.split("#")[1]) for name, item in steps.items() if item["st"] == st}

    @property
    def measures(self) -> list[Measure]:
        """The temporary measures in place."""
        return live(self.items)

    def without(self, over: Collection[int]) -> Self:
        """The same, without the temporary measures of these steps."""
        names = {f"EXP#{n}" for n in over}
        return replace(self, items={name: item for name, item in self.items.items() if name not in names})

    @property
    def asking(self) -> Asking | None:
        """The last time a person was asked."""
        return last(self.items)

    def actions(self, denied: Iterable[int]) -> set[str]:
        """The actions of steps that were denied: these, and those whose outcome says so."""
        return {step.action for step in self.steps if step.n in self._numbers(Status.DENIED) | set(denied)}


def _applies(name: str) -> bool:
    """Whether an item is a step's that was to change something."""
    return name.startswith("STEP#") and name.endswith(f"#{Direction.APPLY}")
