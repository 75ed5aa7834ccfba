"""The anomaly detector on labelled series: NAB's published scoring beside a simple peer, petshop and Nezha."""

from pathlib import Path
from typing import Any

from edsr.anomaly.state import SIZE
from tests.estate import ROOT

SERIES = ROOT.parent / "shared" / "data" / "timeseries"


def run(place: Path = SERIES) -> dict[str, Any]:
    """Every figure; only why there are none where the labelled series are absent."""
    if not place.exists():
        return {"skipped": "no labelled series beside the project (../shared/data/timeseries)"}
    from tests.bench.anomaly import faults, nab

    return {"state bytes": SIZE, **nab.run(place / "NAB"), **faults.run(place)}
