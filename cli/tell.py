"""An incident told in tables: what happened when and why, every gate's answer, and what belongs together."""

from collections import Counter
from collections.abc import Mapping, Sequence

from cli import say
from cli.incidents import Told, summary
from edsr.audit import unchanged
from edsr.protocol.incident import Incident
from edsr.timeline import Entry


def moments(entries: list[Entry]) -> None:
    """When, how long since the line before, what, why."""
    say.table(
        ("when (UTC)", "after", "what", "why"),
        (
            (
                f"{entry.moment.at:%H:%M:%S.%f}"[:-3],
                f"{entry.after_s:.2f} s",
                (entry.moment.what, entry.moment.tone),
                entry.moment.why,
            )
            for entry in entries
        ),
    )


def gates(told: Told) -> None:
    """Every gate's answer, with its reason."""
    for record in told.records:
        if "decision" in record.body and unchanged(record):
            say.gates(record.body["decision"]["rows"], title="why")


def groups(found: Mapping[str, Sequence[Incident]], *, json: bool) -> None:
    """What belongs together, a group in one line: how many incidents, since when, how they stand, the latest."""
    if json:
        say.as_json([{"group": group, "incidents": [summary(one) for one in those]} for group, those in found.items()])
        return
    say.table(
        ("group", "incidents", "first (UTC)", "states", "latest"),
        (
            (
                group,
                len(those),
                f"{min(one.finding.detected_at for one in those):%m-%d %H:%M:%S}",
                ", ".join(f"{n} {state}" for state, n in sorted(Counter(one.state.value for one in those).items())),
                those[0].finding.title,
            )
            for group, those in found.items()
        ),
    )
    say.line(f"{len(found)} group{'' if len(found) == 1 else 's'}")
