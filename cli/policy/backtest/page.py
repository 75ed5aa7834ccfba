"""A backtest as one self-contained page: no script, no request, hostile text escaped, readable on a phone."""

from pathlib import Path
from typing import Any

from cli.page import TEMPLATES
from cli.policy.backtest.run import Result
from cli.policy.backtest.tally import VERDICTS
from edsr.timeline import short


def write(file: Path, result: Result, about: dict[str, Any]) -> None:
    """Write the page; its folder is made. `about` says what was run."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(render(result, about), encoding="utf-8")


def render(result: Result, about: dict[str, Any]) -> str:
    """The page's HTML."""
    tallies = sorted(result.policies.items())
    used = [verdict for verdict in VERDICTS if any(tally.verdicts[verdict] for _, tally in tallies)]
    return TEMPLATES.get_template("backtest.html.j2").render(
        result=result, tallies=tallies, verdicts=used, about=about, short=short, changes=result.changes
    )
