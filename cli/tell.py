"""An incident told in tables: what happened when and why, and every gate's answer."""

from cli import say
from cli.incidents import Told
from cli.timeline import Entry


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
        if "decision" in record.body:
            say.gates(record.body["decision"]["rows"], title="why")
