"""Running game days: deploy once, play one after the other, read what came of each, and write its report."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cli import ROOT, incidents
from cli.account import Account
from cli.audit import Checked, check
from cli.gameday import asking, documents
from cli.gameday.elsewhere import Elsewhere
from cli.gameday.evidence import Evidence, Look
from cli.gameday.faults import times
from cli.gameday.judging import problems
from cli.gameday.lanes import Halt, Halted, measured, side_by_side, split
from cli.gameday.measuring import Point, figure
from cli.gameday.place import Page, Place
from cli.gameday.player import Player, Tell
from cli.gameday.scenario import Scenario
from cli.gameday.stage import Stage
from cli.gameday.truth import Compared, audited, compared, emitted
from edsr.errors import EdsrError
from edsr.model import State

MEASURED = ROOT / "docs" / "gamedays.json"
"""What the last recorded run of each day measured."""
STILL_SECONDS = 3.0
"""How long nothing may have moved before what came of a day is read."""
REST_SECONDS = 120.0
EXPORT_SECONDS = 180.0
EMIT_SECONDS = 20.0

MOVING = (State.DECIDED, State.PLANNED, State.APPROVED, State.RUNNING)
"""The states of an incident that goes on by itself."""


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
            "truth": [one.as_json() for one in found.compared],
            "faults": dict(found.faults),
            "wrong": list(self.wrong),
            "seconds": round(self.seconds, 1),
        }


def run(days: Sequence[Scenario], folder: Path, tell: Tell, lanes: int = 1) -> Iterator[Result]:
    """Every day's result as soon as it is over; each says what it does as it does it.

    The days are played one after the other in each of so many lanes, which have a sandbox of their own in `folder`;
    the audit of each lane is kept beside it.
    """
    took = measured(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}
    groups = split(days, lanes, took)
    asking.forget(folder)
    yield from side_by_side(
        [partial(_lane, group, folder / f"lane-{number}", tell) for number, group in enumerate(groups, 1)]
    )


def _lane(days: Sequence[Scenario], folder: Path, tell: Tell, halt: Halt) -> Iterator[Result]:
    with Stage(folder) as stage, ExitStack() as plays:
        players = {day.id: plays.enter_context(Player(day, stage, tell, halt)) for day in days}
        for day in days:
            players[day.id].play(day.estate)
        kept = {name: player.kept for name, player in players.items()}
        written = documents.write(folder / "policies", days, kept)
        stage.deploy(written, documents.modes(days), lambda what: tell("sandbox", what))
        for day in days:
            yield _day(day, players[day.id], stage, tell)
        asking.keep(stage)


def run_elsewhere(days: Sequence[Scenario], account: Account, tell: Tell) -> Iterator[Result]:
    """The same in a real account, where the suite is deployed already; each day's estate is taken away again."""
    place = Elsewhere(account)
    for day in days:
        with Player(day, place, tell, Halt()) as player:
            try:
                player.play(day.estate)
                yield _day(day, player, place, tell)
            finally:
                player.remove()


def _day(day: Scenario, player: Player, stage: Place, tell: Tell) -> Result:
    tell(f"game day {day.id}", day.title)
    player.began, began, wrong = stage.begin(), time.monotonic(), []
    try:
        with player:
            try:
                player.play(day.timeline)
            except Halted:
                raise
            except (EdsrError, ClientError, BotoCoreError) as exc:
                wrong.append(str(exc))
            found = _evidence(day, player, stage)
    finally:
        stage.end(player.alarms)
    wrong += problems(day.expect, found)
    return Result(day, found, tuple(wrong), time.monotonic() - began)


def _evidence(day: Scenario, player: Player, stage: Place) -> Evidence:
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
        pages=_of_today(stage.read_pages(), player.began, stage),
        flaws=checked.flaws,
        records=checked.records,
        exported=checked.exported,
        looks=looks,
        figures=tuple(figure(measure, series) for measure in day.expect.measures),
        compared=tuple(_compared(day, player, stage)),
        moments=tuple(moment for moment in player.moments if moment.at >= player.began),
        faults=times(stage.boundary.faults.met),
        watched=stage.watched,
    )


def _compared(day: Scenario, player: Player, stage: Place) -> list[Compared]:
    """The measures beside what is known of them; metrics come a moment after the export."""
    ours, known = {one.id for one in player.ours()}, day.expect.truth
    said, until = audited(stage.account, player.began, ours), time.monotonic() + EMIT_SECONDS
    while True:
        metrics = emitted(stage.account, player.began, ours) if stage.watched else None
        found = compared(known, said, metrics)
        if not any(one.wrong for one in found) or time.monotonic() > until:
            return found
        time.sleep(0.5)


def _of_today(pages: Sequence[Page], began: datetime, stage: Place) -> tuple[Page, ...]:
    """The pages, but for those about incidents of a day before, which failed and left them open."""
    earlier = {one.id for one in incidents.every(stage.account) if one.finding.detected_at < began}
    return tuple(page for page in pages if not any(one in page.text for one in earlier))


def _customers(player: Player) -> dict[str, list[Point]]:
    """What customers met since the day began: served and failed calls, and the seconds of those that went well."""
    calls = [call for traffic in player.traffic.values() for call in traffic.calls]
    return {
        "served": [Point(call.at, call.well) for call in calls],
        "failed": [Point(call.at, not call.well) for call in calls],
        "latency": [Point(call.at, call.seconds) for call in calls if call.well],
    }


def _rest(player: Player, stage: Place) -> None:
    """Wait until nothing is on its way, and nothing was recorded for a while: a page or a duplicate may still come."""
    until, since, seen = time.monotonic() + REST_SECONDS, time.monotonic(), -1
    while time.monotonic() - since < STILL_SECONDS and time.monotonic() < until:
        time.sleep(0.5)
        ours = player.ours()
        now = sum(incident.head.seq + incident.suppressed for incident in ours) + len(stage.read_pages())
        if now != seen or any(incident.state in MOVING for incident in ours):
            since, seen = time.monotonic(), now


def _exported(stage: Place) -> Checked:
    until = time.monotonic() + EXPORT_SECONDS
    while (checked := check(stage.account)).exported < checked.records and time.monotonic() < until:
        time.sleep(0.5)
    return checked
