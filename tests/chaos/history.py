"""What has to be true of every history: the ledger of a schedule is read from the first write to the last."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from edsr.model import OPEN, Kind, State, Status
from edsr.protocol.stepping import changed_something
from tests.chaos import facts
from tests.chaos.chains import broken
from tests.chaos.limits import passed
from tests.chaos.scenario import Played
from tests.chaos.world import Entry

STOPPED_WITHIN = 30
"""Seconds after an engage in which a call whose intent came before may still be sent."""
SKEW = 5
"""Seconds that any two clocks may differ by."""
_RUN_TO_END = re.compile(r"i-[0-9a-f]{26}-x\d+")
"""The executions that end an incident's temporary measures."""

_LET = (State.RESOLVED, State.REVERTED, State.ABORTED)
"""Ends that leave nothing open."""

Step = tuple[str, int, str]


class History:
    """The ledger, read once; `flaws` are the promises it breaks, each by the name of its check."""

    def __init__(self, played: Played) -> None:
        self.played = played
        self.heads = {
            place[1].removeprefix("INC#"): facts.head(item)
            for place, item in played.schedule.world.dynamo.items.items()
            if place[0] == "edsr-state" and place[2] == "HEAD" and place[1].startswith("INC#")
        }
        self.flaws = list(played.schedule.flaws)
        self.intents: dict[Step, int] = {}
        self.targets: dict[Step, str] = {}
        self.by: dict[int, Step] = {}
        self.fences: dict[str, int] = {}
        self.owners: dict[str, str] = {}
        self.engaged: dict[str, tuple[int, bool]] = {}
        self.effects: Counter[Step] = Counter()
        self.statuses: dict[Step, Status] = {}
        self.ends: dict[str, State] = {}
        self.plans: dict[tuple[str, int], Any] = {}
        self.begun: dict[str, int] = {}
        self.taken: list[int] = []
        self.agreed: dict[str, str] = {}
        self.closed: dict[str, tuple[int, bool]] = {}
        self.held: dict[str, int] = {}
        self.over: set[str] = set()
        for number, entry in enumerate(played.schedule.world.ledger):
            self.over |= self._over(number)
            self._read(entry)
        self.over |= self._over(len(played.schedule.world.ledger))
        self.flaws += self._at_rest()

    def _flaw(self, check: str, what: str) -> None:
        self.flaws.append(f"{check}: {what}")

    def _read(self, entry: Entry) -> None:
        if facts.changes_estate(entry.call):
            self._change(entry)
        if entry.error:
            return
        for scope, undo in facts.engaged(entry.call):
            self.engaged.setdefault(scope, (entry.at, undo))
        for record in facts.records(entry.call):
            if record.kind is Kind.INTENT:
                self._intent(entry, record)
            elif record.kind is Kind.PLAN:
                self._plan(record)
            elif record.kind is Kind.APPROVAL and record.body.get("answer") == "approved" and record.body["complete"]:
                self.agreed[record.incident] = record.body["digest"]
            elif record.kind is Kind.OUTCOME:
                self._outcome(record)
            elif record.kind is Kind.CLOSE:
                self._close(entry, record)

    def _over(self, number: int) -> set[str]:
        """The incidents of which decide has taken up, before this write, that they recovered."""
        suite = self.played.suite
        later = [one for one in suite.scenario.over if one.seconds > 0]
        taken = [each.taken for each in self.played.deliveries if each.identity == "recovery"]
        heard = [at for one, at in zip(suite.scenario.over, taken, strict=True) if one in later and at is not None]
        found = suite.findings[suite.scenario.arrivals[0]].incident_id
        return {found} if heard and min(heard) <= number else set()

    def _plan(self, record: facts.Record) -> None:
        for stage in record.body["stages"]:
            for step in stage["steps"]:
                self.plans[record.incident, step["n"]] = step["pre"]

    def _intent(self, entry: Entry, record: facts.Record) -> None:
        step, body = record.step, record.body
        if record.incident in self.over and record.incident not in self.begun:
            self._flaw("over", f"an intent of {_said(step)} was committed, and it was known to have recovered")
        self.begun.setdefault(record.incident, entry.at)
        if step[2] == "apply" and body["attempt"] == 1:
            self.taken.append(entry.at)
        if step[2] == "apply" and body["attempt"] == 1 and body["before"]["state"] != self.plans[step[:2]]:
            self._flaw("drift", f"{_said(step)} was intended on another state than the plan's")
        if self._stopped(step):
            self._flaw("kill", f"an intent of {_said(step)} was committed after the engage")
        if body["fence"] <= self.fences.get(body["target"], 0):
            self._flaw("fence", f"{_said(step)} took fence {body['fence']} on {body['target']} a second time")
        head = self.heads[record.incident]
        if head["asks"] and self.agreed.get(record.incident) != head.get("plan_digest"):
            self._flaw("asked", f"an intent of {_said(step)} was committed, and nobody had agreed to that plan")
        if record.incident in self.ends:
            self._flaw("close", f"an intent of {_said(step)} was committed after the incident had ended")
        self.fences[body["target"]] = body["fence"]
        self.owners[body["target"]] = record.incident
        self.intents[step], self.targets[step] = body["fence"], body["target"]
        self.by[entry.by] = step

    def _outcome(self, record: facts.Record) -> None:
        step, status = record.step, Status(record.body["status"])
        if record.body["fence"] != self.intents.get(step):
            self._flaw("fence", f"an outcome of {_said(step)} was committed by an attempt that was overtaken")
        if step in self.statuses:
            self._flaw("record", f"{_said(step)} has two outcomes")
        self.statuses[step] = status

    def _close(self, entry: Entry, record: facts.Record) -> None:
        state = State(record.body["state"])
        worse = state is State.REVERTED or any(each.get("judged") == "worse" for each in record.body["verdicts"])
        if record.body.get("recovered") and record.incident in self.begun:
            self._flaw("over", f"{record.incident} ended as recovered after it had begun")
        self.closed.setdefault(record.incident, (entry.at, worse and record.incident in self.begun))
        if state is State.HOLDING:
            self.held[record.incident] = facts.looked_at(entry.call)
        else:
            self.ends[record.incident] = state
            if entry.at < self.held.get(record.incident, 0) - SKEW:
                self._flaw("measure", f"{record.incident} ended {state} before the time of its measure was over")
        for target in facts.freed(entry.call):
            if self.owners.get(target, record.incident) != record.incident:
                self._flaw("lock", f"{record.incident} freed the lock of {self.owners[target]} on {target}")
            self.owners.pop(target, None)

    def _change(self, entry: Entry) -> None:
        """A call that changes the estate, whether or not it was let."""
        schedule = self.played.schedule
        task = schedule.every[entry.by]
        if schedule.functions[task.function].steady:
            return
        said = facts.payload_of(task.payload)
        step: Step = (said.get("inc", ""), said.get("n", 0), said.get("direction", ""))
        if self.by.get(entry.by) != step:
            self._flaw("intent", f"{entry.call} of {_said(step)} was sent without an intent of that attempt")
        at = self._stopped(step)
        if at and entry.sent > at + STOPPED_WITHIN:
            self._flaw("kill", f"{entry.call} of {_said(step)} was sent {entry.sent - at} s after the engage")
        if not entry.changed:
            return
        if step in self.targets and self.owners.get(self.targets[step]) != step[0]:
            self._flaw("lock", f"{_said(step)} took effect on {self.targets[step]}, whose lock was free or another's")
        self.effects[step] += 1
        if self.effects[step] > 1:
            self._flaw("effect", f"{_said(step)} took effect {self.effects[step]} times")
        rivals = {other for other, _, _ in self.intents if self._open_beside(other, step[0])}
        if rivals:
            self._flaw("episode", f"{_said(step)} took effect while {', '.join(sorted(rivals))} was under way")

    def _open_beside(self, other: str, incident: str) -> bool:
        same = self.heads[other]["subject"] == self.heads[incident]["subject"]
        return other != incident and other not in self.ends and same

    def _stopped(self, step: Step) -> int:
        """When a scope that covers the step was engaged; 0 when none was, or undo is let."""
        incident, _, direction = step
        head = self.heads.get(incident, {})
        account, region = head.get("subject", "::::").split(":")[4], head.get("subject", "::::").split(":")[3]
        ours = {"all", f"service:{head.get('service')}", f"policy:{head.get('policy')}"}
        ours |= {f"account:{account}", f"region:{region}"}
        times = [
            at for scope, (at, undo) in self.engaged.items() if scope in ours and not (undo and direction == "revert")
        ]
        return min(times, default=0)

    def _at_rest(self) -> Iterator[str]:
        yield from self._recorded()
        yield from self._ended()
        yield from self._freed()
        for chain, head in {**self.heads, **self.controls()}.items():
            for flaw in broken(self.played.schedule.world.dynamo, chain, head):
                yield f"chain: {flaw}"

    def controls(self) -> dict[str, Any]:
        """The heads of the chains of what was switched."""
        items = self.played.schedule.world.dynamo.items.items()
        return {
            place[1]: facts.head(item) for place, item in items if place[1].startswith("CTL#") and place[2] == "HEAD"
        }

    def _recorded(self) -> Iterator[str]:
        """What the audit says was done is what was done."""
        changed_by_others = any(other.function == "change" for other in self.played.suite.scenario.others)
        for step, status in self.statuses.items():
            count = self.effects[step]
            if changed_something(status) and not count and not changed_by_others:
                yield f"record: {_said(step)} is {status}, and nothing was changed"
            if (
                count
                and not changed_something(status)
                and status is not Status.UNKNOWN
                and not self._away(step, status)
            ):
                yield f"record: {_said(step)} is {status}, and yet it took effect"
        for step in self.intents:
            end = self.ends.get(step[0])
            if step not in self.statuses and end in _LET:
                yield f"record: {step[0]} ended {end} and nothing says what came of {_said(step)}"
        for step, count in self.effects.items():
            applied = step[2] == "apply" and count
            undone = self.effects[(step[0], step[1], "revert")]
            if applied and not undone and self.ends.get(step[0]) is State.REVERTED and not changed_by_others:
                yield f"record: {step[0]} ended REVERTED and {_said(step)} was not undone"

    def _away(self, step: Step, status: Status) -> bool:
        """A target that is gone is gone, whether or not it was changed before."""
        there = {alias.arn for alias in self.played.schedule.world.aliases.aliases.values()}
        return status is Status.GONE and self.targets[step] not in there

    def _ended(self) -> Iterator[str]:
        """Everything that came in came to an end, once."""
        alarm = self.played.suite.scenario.alarm
        for incident, head in self.heads.items():
            if head["st"] in OPEN:
                yield f"rest: {incident} stays {head['st']}"
            if head["st"] == State.RESOLVED and alarm in ("ALARM", "INSUFFICIENT_DATA"):
                yield f"verdict: {incident} is RESOLVED while its alarm is {alarm}"
        executions = self.played.states.executions.items()
        started = Counter(str(run.said.get("inc")) for name, run in executions if not _RUN_TO_END.fullmatch(name))
        for incident, times in started.items():
            if times > 1:
                yield f"episode: {incident} was run {times} times"
        for name, run in executions:
            asked = self.played.schedule.world.dynamo.items.get(("edsr-state", f"INC#{name}", "APR#1"), {})
            if name in self.over and "Escalate" in run.visited and _text(asked, "st") == "PENDING":
                yield f"over: {name} recovered, and its execution waited out its time"
        for arrival in self.played.suite.scenario.arrivals:
            incident = self.played.suite.findings[arrival].incident_id
            if incident not in self.heads:
                yield f"lost: {incident} was delivered, and there is no such incident"

    def _freed(self) -> Iterator[str]:
        """Who has ended holds nothing but, until it ends by itself, the lock of what may yet take effect."""
        items = self.played.schedule.world.dynamo.items
        kept = {
            (step[0], f"LCK#{self.targets[step]}")
            for step in self.intents
            if self.statuses.get(step, Status.UNKNOWN) is Status.UNKNOWN
        }
        for place, item in items.items():
            holder = _text(item, "owner") if place[1].startswith("LCK#") else _text(item, "inc_id")
            if (holder, place[1]) in kept:
                continue
            if place[1].startswith(("LCK#", "GRD#")) and self.ends.get(holder) not in (None, State.RUNNING):
                yield f"lock: {holder} ended {self.ends[holder]} and still holds {place[1]}"
            for left in item.get("holders", {}).get("SS", []) if place[1].startswith("SEM#") else []:
                if left in self.ends:
                    yield f"lock: {left} ended {self.ends[left]} and still holds {place[1]}"


def flaws(played: Played) -> list[str]:
    """What is wrong with a schedule that was played, each flaw once."""
    history = History(played)
    return list(dict.fromkeys([*history.flaws, *passed(history)]))


def undisturbed(played: Played) -> list[str]:
    """A schedule in which nothing goes wrong ends as the scenario says: what never works breaks no other promise."""
    scenario = played.suite.scenario
    incident = played.suite.findings[scenario.arrivals[0]].incident_id
    item = played.schedule.world.dynamo.items.get(("edsr-state", f"INC#{incident}", "HEAD"), {})
    ended = _text(item, "st")
    acted = len({step[0] for step, count in History(played).effects.items() if count and step[2] == "apply"})
    wrong = [] if ended == scenario.ends else [f"works: {incident} ended {ended or 'nowhere'}, not {scenario.ends}"]
    if scenario.acts is not None and acted != scenario.acts:
        wrong.append(f"works: {acted} incidents changed something, not {scenario.acts}")
    return wrong


def _text(item: Any, name: str) -> str:
    return str(item.get(name, {}).get("S", ""))


def _said(step: Step) -> str:
    return f"{step[0]} step {step[1]} {step[2]}"
