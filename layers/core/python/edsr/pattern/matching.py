"""A compiled pattern: does an event match, and if not, why."""

from collections.abc import Mapping
from typing import Any

from edsr.pattern.branches import Branch
from edsr.pattern.events import View
from edsr.pattern.explaining import Row, explain
from edsr.pattern.reading import read


class Pattern:
    """An event pattern, read once and used for any number of events."""

    def __init__(self, branches: list[Branch]) -> None:
        self.branches = branches

    def matches(self, event: dict[str, Any]) -> bool:
        """Whether the event matches; an event that is no JSON object matches nothing. Never raises."""
        if not isinstance(event, dict):
            return False
        view = View(event)
        return any(branch.matches(view) for branch in self.branches)

    def matches_flat(self, scalars: Mapping[str, object]) -> bool:
        """As `matches`, at a fraction of its cost, for an object that holds only scalars, by names without a dot."""
        for branch in self.branches:  # noqa: SIM110 - a tenth of what the gate `where` costs, for every decision
            if branch.matches_flat(scalars):
                return True
        return False

    def explain(self, event: dict[str, Any]) -> list[Row]:
        """A row per field of the pattern, in its order, then one per array whose elements do not agree."""
        return explain(self.branches, View(event if isinstance(event, dict) else {}))


def compile(pattern: dict[str, Any]) -> Pattern:  # noqa: A001 - the word for it, always written pattern.compile
    """Read an event pattern given as parsed JSON.

    Raises PatternInvalid with the JSON path, the reason and what is allowed; also for patterns too large to be used
    safely (see the limits in `reading` and `conditions`).
    """
    return Pattern(read(pattern))
