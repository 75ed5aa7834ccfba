"""`python -m tests.tamper`: every operator at every position, each time checked whole; a table and a report."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from tests.estate import ROOT
from tests.tamper.audits import Whole
from tests.tamper.chains import RECORDS
from tests.tamper.trying import Tally, attempts, genuine, month

REPORT = ROOT / "build" / "tamper.json"


def report(tallies: Sequence[Tally], records: int) -> dict[str, Any]:
    """What build/tamper.json says."""
    rows = [
        {
            "name": tally.operator.name,
            "about": tally.operator.about,
            "positions": tally.positions,
            "found": tally.found,
            "by": ", at the end ".join(way.by for way in tally.operator.ways),
            "named": ", at the end ".join(way.named for way in tally.operator.ways),
            "exact": tally.exact,
            "by_an_anchor_alone": tally.anchored,
            "unexpected": tally.unexpected,
        }
        for tally in tallies
    ]
    return {"records": records, "operators": rows, "all_found": all(tally.as_expected for tally in tallies)}


def table(made: dict[str, Any]) -> list[str]:
    """A line per operator."""
    names = ("name", "positions", "found", "exact", "by", "named")
    titles = ("operator", "positions", "found", "exactly", "by", "record named")
    rows = [titles, *([str(row[name]) for name in names] for row in made["operators"])]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def progress(position: int, records: int) -> None:
    """Now and then, how far it has come."""
    if position % 10 == 0 or position == records:
        print(f"\rposition {position} of {records}", end="", file=sys.stderr, flush=True)  # noqa: T201 - progress
    if position == records:
        print(file=sys.stderr)  # noqa: T201 - progress


def main() -> int:
    """The command; it fails when anything goes unnoticed that something could have noticed."""
    asked = argparse.ArgumentParser(prog="python -m tests.tamper", description=__doc__)
    asked.add_argument("--records", type=int, default=RECORDS, help="how long the chain is")
    records = asked.parse_args().records
    tallies = attempts(genuine(records), month(records), Whole(), tell=lambda at: progress(at, records))
    made = report(tallies, records)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    for line in table(made):
        print(line)  # noqa: T201 - a command's answer
    return 0 if made["all_found"] else 1


if __name__ == "__main__":
    sys.exit(main())
