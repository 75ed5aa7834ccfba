"""Plays a game day: stands its estate up, lets happen what its timeline says, and notes when it happened."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import singledispatchmethod
from pathlib import Path
from typing import Any, Self

import jmespath

from cli import EVENTS, incidents
from cli import send as sending
from cli.estate import RELEASES, Estate, Traffic
from cli.gameday import happenings as of
from cli.gameday.background import Owed, Repeated
from cli.gameday.documents import here
from cli.gameday.filling import fill, merged
from cli.gameday.measuring import Point
from cli.gameday.people import answer, switch
from cli.gameday.scenario import Scenario
from cli.gameday.stage import Stage
from edsr.errors import EdsrError
from edsr.ports import utc_now
from edsr.protocol.incident import Incident
from edsr.timeline import Moment
from edsr.times import iso

Tell = Callable[[str, str], None]
"""`(what, why)`: how a day says what happens while it happens."""

LOOKS = 0.25
"""Seconds between two looks for what is waited for."""


class Unmet(EdsrError):
    """What the timeline waited for did not come; the text says what was expected, what was seen, and where to look."""


class Player:
    """One day's play. What it keeps, notes and samples is there afterwards; what it began ends when it is left."""

    def __init__(self, day: Scenario, stage: Stage, tell: Tell) -> None:
        self._day, self._stage, self._tell = day, stage, tell
        self._going = ExitStack()
        self._estates: dict[str, Estate] = {}
        self.kept: dict[str, Any] = here()
        self.began: datetime = utc_now()
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

    @singledispatchmethod
    def _happen(self, happening: of.Happening) -> None:
        """Let one happen, by its kind."""
        raise NotImplementedError(happening.do)

    @_happen.register
    def _(self, said: of.Function) -> None:
        releases = said.releases or tuple([text] for text in RELEASES)
        good, bad = ("\n".join(lines) for lines in releases)
        self._estates[said.name] = Estate(self._stage.sandbox.client, said.name, (good, bad))
        self._estates[said.name].make()

    @_happen.register
    def _(self, said: of.Release) -> None:
        self._estates[said.function].release()

    @_happen.register
    def _(self, said: of.Traffic) -> None:
        traffic = Traffic(self._stage.sandbox.client("lambda"), said.function, said.every)
        self.traffic[said.function] = self._going.enter_context(traffic)

    @_happen.register
    def _(self, said: of.Call) -> None:
        found = self._ask(said)
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
    def _(self, said: of.Switch) -> None:
        switch(self._stage.account, said, fill(said.scope, self.kept))

    @_happen.register
    def _(self, _said: of.Restart) -> None:
        self._stage.sandbox.restart()

    @_happen.register
    def _(self, said: of.Pause) -> None:
        time.sleep(said.seconds)

    def _ask(self, said: of.Ask) -> Any:
        method = getattr(self._stage.client(said.service), said.operation)
        return method(**fill(said.with_, self._known()))

    def _known(self) -> dict[str, Any]:
        return {**self.kept, "now": iso(utc_now())}

    @_happen.register
    def _(self, said: of.Send) -> None:
        event = sending.read(Path(EVENTS / said.event))
        for n in range(1, said.each + 1):
            differs = fill(said.with_, {**self._known(), "n": n})
            sending.send(self._stage.account, merged(sending.as_of_now(event), differs), said.times)

    def found(self, said: of.Looks) -> tuple[bool, Any]:
        """Whether what is looked for is there, and what is."""
        seen = jmespath.search(fill(said.find, self._known()), self._ask(said))
        wanted = fill(said.is_, self._known())
        return seen == wanted or (isinstance(wanted, list) and seen in wanted), seen

    @_happen.register
    def _(self, said: of.Wait) -> None:
        until = time.monotonic() + said.within
        while not (looked := self.found(said))[0]:
            if time.monotonic() > until:
                wanted = f"expected {said.find} to be {said.is_!r} within {said.within:g} s, saw {looked[1]!r}"
                raise Unmet(f"{wanted}: {said.service} {said.operation} {json.dumps(said.with_)}")
            time.sleep(LOOKS)

    def ours(self) -> list[Incident]:
        """What came of the day until now, the oldest first."""
        found = incidents.every(self._stage.account)
        return [incident for incident in reversed(found) if incident.finding.detected_at >= self.began]

    @_happen.register
    def _(self, said: of.Settle) -> None:
        until = time.monotonic() + said.within
        while True:
            ours = [one for one in self.ours() if said.policy in (None, one.policy.id)]
            if sum(one.state in said.states for one in ours) >= said.count:
                return
            if time.monotonic() > until:
                seen = ", ".join(f"{one.id} {one.state.value}" for one in ours[:10]) or "none"
                wanted = f"expected {said.count} incidents in {', '.join(said.states)} within {said.within:g} s"
                raise Unmet(f"{wanted}, saw {seen}: the report shows each")
            time.sleep(LOOKS)

    @_happen.register
    def _(self, said: of.Sample) -> None:
        points = self.series.setdefault(said.name, [])

        def look() -> None:
            value = self._figure(said)
            points.append(Point(utc_now(), value))
            if said.metric:
                self._publish(said.metric, value)

        self._going.enter_context(Repeated(said.every, look))

    def _figure(self, said: of.Figure) -> float:
        return float(jmespath.search(fill(said.find, self._known()), self._ask(said)) or 0)

    def _publish(self, metric: of.Metric, value: float) -> None:
        dimensions = [{"Name": name, "Value": said} for name, said in metric.dimensions.items()]
        datum = {"MetricName": metric.name, "Dimensions": dimensions, "Value": value}
        self._stage.sandbox.client("cloudwatch").put_metric_data(Namespace=metric.namespace, MetricData=[datum])

    @_happen.register
    def _(self, said: of.Flow) -> None:
        queue, owed, sqs = fill(said.queue, self.kept), Owed(), self._stage.sandbox.client("sqs")
        every = 0.5

        def go_on() -> None:
            rate = said.rate * (self._figure(said.of) if said.of else 1)
            due = owed.take(every * (min(rate, self._figure(said.most)) if said.most else rate))
            while due > 0:
                some = min(due, 10)
                put(some) if said.way == "in" else take(some)
                due -= some

        def put(some: int) -> None:
            entries = [{"Id": str(n), "MessageBody": "{}"} for n in range(some)]
            sqs.send_message_batch(QueueUrl=queue, Entries=entries)

        def take(some: int) -> None:
            for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=some).get("Messages", []):
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

        self._going.enter_context(Repeated(every, go_on))
