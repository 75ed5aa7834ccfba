"""Runs the anomaly benchmark, prints its figures and writes build/bench-anomaly.json."""

import json

from tests.bench.__main__ import table
from tests.bench.anomaly import run
from tests.estate import ROOT


def main() -> None:
    figures = run()
    output = ROOT / "build" / "bench-anomaly.json"
    output.parent.mkdir(exist_ok=True)
    output.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    for line in table({"anomaly": figures}):
        print(line)  # noqa: T201 - printing is what this command is for


if __name__ == "__main__":
    main()
