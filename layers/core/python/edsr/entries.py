"""The catalogue of what can be done: written at synth of what is declared, read by plan, decide and lint."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from edsr.declare import of_kind


class ActionEntry(BaseModel):
    """An action as the stages read it from the generated catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    title: str
    function: str
    resource: str
    klass: Literal["A", "B", "C", "D"]
    reversible: bool
    restores: bool
    customer_visible: bool
    temporary: bool = False
    yields_to: tuple[str, ...]
    view: str = ""
    api: str
    runs_on: bool = False
    reaches: dict[str, Any] = {}
    arguments: dict[str, Any]

    @property
    def reader(self) -> str:
        """The module of `edsr.aws.readers` that reads its target's state."""
        return self.view or of_kind(self.resource)


class ProbeEntry(BaseModel):
    """A probe as the stages read it from the generated catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    title: str
    arguments: dict[str, Any]


class SelectorEntry(ProbeEntry):
    """A selector as plan and lint read it from the generated catalogue: it says as much as a probe."""


class PlannedActionEntry(BaseModel):
    """A planned action in the generated catalogue; it has no function."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    title: str
    resource: str
    klass: Literal["A", "B", "C", "D"]
    reversible: bool
    restores: bool
    customer_visible: bool
    arguments: dict[str, Any]
    why_not_yet: str


class PlannedProbeEntry(BaseModel):
    """A planned probe in the generated catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    title: str
    arguments: dict[str, Any]
    why_not_yet: str


class Catalogue(BaseModel):
    """Every action, probe and selector there is, by id: written at synth, read by plan and by lint.

    What is planned stands apart, so that whoever looks for what can be done does not find it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    actions: dict[str, ActionEntry]
    probes: dict[str, ProbeEntry]
    planned_actions: dict[str, PlannedActionEntry] = {}
    planned_probes: dict[str, PlannedProbeEntry] = {}
    selectors: dict[str, SelectorEntry] = {}
