"""What the sources make of events: counted, by source, with the reasons of what is ignored."""

import importlib
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cli import POLICIES
from detect.intake import Ignored
from edsr.errors import Malformed
from edsr.policy import Library, Policy

AT = datetime(2026, 3, 2, 3, 5, tzinfo=UTC)

VARYING = re.compile(
    r"'[^']*'|\barn:\S+|\d{12}|(?<=: )\S+$|(?<= is )\S+$|(?<= to )\S+$|(?<= are ).*$|(?<=stopCode is )\w+"
)
"""What differs between events that are ignored for one reason."""


class Count(NamedTuple):
    """What became of a source's events."""

    events: int
    findings: int
    malformed: int
    ignored: Counter[str]

    @property
    def row(self) -> tuple[str, ...]:
        """Its cells in a table; the reasons that are met most often come first."""
        reasons = "; ".join(f"{reason}: {number}" for reason, number in self.ignored.most_common(8))
        rest = len(self.ignored) - 8
        return (
            str(self.events),
            str(self.findings),
            str(sum(self.ignored.values())),
            str(self.malformed),
            reasons + (f"; {rest} more" if rest > 0 else ""),
        )


def counted(source: str, events: Iterable[Any]) -> Count:
    """What a source's detector makes of events; only what it declares may be raised."""
    policy = any_policy()
    said: Counter[str] = Counter()
    ignored: Counter[str] = Counter()
    detect = importlib.import_module(f"detect.detectors.{source}").detect
    for event in events:
        said["events"] += 1
        try:
            found = detect(event, policy, AT)
        except (Malformed, ValueError):
            said["malformed"] += 1
            continue
        if isinstance(found, Ignored):
            ignored[VARYING.sub("…", found.reason)] += 1
        else:
            said["findings"] += 1
    return Count(said["events"], said["findings"], said["malformed"], ignored)


def any_policy() -> Policy:
    """What a finding is for changes nothing about whether there is one."""
    return Library.at(POLICIES).policies()[0]
