"""A scenario, said in data; and the suite that plays it: real handlers, real machine, reference AWS."""

import json
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from edsr.aws.items import typed
from edsr.model import Finding
from edsr.policy import Library
from edsr.policy.library import Kept
from edsr.protocol import keys
from edsr.recovery import Recovery
from edsr.serve import Handler
from edsr.times import epoch
from tests import policies
from tests.chaos import actions, chains, estate, facts, functions, world
from tests.chaos.behaviour import Behaviours
from tests.chaos.dynamo import Memory
from tests.chaos.machine import read
from tests.chaos.people import People, Person
from tests.chaos.schedule import MOST_STEPS, Schedule
from tests.chaos.services import Delivery, States, Sweeper
from tests.estate import ACCOUNT, REGION, ROOT
from tests.things import ALARM, AT, a_finding, a_subject

POLICY = "lambda-canary-rollback"
ASL = (ROOT / "statemachines" / "remediate.asl.json").read_text()
FREE = {
    "blast-radius": {"max-targets": 5, "max-percent": 100},
    "rate": {"max": 9},
    "concurrency": {"max": 9},
    "storm": {"subjects": 1000},
}
"""Safeguards that let everything go on, so that each brake is met where a scenario sets it."""

Bound = tuple[tuple[int, int], ...]
"""Pairs of (preemptions, faults); a schedule stays within one of them."""
ORDERS: Bound = ((0, 0),)
FAULTS: Bound = ((0, 1),)
PAUSED: Bound = ((1, 0),)
ONCE: Bound = ((0, 1), (1, 0))
PAIRS: Bound = ((1, 1), (0, 2))


def arn(function: str = "checkout") -> str:
    """A function's live alias."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}:live"


def a_step(
    action: str = "shift-alias", function: str = "checkout", to: str = estate.GOOD, **said: Any
) -> dict[str, Any]:
    """A step of a playbook."""
    return {"action": action, "target": arn(function), "with": {"to": to}, **said}


@dataclass(frozen=True)
class Arrival:
    """A finding that is delivered to decide: of which policy, and how old; a patient one comes at any time.

    `stages` are the playbook of its policy, where that is another than the scenario's.
    """

    policy: str = POLICY
    patient: bool = False
    episode: str = "2026-03-02T03:04:30.000Z"
    subject: str = "checkout"
    stages: str = ""
    minutes_old: int = 0


@dataclass(frozen=True)
class Over:
    """What decide is told has recovered: so many seconds after it began; a patient one comes at any time."""

    seconds: int = 10
    patient: bool = True


@dataclass(frozen=True)
class Other:
    """Somebody else who does one thing, at any time."""

    function: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Scenario:
    """What happens.

    `alarm` is OK, ALARM, INSUFFICIENT_DATA, or `follows`: OK once every alias points at its good version; or several of
    them, each until a second (`OK 300 ALARM`). `items` stand in the tables at the beginning, `people` answer when they
    are asked, `rates` are settings that are other than elsewhere. `ends` is how the first incident ends when nothing
    goes wrong, `acts` how many incidents change something then. `targets` are the functions whose aliases there are
    besides those that steps name. `known` are the checks that fail as things stand. Every test run is complete within
    `fast`; `make chaos` goes as far as `deep`.
    """

    name: str
    about: str
    stages: tuple[Mapping[str, Any], ...] = ({"steps": [a_step()]},)
    policy: Mapping[str, Any] = field(default_factory=dict)
    arrivals: tuple[Arrival, ...] = (Arrival(),)
    others: tuple[Other, ...] = ()
    over: tuple[Over, ...] = ()
    alarm: str = "follows"
    trouble: Mapping[str, list[str]] = field(default_factory=dict)
    ends: str = "RESOLVED"
    targets: tuple[str, ...] = ()
    acts: int | None = None
    items: tuple[Mapping[str, Any], ...] = ()
    people: tuple[Person, ...] = ()
    rates: Mapping[str, str] = field(default_factory=dict)
    swept: bool = True
    known: frozenset[str] = frozenset()
    fast: Bound = ONCE
    deep: Bound = PAIRS
    jitter: float = 0.0
    most_steps: int = MOST_STEPS


class Suite:
    """One scenario, ready to be played as often as there are schedules."""

    def __init__(self, scenario: Scenario) -> None:
        facts.forget()
        chains.forget()
        self.scenario = scenario
        self.handlers: dict[str, Handler[Any]] = {
            **functions.handlers(),
            **actions.handlers(),
        }
        ours = {
            name: functions.run_of(handler, lambda: self.library, scenario.rates)
            for name, handler in self.handlers.items()
        }
        self.known = functions.known(self.handlers)
        self.behaviours = Behaviours({**ours, **functions.OTHERS})
        self.memory = Memory()
        self.definition = read(ASL, **{f"{stage}Function": f"edsr-{stage.lower()}" for stage in self._stages()})
        self.findings = {arrival: self._finding(arrival) for arrival in scenario.arrivals}
        self.bodies = {arrival: found.model_dump_json() for arrival, found in self.findings.items()}
        steps = [step for stage in scenario.stages for step in stage["steps"]]
        steps += [
            step
            for each in scenario.arrivals
            if each.stages
            for stage in json.loads(each.stages)
            for step in stage["steps"]
        ]
        named = [arn(function) for function in scenario.targets]
        self.targets = tuple(dict.fromkeys([*named, *(step["target"] for step in steps if "target" in step)]))
        self.items = {("edsr-state", keys.switch(n).pk, str(keys.switch(n).sk)): _switch(n) for n in range(16)}
        self.items |= {("edsr-state", item["pk"], item["sk"]): typed(dict(item)) for item in scenario.items}

    @staticmethod
    def _stages() -> list[str]:
        return sorted({name.split("-")[1].title() for name in functions.handlers()})

    @cached_property
    def library(self) -> Library:
        """The scenario's documents."""
        folder = Path(tempfile.mkdtemp(prefix="edsr-chaos-"))
        weakref.finalize(self, shutil.rmtree, folder)
        policies.library(folder)
        (folder / "backup-missing.json").unlink()  # nothing is waited for here: each sweep would ask
        playbook = folder / "playbooks" / "lambda-alias-rollback.json"
        policies.write(playbook, policies.read(playbook) | {"stages": list(self.scenario.stages)})
        known = policies.read(folder / "catalogue.json")
        known["actions"] |= actions.entries(known["actions"]["shift-alias"])
        policies.write(folder / "catalogue.json", known)
        service = policies.read(folder / "services" / "checkout.json")
        service["resources"] = [{"kind": "lambda:alias", "arn": target} for target in self.targets]
        policies.write(folder / "services" / "checkout.json", service)
        verify = {"probe": "alarm-is-ok", "within": "PT60S", "every": "PT60S", "with": {"alarm.$": "evidence.alarm"}}
        said = dict(self.scenario.policy)
        safeguards = {**FREE, **said.pop("safeguards", {})}
        mode = said.pop("mode", "automatic")
        changes = {"verify": verify, "safeguards": safeguards, **said}
        policies.library(folder, mode=mode, **changes)
        for arrival in self.scenario.arrivals:
            self._add(folder, arrival)
        return Kept(folder, policies.VALUES)

    @staticmethod
    def _add(folder: Path, arrival: Arrival) -> None:
        """The policy of an arrival, and its playbook."""
        said = policies.read(folder / f"{POLICY}.json") | {"id": arrival.policy}
        if arrival.stages:
            playbook = policies.read(folder / "playbooks" / "lambda-alias-rollback.json")
            own = playbook | {"id": arrival.policy, "stages": json.loads(arrival.stages)}
            policies.write(folder / "playbooks" / f"{arrival.policy}.json", own)
            said["respond"] = {**said["respond"], "playbook": arrival.policy}
        policies.write(folder / f"{arrival.policy}.json", said)

    @staticmethod
    def _finding(arrival: Arrival) -> Finding:
        subject = a_subject(arn=arn(arrival.subject))
        seen = AT - timedelta(seconds=30, minutes=arrival.minutes_old)
        said = {"policy": arrival.policy, "episode": arrival.episode, "condition": ALARM, "subject": subject}
        return a_finding(**said, observed_at=seen)

    def _over(self, one: Over) -> str:
        """The message that tells that the first finding's alarm is back to OK."""
        found = self.findings[self.scenario.arrivals[0]]
        said = {name: getattr(found, name) for name in ("policy", "source", "subject", "condition", "detected_at")}
        at = found.observed_at + timedelta(seconds=one.seconds)
        over = Recovery.model_validate({**said, "same": {"alarm": ALARM}, "observed_at": at})
        return json.dumps({"v": 1, "recovery": over.model_dump(mode="json")})

    def schedule(self) -> "Played":
        """A world at its beginning, with everything in it that will happen."""
        aliases = estate.Lambda({alias.name: alias for alias in map(estate.Alias, self.targets)})
        states = States(self.definition)
        made = world.World(
            epoch(AT),
            world.services(aliases, lambda: self._alarm(aliases, made.now), states, self.memory),
            self.scenario.trouble,
            self.memory,
        )
        made.dynamo.items.update(self.items)
        schedule = Schedule(
            made, self.behaviours, self.known, jitter=self.scenario.jitter, most=self.scenario.most_steps
        )
        states.host = schedule
        if self.scenario.swept:
            schedule.rhythms.append(Sweeper(schedule))
        if self.scenario.people:
            schedule.rhythms.append(People(schedule, self.scenario.people))
        deliveries = []
        for one in self.scenario.over:
            deliveries.append(Delivery(schedule, "edsr-decide", "recovery", self._over(one)))
            deliveries[-1].deliver(patient=one.patient)
        for arrival in self.scenario.arrivals:
            deliveries.append(Delivery(schedule, "edsr-decide", arrival.policy, self.bodies[arrival]))
            deliveries[-1].deliver(patient=arrival.patient)
        for other in self.scenario.others:
            schedule.invoke(other.function, dict(other.payload), _ignored, patient=True)
        return Played(self, schedule, states, deliveries)

    def _alarm(self, aliases: estate.Lambda, now: int) -> str:
        """How every alarm stands now."""
        state = said_at(self.scenario.alarm, now - epoch(AT))
        if state != "follows":
            return state
        return "OK" if all(alias.version == estate.GOOD for alias in aliases.aliases.values()) else "ALARM"


def said_at(alarm: str, second: int) -> str:
    """What an alarm says at a second: `OK 300 ALARM` is OK until the three hundredth."""
    words = alarm.split()
    while len(words) > 1 and second >= int(words[1]):
        words = words[2:]
    return words[0]


@dataclass(frozen=True)
class Played:
    """One schedule with all that a checker wants to see afterwards."""

    suite: Suite
    schedule: Schedule
    states: States
    deliveries: list[Delivery]


def _ignored(_: Any) -> None:
    return


def _switch(number: int) -> dict[str, Any]:
    key = keys.switch(number)
    return typed({"pk": key.pk, "sk": key.sk, "engaged": {}})
