"""How the soak tells what happens, and what came of it: a line every few seconds, a table, and a JSON file."""

import json
from pathlib import Path
from typing import NamedTuple

from cli import say
from tests.soak.standing import Standing


class Result(NamedTuple):
    """What came of it, as build/soak.json says it. `kills` counts killed workers by function."""

    seed: int
    findings: int
    copies: int
    subjects: int
    sent: int
    sent_again: int
    unanswered: int
    incidents: int
    by_state: dict[str, int]
    effects: int
    kills: dict[str, int]
    restarts: int
    seconds: float
    findings_per_second: float
    records: int
    exported: int
    violations: list[str]


class Moment(NamedTuple):
    """How far it has come."""

    seconds: float
    sent: int
    acted: int
    killed: int
    restarts: int


def progress(moment: Moment, standing: Standing) -> None:
    """One line."""
    say.line(
        f"{moment.seconds:4.0f} s  sent {moment.sent}, incidents {standing.incidents}, "
        f"admitted {standing.admitted}, acted {moment.acted}, open {standing.open}, waiting {standing.waiting}, "
        f"killed {moment.killed}, restarts {moment.restarts}"
    )


def tell(result: Result) -> None:
    """The table, then what is violated."""
    states = ", ".join(f"{count} {state}" for state, count in sorted(result.by_state.items()))
    killed = ", ".join(f"{count} {function}" for function, count in sorted(result.kills.items()))
    rows = (
        ("findings", f"{result.findings} over {result.subjects} subjects, {result.copies} times each"),
        ("sent", f"{result.sent}, of which again {result.sent_again}; not taken by the bus {result.unanswered}"),
        ("incidents", f"{result.incidents}: {states}"),
        ("effects", result.effects),
        ("audit records", f"{result.records}, {result.exported} exported"),
        ("workers killed", f"{sum(result.kills.values())}: {killed}"),
        ("engine restarted", result.restarts),
        ("took", f"{result.seconds:.0f} s, {result.findings_per_second:.1f} findings a second"),
        ("violations", (len(result.violations), "bad" if result.violations else "good")),
    )
    say.table(("what", f"seed {result.seed}"), rows, one_word=True)
    for violation in result.violations:
        say.line(violation, "bad")


def write(result: Result, file: Path) -> None:
    """For programs."""
    file.parent.mkdir(parents=True, exist_ok=True)
    said = result._asdict() | {"kills": sum(result.kills.values()), "killed": result.kills}
    file.write_text(json.dumps(said, indent=2) + "\n")
