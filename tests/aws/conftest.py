"""A workshop on moto: the protocol's tables, and one incident with a plan."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

import act.actuators.shift_alias
import approve.answer
import close.handler
from decide.chain import decide
from decide.facts import Facts
from edsr import audit
from edsr.aws.items import typed
from edsr.aws.store import DynamoStore
from edsr.entries import Catalogue
from edsr.errors import Malformed, Refused, Transient
from edsr.model import AuditRecord, Plan, Step
from edsr.policy import Library, Playbook, Policy
from edsr.policy.library import Fleet
from edsr.ports import Client, Item
from edsr.protocol import keys
from edsr.protocol.admission import admit
from edsr.protocol.incident import Incident
from edsr.protocol.planning import plan
from edsr.serve import Handler, Runtime
from edsr.settings import Act, Settings
from edsr.times import iso
from plan.draw import World, draw
from tests import estate, policies
from tests.asking import read, request
from tests.aws.services import Aliases, Deployments
from tests.things import ALIAS, AT, a_finding, a_playbook, a_policy, a_subject


def a_result(step: int = 1, **changes: Any) -> dict[str, Any]:
    """What the machine keeps of a step that went well."""
    said = {"step": step, "direction": "apply", "status": "DONE", "judged": "better", "observed": "OK", "at": iso(AT)}
    return said | {"stands": None} | changes


@dataclass
class Workshop:
    """One incident with a committed plan, and everything a step of it is done with."""

    library: Library
    incident_id: str
    target: str = ALIAS
    aliases: Aliases = field(default_factory=Aliases)
    deployments: Deployments = field(default_factory=Deployments)
    clock: estate.Clock = field(default_factory=lambda: estate.Clock(AT))
    remaining: Callable[[], float] = lambda: 30.0
    between: Callable[[], None] = lambda: None
    """What happens after the tables were read and before the target is looked at."""
    others: dict[str, Client] = field(default_factory=dict)
    asked: list[tuple[str, bool]] = field(default_factory=list)
    handler: Handler[Act] = act.actuators.shift_alias.handler

    def clients(self, service: str, *, mutating: bool = False) -> Client:
        """Ours for what moto is too lenient about, moto's for the rest."""
        self.asked.append((service, mutating))
        if service == "lambda" and not mutating:
            self.between()
        ours: dict[str, Client] = {"lambda": self.aliases, "codedeploy": self.deployments, **self.others}
        return ours.get(service) or estate.client(service)

    def act(self, **changes: Any) -> dict[str, Any]:
        """Take the step, as the machine asks for it."""
        said = {"v": 1, "inc": self.incident_id, "n": 1, "target": self.target, "direction": "apply", "verdicts": []}
        said |= {"brief": self.incident.brief.model_dump(mode="json")}
        runtime = Runtime(
            estate.ACT, self.clients, self.clock, lambda: self.library, self.remaining, sleep=self.clock.sleep
        )
        answer: dict[str, Any] = self.handler.handle(said | changes, runtime)
        return answer

    def call(self, handler: Handler[Any], given: Settings = estate.TABLES, **said: Any) -> Any:
        """Call a handler at the workshop's time, with its clients."""
        runtime = Runtime(given, self.clients, self.clock, lambda: self.library, sleep=self.clock.sleep)
        return handler.handle({"v": 1, **said}, runtime)

    def answer(self, by: str, digest: str, answer: str = "approve") -> dict[str, Any]:
        """A person answers through the route; what it does not do is raised, in the words that they would read."""
        told = read(
            self.call(
                approve.answer.handler,
                estate.ROUTE,
                **request(by, "/answers", inc=self.incident_id, digest=digest, answer=answer),
            )
        )
        if error := {400: Malformed, 403: Refused, 503: Transient}.get(told.status):
            raise error(told.why)
        return told.said

    def run(self, *stages: list[dict[str, Any]], direction: str = "apply", **more: Any) -> dict[str, Any]:
        """The execution's state once these stages gave these results; each is nested around those before it."""
        verdicts: list[Any] = []
        for before in ([], *stages[:-1]):
            verdicts = [verdicts, before]
        step = {"n": 1, "target": self.target, "direction": direction}
        return {
            "inc": self.incident_id,
            "brief": self.incident.brief.model_dump(mode="json"),
            "plan": {"direction": direction, "stages": [{"steps": [step]}], "count": 1, "next": 1},
            "verdicts": verdicts,
            "stage": {"results": stages[-1] if stages else []},
        } | more

    def end(self, to: str = "RESOLVED", *stages: list[dict[str, Any]], **more: Any) -> str:
        """The machine ends the incident after these stages; gives the state it ended in."""
        answer = self.call(close.handler.handler, end=to, run=self.run(*stages, **more))
        return str(answer["state"])

    def item(self, key: Any) -> Item:
        """An item as it stands; empty when there is none."""
        return self.store.read([key]).get(key, {})

    @property
    def store(self) -> DynamoStore:
        """The protocol's tables."""
        return DynamoStore(estate.client("dynamodb"), estate.TABLES)

    @property
    def incident(self) -> Incident:
        """The incident as it stands."""
        key = keys.incident(self.incident_id)
        return Incident.of(self.store.read([key])[key])

    def step(self, direction: str = "apply") -> Item:
        """The step's item; empty when there is none."""
        items = {item["sk"]: item for item in self.store.partition("state", f"INC#{self.incident_id}")}
        return items.get(f"STEP#1#{direction}", {})

    def records(self) -> list[AuditRecord]:
        """The audit chain, checked against the head that the incident remembers."""
        chain = self._chain(f"INC#{self.incident_id}")
        assert audit.verify(self.incident_id, chain, self.incident.head) == []
        return chain

    def controls(self, month: str = "2026-03", *, after: str = audit.GENESIS) -> list[AuditRecord]:
        """A month's chain of what was switched, checked against its head; it begins with the hash `after`."""
        name = f"{keys.CONTROL}{month}"
        chain, item = self._chain(keys.chain(name)), self.item(keys.control(month))
        head, start = audit.Head(item["head_seq"], item["head_hash"]), audit.Head(0, after)
        assert audit.verify(name, chain, head, start=start) == []
        assert item["began_with"] == after
        return chain

    def _chain(self, pk: str) -> list[AuditRecord]:
        items = self.store.partition("audit", pk)
        return [AuditRecord.model_validate({n: item[n] for n in AuditRecord.model_fields}) for item in items]

    def plan_steps(self) -> list[Step]:
        """The steps of the committed plan."""
        drawn = Plan.model_validate_json(self.item(keys.plan(self.incident_id))["body"])
        return [step for stage in drawn.stages for step in stage.steps]

    def kinds(self) -> list[str]:
        """What the records are."""
        return [record.kind.value for record in self.records()]

    def put(self, key: Any, **attributes: Any) -> None:
        """Write an item as somebody else would."""
        item = typed({"pk": key.pk, "sk": key.sk, **attributes})
        estate.client("dynamodb").put_item(TableName="edsr-state", Item=item)

    def engage(self, scope: str = "all", *, undo: bool = False) -> None:
        """Pull the kill switch, all sixteen copies."""
        for number in range(keys.SWITCHES):
            self.put(keys.switch(number), engaged={scope: {"by": "me", "reason": "test", "undo": undo}})


def another(shop: Workshop, name: str = "basket", policy: Policy | None = None, **finding: Any) -> Workshop:
    """An incident on another alias of the same service, at the same time; there is room for it, unless its policy says
    otherwise."""
    arn, roomy = ALIAS.replace("checkout", name), a_policy(safeguards={"concurrency": {"max": 20}})
    return admitted(shop.library, shop.clock, policy or roomy, subject=a_subject(arn=arn), **finding)


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some that open nothing."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", estate.REGION)


@pytest.fixture
def aws(credentials: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # noqa: ARG001 - moto needs some
    """Moto answers for AWS."""
    estate.one_at_a_time(monkeypatch)
    with mock_aws():
        yield


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """The shipped documents."""
    return policies.library(tmp_path / "policies")


def admitted(
    library: Library,
    clock: estate.Clock,
    policy: Policy | None = None,
    playbook: Playbook | None = None,
    catalogue: Catalogue | None = None,
    others: dict[str, Client] | None = None,
    **finding: Any,
) -> Workshop:
    """A workshop of its own for a finding that is admitted and planned now; a fleet that nobody knows is a hundred."""
    said, played = policy or a_policy(), playbook or a_playbook()
    found = a_finding(**{"policy": said.id, "observed_at": clock.now, "detected_at": clock.now} | finding)
    shop = Workshop(library, found.incident_id, target=found.subject.arn, clock=clock, others=others or {})
    decision = decide(found, said, Facts(now=clock.now, switches=()))
    shop.store.commit(admit(found, decision, said, played, before=None, at=clock.now))
    world = World(
        catalogue or library.catalogue(),
        library.managed_by,
        lambda kind, arn: library.fleet(kind, arn) or Fleet("unknown", 100),
        lambda reader, arn: import_module(f"edsr.aws.readers.{reader}").observe(shop.clients, arn).state,
        lambda _: "",
    )
    shop.store.commit(plan(shop.incident, draw(shop.incident, world), at=clock.now))
    return shop


@pytest.fixture
def workshop(aws: None, library: Library) -> Workshop:  # noqa: ARG001 - moto has to answer first
    """A workshop whose incident is planned and whose step is not yet taken."""
    estate.make_tables()
    return admitted(library, estate.Clock(AT), observed_at=AT - timedelta(seconds=30))
