"""`python -m tests.chaos`: every scenario in its deep bound and every mutant; or one schedule played again."""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from tests.chaos import facts, search
from tests.chaos.history import flaws, undisturbed
from tests.chaos.report import report, say
from tests.chaos.scenario import Suite
from tests.chaos.scenarios import BY_NAME, SCENARIOS
from tests.estate import ROOT

PER_SCENARIO = 7_000
REPORT = ROOT / "build" / "chaos.json"


def replay(name: str, choices: str) -> Iterator[str]:
    """One schedule, choice by choice, what was written, and what is wrong with it."""
    played = search.play(Suite(BY_NAME[name]), search.read(choices), said=True)
    began = played.schedule.world.ledger[0].at
    yield from played.schedule.taken
    yield "written:"
    for entry in played.schedule.world.ledger:
        said = [f"{record.kind} {_gist(record.body)}" for record in facts.records(entry.call)]
        who = played.schedule.every[entry.by]
        yield f"  +{entry.at - began} s {who} {entry.call} {'; '.join(said)} {entry.error or ''}".rstrip()
    yield "flaws:"
    yield from (f"  {flaw}" for flaw in flaws(played) + ([] if choices.strip("-") else undisturbed(played)))


def _gist(body: dict[str, Any]) -> str:
    return " ".join(
        f"{name}={body[name]}" for name in ("step", "direction", "fence", "status", "state") if name in body
    )


def main() -> int:
    """The command; it fails when something is violated that is not known, or a mutant does not do as expected."""
    asked = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    asked.add_argument("--replay", nargs=2, metavar=("SCENARIO", "CHOICES"))
    asked.add_argument("--limit", type=int, default=PER_SCENARIO, help="schedules of one scenario, at most")
    asked.add_argument("--jobs", type=int, default=2)
    asked.add_argument("scenarios", nargs="*", default=[scenario.name for scenario in SCENARIOS])
    said = asked.parse_args()
    if said.replay:
        for line in replay(*said.replay):
            print(line)  # noqa: T201 - a command's answer
        return 0
    made = report(said.scenarios, said.limit, said.jobs)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(made, indent=2))
    say(f"{made['schedules']} schedules, {made['violations']} violating; {REPORT}")
    expected = all(each["as_expected"] for each in made["mutants"]["table"])
    return 0 if expected and not made["violations"] else 1


if __name__ == "__main__":
    sys.exit(main())
