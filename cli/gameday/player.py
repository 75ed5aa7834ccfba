"""Plays a game day: stands its estate up, lets happen what its timeline says, and notes when it happened."""

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from functools import singledispatchmethod
from pathlib import Path
from typing import Any, Self

import jmespath
from botocore.exceptions import ClientError

from cli import EVENTS, incidents
from cli import send as sending
from cli.errors import Declined
from cli.estate import RELEASES, Estate, Traffic
from cli.gameday import happenings as of
from cli.gameday.background import Repeated
from cli.gameday.documents import here
from cli.gameday.filling import fill, merged
from cli.gameday.lanes import Halt
from cli.gameday.measuring import Point
from cli.gameday.moving import FLOWS, Owed, flow, sampled, scale
from cli.gameday.people import answer, label, switch
from cli.gameday.place import Place
from cli.gameday.scenario import Scenario
from edsr.errors import EdsrError
from edsr.model import OPEN, State
from edsr.ports import utc_now
from edsr.protocol.incident import Incident
from edsr.timeline import Moment
from edsr.times import iso

Tell = Callable[[str, str], None]
"""`(what, why)`: how a day says what happens while it happens."""

TOLD = 4
LOOKS = 0.25
"""Seconds between two looks for what is waited for."""


class Unmet(EdsrError):
    """What the timeline waited for did not come; the text says what was expected, what was seen, and where to look."""


class Player:
    """One day's play. What it keeps, notes and samples is there afterwards; what it began ends when it is left."""

    def __init__(self, day: Scenario, stage: Place, tell: Tell, halt: Halt) -> None:
        self._day, self._stage, self._tell, self._halt = day, stage, tell, halt
        self._going = ExitStack()
        self._estates: dict[str, Estate] = {}
        self.kept: dict[str, Any] = here()
        self.began: datetime = utc_now()
        self._told: dict[str, State] = {}
        self._scalers: dict[str, of.Scaler] = {}
        self._flows: dict[tuple[str, str], of.Flow] = {}
        self.moments: list[Moment] = []
        self.series: dict[str, list[Point]] = {}
        self.traffic: dict[str, Traffic] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._going.close()

    def play(self, happenings: Sequence[of.Happening]) -> None:
        """Let them happen in order. Unmet: the next was waited for in vain."""
        for happening in happenings:
            if happening.say:
                self._tell(happening.do, happening.say)
                self.moments.append(Moment(utc_now(), happening.say, happening.do))
            self._happen(happening)

    @property
    def alarms(self) -> list[str]:
        """The names of the day's own alarms."""
        made = [
            fill(call.with_["AlarmName"], {"n": n})
            for call in self._day.estate
            if isinstance(call, of.Call) and call.operation == "put_metric_alarm"
            for n in range(1, call.each + 1)
        ]
        return [*made, *(estate.alarm_name for estate in self._estates.values())]

    def remove(self) -> None:
        """Take away what the day has stood up."""
        for estate in self._estates.values():
            estate.remove()

    @singledispatchmethod
    def _happen(self, happening: of.Happening) -> None:
        """Let one happen, by its kind."""
        raise NotImplementedError(happening.do)

    @_happen.register
    def _(self, said: of.Function) -> None:
        releases = said.releases or tuple([text] for text in RELEASES)
        good, bad = ("\n".join(lines) for lines in releases)
        estate = Estate(self._stage.own, said.name, (good, bad))
        if not self._stage.watched and estate.exists():
            raise Declined(f"there is a function {said.name} here already: a game day touches nothing but its own")
        self._estates[said.name] = estate
        estate.make()

    @_happen.register
    def _(self, said: of.Release) -> None:
        self._estates[said.function].release()

    @_happen.register
    def _(self, said: of.Traffic) -> None:
        traffic = Traffic(self._stage.own("lambda"), said.function, said.every)
        self.traffic[said.function] = self._going.enter_context(traffic)

    @_happen.register
    def _(self, said: of.Call) -> None:
        for n in range(1, said.each + 1):
            found = self._ask(said, n)
            self.kept |= {name: jmespath.search(path, found) for name, path in said.keep.items()}

    @_happen.register
    def _(self, said: of.Break) -> None:
        self._stage.boundary.faults.add(said.fault)

    @_happen.register
    def _(self, _said: of.Lift) -> None:
        self._stage.boundary.faults.lift()

    @_happen.register
    def _(self, _said: of.Sweep) -> None:
        self._stage.sweep()

    @_happen.register
    def _(self, said: of.Person) -> None:
        answer(self._stage.account, said, self.ours())

    @_happen.register
    def _(self, said: of.Labels) -> None:
        label(self._stage.account, said, self.ours())

    @_happen.register
    def _(self, said: of.Switch) -> None:
        switch(self._stage.account, said, fill(said.scope, self.kept))

    @_happen.register
    def _(self, _said: of.Restart) -> None:
        self._stage.restart()

    @_happen.register
    def _(self, said: of.Pause) -> None:
        self._halt.sleep(said.seconds)

    def _ask(self, said: of.Ask, n: int = 1) -> Any:
        method = getattr(self._stage.client(said.service), said.operation)
        return method(**fill(said.with_, {**self._known(), "n": n}))

    def _known(self) -> dict[str, Any]:
        now = utc_now()
        return {**self.kept, "now": iso(now), "now-ms": int(now.timestamp() * 1000)}

    @_happen.register
    def _(self, said: of.Send) -> None:
        event = sending.as_of_now(sending.read(Path(EVENTS / said.event)))
        self._stage.account.client("events")  # made before it is shared

        def one(n: int) -> None:
            differs = fill(said.with_, {**self._known(), "n": n, "m": (n - 1) % said.among + 1})
            sending.send(self._stage.account, merged(event, differs), said.times)

        with ThreadPoolExecutor(max_workers=min(said.each, 8)) as pool:
            list(pool.map(one, range(1, said.each + 1)))

    def found(self, said: of.Looks) -> tuple[bool, Any]:
        """Whether what is looked for is there, and what is: also AWS's own word that there is nothing."""
        try:
            seen = jmespath.search(fill(said.find, self._known()), self._ask(said))
        except ClientError as exc:
            seen = exc.response["Error"]["Code"]
        wanted = fill(said.is_, self._known())
        return seen == wanted or (isinstance(wanted, list) and seen in wanted), seen

    @_happen.register
    def _(self, said: of.Wait) -> None:
        until = time.monotonic() + said.within
        while not (looked := self.found(said))[0]:
            if time.monotonic() > until:
                wanted = f"expected {said.find} to be {said.is_!r} within {said.within:g} s, saw {looked[1]!r}"
                raise Unmet(f"{wanted}: {said.service} {said.operation} {json.dumps(said.with_)}")
            self._halt.sleep(LOOKS)

    def ours(self) -> list[Incident]:
        """What came of the day until now, the oldest first."""
        found = incidents.every(self._stage.account)
        return [incident for incident in reversed(found) if incident.finding.detected_at >= self.began]

    @_happen.register
    def _(self, said: of.Settle) -> None:
        until = time.monotonic() + said.within
        while True:
            looked = time.monotonic()
            ours = [one for one in self.ours() if said.policy in (None, one.policy.id)]
            self._tell_news(ours)
            if sum(one.state in said.states for one in ours) >= said.count:
                return
            over = len(ours) >= said.count and not any(one.state in OPEN for one in ours)
            if over or time.monotonic() > until:
                seen = ", ".join(f"{one.id} {one.state.value}" for one in ours[:10]) or "none"
                wanted = f"expected {said.count} incidents in {', '.join(said.states)} within {said.within:g} s"
                raise Unmet(f"{wanted}, saw {seen}: the report shows each")
            self._halt.sleep(max(LOOKS, time.monotonic() - looked))  # to look at many leaves the engine time for them

    @_happen.register
    def _(self, said: of.Sample) -> None:
        points = self.series.setdefault(said.name, [])
        self._go_on(said.every, lambda: points.append(sampled(said, self.figure, self._stage)))

    @_happen.register
    def _(self, said: of.Scaler) -> None:
        if self._scalers.setdefault(said.name, said) is said:
            self._go_on(said.every, lambda: scale(self._scalers[said.name], self._stage))
        self._scalers[said.name] = said

    @_happen.register
    def _(self, said: of.Flow) -> None:
        queue, owed = fill(said.queue, self.kept), Owed()
        which = (said.way, queue)
        if self._flows.setdefault(which, said) is said:
            self._go_on(FLOWS, lambda: flow(self._flows[which], queue, owed, self.figure, self._stage))
        self._flows[which] = said

    def figure(self, said: of.Figure) -> float:
        """The figure that a call gives; nothing found is nought."""
        return float(jmespath.search(fill(said.find, self._known()), self._ask(said)) or 0)

    def _tell_news(self, ours: Sequence[Incident]) -> None:
        """Tell how the first few incidents move on."""
        for incident in ours[:TOLD]:
            if self._told.get(incident.id) != incident.state:
                self._told[incident.id] = incident.state
                self._tell(incident.state.value.lower(), f"{incident.policy.id}: {incident.finding.title}")

    def _go_on(self, every: float, do: Callable[[], object]) -> None:
        self._going.enter_context(Repeated(every, do))
