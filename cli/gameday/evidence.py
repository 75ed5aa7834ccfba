"""What came of a game day, read where it stands: incidents with their chains, the estate's changes, pages, figures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import NamedTuple

from cli.gameday.measuring import Figure
from cli.gameday.place import Page, Seen
from cli.gameday.truth import Compared
from cli.incidents import Told
from edsr.audit import Flaw
from edsr.model import Kind
from edsr.protocol.incident import Incident
from edsr.timeline import Moment
from edsr.times import parse

ACTED = frozenset({Kind.INTENT, Kind.OUTCOME})


class Look(NamedTuple):
    """Something that was looked for in the estate: what it means, what was expected, and what was seen."""

    say: str
    expected: object
    seen: object
    well: bool


@dataclass(frozen=True)
class Evidence:
    """All of it.

    Where it was not `watched`, neither changes nor pages were seen. `exported` and `records` count the whole audit;
    `faults` are those that struck, and how often.
    """

    began: datetime
    told: tuple[Told, ...]
    effects: tuple[Seen, ...]
    pages: tuple[Page, ...]
    flaws: tuple[Flaw, ...]
    records: int
    exported: int
    looks: tuple[Look, ...]
    figures: tuple[Figure, ...]
    compared: tuple[Compared, ...]
    moments: tuple[Moment, ...]
    faults: Mapping[str, int]
    watched: bool

    @property
    def acted(self) -> Sequence[Told]:
        """The incidents in which something was intended."""
        return [told for told in self.told if any(record.kind in ACTED for record in told.records)]

    @property
    def counted(self) -> dict[str, int]:
        """The estate's changes by call."""
        return dict(sorted(Counter(seen.call.name for seen in self.effects).items()))

    @property
    def seconds_to_detect(self) -> float | None:
        """From what the producer says of when it happened to the finding: the longest of the day."""
        waits = [(one.finding.detected_at - one.finding.observed_at).total_seconds() for one in self._incidents]
        return round(max(waits), 3) if waits else None

    @property
    def seconds_to_remediate(self) -> float | None:
        """From the finding to the end of the first measure or repair: the longest of those that acted."""
        spans = [remediated(told) for told in self.acted]
        return round(max(spans), 3) if spans else None

    @property
    def action_latency_ms(self) -> float | None:
        """The median of what the calls that changed the estate took."""
        return round(median(seen.seconds for seen in self.effects) * 1000, 1) if self.effects else None

    @property
    def _incidents(self) -> list[Incident]:
        return [told.incident for told in self.told]


def remediated(told: Told) -> float:
    """Seconds from an incident's finding to its first end, as a measure that holds ends its run too."""
    closes = [record for record in told.records if record.kind is Kind.CLOSE] or [told.records[-1]]
    return (parse(closes[0].ts) - told.incident.finding.detected_at).total_seconds()
