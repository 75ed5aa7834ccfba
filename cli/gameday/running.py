"""Running game days: deploy once, play one after the other, read what came of each, and write its report."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli import BUILD, incidents
from cli.audit import Checked, check
from cli.gameday import documents
from cli.gameday.evidence import Evidence, Look
from cli.gameday.faults import times
from cli.gameday.judging import problems
from cli.gameday.measuring import Point, figure
from cli.gameday.player import Player, Tell, Unmet
from cli.gameday.scenario import Scenario
from cli.gameday.stage import Stage
from edsr.errors import EdsrError

REPORTS = BUILD / "gamedays"
STILL_SECONDS = 3.0
"""How long nothing may have moved before what came of a day is read."""
EXPORT_SECONDS = 30.0


@dataclass(frozen=True)
class Result:
    """One day: what came of it, what is wrong with that, and how long it took."""

    day: Scenario
    found: Evidence
    wrong: tuple[str, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether everything is as it must be."""
        return not self.wrong

    def as_json(self) -> dict[str, Any]:
        """The day's figures, for --json."""
        found = self.found
        return {
            "name": self.day.id,
            "title": self.day.title,
            "passed": self.passed,
            "covers": list(self.day.covers),
            "time_to_detect_s": found.seconds_to_detect,
            "time_to_remediate_s": found.seconds_to_remediate,
            "action_latency_ms": found.action_latency_ms,
            "incidents": len(found.told),
            "effects": found.counted,
            "pages": len(found.pages),
            "audit": {"records": sum(len(told.records) for told in found.told), "intact": not found.flaws},
            "measures": [one.as_json() for one in found.figures],
            "faults": dict(found.faults),
            "wrong": list(self.wrong),
            "seconds": round(self.seconds, 1),
        }


def run(days: Sequence[Scenario], folder: Path, tell: Tell) -> list[Result]:
    """Every day's result, in order; each says what it does as it does it."""
    with Stage(folder) as stage, ExitStack() as plays:
        players = {day.id: plays.enter_context(Player(day, stage, tell)) for day in days}
        for day in days:
            players[day.id].play(day.estate)
        kept = {name: player.kept for name, player in players.items()}
        written = documents.write(folder / "policies", days, kept)
        stage.deploy(written, documents.modes(days), lambda what: tell("sandbox", what))
        return [_day(day, players[day.id], stage, tell) for day in days]


def _day(day: Scenario, player: Player, stage: Stage, tell: Tell) -> Result:
    tell(f"game day {day.id}", day.title)
    player.began, began, wrong = stage.begin(), time.monotonic(), []
    try:
        with player:
            try:
                player.play(day.timeline)
            except (Unmet, EdsrError) as exc:
                wrong.append(str(exc))
            found = _evidence(day, player, stage)
    finally:
        stage.end()
    wrong += problems(day.expect, found)
    return Result(day, found, tuple(wrong), time.monotonic() - began)


def _evidence(day: Scenario, player: Player, stage: Stage) -> Evidence:
    """What came of it, once it is at rest and the stream has carried the last record into the export."""
    _rest(player, stage)
    checked = _exported(stage)
    looks = tuple(
        Look(wanted.say, wanted.is_, seen, well)
        for wanted in day.expect.estate
        for well, seen in [player.found(wanted)]
    )
    series = {**player.series, **_customers(player)}
    told = tuple(incidents.one(stage.account, one.id) for one in player.ours())
    return Evidence(
        began=player.began,
        told=told,
        effects=tuple(stage.boundary.effects()),
        pages=tuple(stage.read_pages()),
        flaws=checked.flaws,
        records=checked.records,
        exported=checked.exported,
        looks=looks,
        figures=tuple(figure(measure, series) for measure in day.expect.measures),
        moments=tuple(moment for moment in player.moments if moment.at >= player.began),
        faults=times(stage.boundary.faults.met),
        calls=len(stage.boundary.seen),
    )


def _customers(player: Player) -> dict[str, list[Point]]:
    """What customers met since the day began: served and failed calls, and the seconds of those that went well."""
    calls = [call for traffic in player.traffic.values() for call in traffic.calls]
    return {
        "served": [Point(call.at, call.well) for call in calls],
        "failed": [Point(call.at, not call.well) for call in calls],
        "latency": [Point(call.at, call.seconds) for call in calls if call.well],
    }


def _rest(player: Player, stage: Stage, seconds: float = 30.0) -> None:
    """Wait until nothing was recorded for a while: a page or a duplicate may still be on its way."""
    until, since, seen = time.monotonic() + seconds, time.monotonic(), -1
    while time.monotonic() - since < STILL_SECONDS and time.monotonic() < until:
        time.sleep(0.5)
        now = sum(incident.head.seq + incident.suppressed for incident in player.ours()) + len(stage.read_pages())
        if now != seen:
            since, seen = time.monotonic(), now


def _exported(stage: Stage) -> Checked:
    until = time.monotonic() + EXPORT_SECONDS
    while (checked := check(stage.account)).exported < checked.records and time.monotonic() < until:
        time.sleep(0.5)
    return checked
