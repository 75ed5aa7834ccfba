"""A workshop on moto: the protocol's tables, a small Lambda that keeps its word, and one incident with a plan."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

import act.actuators.shift_alias
from decide.chain import decide
from decide.facts import Facts
from edsr import audit
from edsr.aws import lambda_alias
from edsr.aws.items import typed
from edsr.aws.store import DynamoStore
from edsr.model import AuditRecord
from edsr.policy import Library
from edsr.ports import Client, Item
from edsr.protocol import keys
from edsr.protocol.admission import admit
from edsr.protocol.incident import Incident
from edsr.protocol.planning import plan
from edsr.serve import Handler, Runtime
from edsr.settings import Tables
from plan.draw import World, draw
from tests import estate, policies
from tests.things import ALIAS, AT, a_finding, a_playbook, a_policy


class Crash(Exception):
    """The function dies: nothing of ours may catch it."""


def refusal(code: str, status: int = 400) -> ClientError:
    """An error as AWS answers it."""
    said: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(said, "Operation")


class Exceptions:
    """What a client names its errors by."""

    class PreconditionFailedException(ClientError):  # type: ignore[misc] # botocore is untyped
        """Somebody else was faster."""


class Aliases:
    """A Lambda that does what moto leaves out: it compares the revision, keeps weights, and can fail around a call."""

    exceptions = Exceptions

    def __init__(self, version: str = "2", description: str = "last-good=1") -> None:
        self.version, self.description, self.revision = version, description, 1
        self.weights: dict[str, float] = {}
        self.updates: list[dict[str, Any]] = []
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self.vanished = False

    def get_alias(self, **said: str) -> dict[str, Any]:
        """As AWS answers: the weights only when there are some."""
        if self.vanished:
            raise refusal("ResourceNotFoundException", 404)
        arn = ALIAS.replace("function:checkout:live", f"function:{said['FunctionName']}:{said['Name']}")
        answer = {"AliasArn": arn, "FunctionVersion": self.version, "RevisionId": f"r{self.revision}"}
        routing = {"RoutingConfig": {"AdditionalVersionWeights": self.weights}} if self.weights else {}
        return {**answer, "Description": self.description, **routing}

    def update_alias(self, **said: Any) -> None:
        """Compare and set."""
        self.updates.append(said)
        self.before()
        if self.vanished:
            raise refusal("ResourceNotFoundException", 404)
        if said["RevisionId"] != f"r{self.revision}":
            raise Exceptions.PreconditionFailedException(refusal("PreconditionFailedException", 412).response, "U")
        self.version, self.weights = said["FunctionVersion"], said["RoutingConfig"]["AdditionalVersionWeights"]
        self.revision += 1
        self.after()

    def changed_by_somebody(self, version: str = "9") -> None:
        """Another hand moves the alias."""
        self.version, self.revision = version, self.revision + 1


class Deployments:
    """A CodeDeploy with these live deployments."""

    def __init__(self) -> None:
        self.live: list[str] = []

    def list_deployments(self, **_: Any) -> dict[str, Any]:
        """As AWS answers."""
        return {"deployments": self.live}


@dataclass
class Workshop:
    """One incident with a committed plan, and everything a step of it is done with."""

    library: Library
    incident_id: str
    aliases: Aliases = field(default_factory=Aliases)
    deployments: Deployments = field(default_factory=Deployments)
    clock: estate.Clock = field(default_factory=lambda: estate.Clock(AT))
    left: float = 30.0
    asked: list[tuple[str, bool]] = field(default_factory=list)
    handler: Handler[Tables] = act.actuators.shift_alias.handler

    def clients(self, service: str, *, mutating: bool = False) -> Client:
        """Ours for what moto is too lenient about, moto's for the rest."""
        self.asked.append((service, mutating))
        ours: dict[str, Client] = {"lambda": self.aliases, "codedeploy": self.deployments}
        return ours.get(service) or estate.client(service)

    def act(self, **changes: Any) -> dict[str, Any]:
        """Take the step, as the machine asks for it."""
        said = {"v": 1, "inc": self.incident_id, "n": 1, "target": ALIAS, "direction": "apply", "verdicts": []}
        runtime = Runtime(estate.TABLES, self.clients, self.clock, lambda: self.library, lambda: self.left)
        answer: dict[str, Any] = self.handler.handle(said | changes, runtime)
        return answer

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
        items = self.store.partition("audit", f"INC#{self.incident_id}")
        chain = [AuditRecord.model_validate({n: item[n] for n in AuditRecord.model_fields}) for item in items]
        assert audit.verify(self.incident_id, chain, self.incident.head) == []
        return chain

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


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Moto answers for AWS."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", estate.REGION)
    estate.one_at_a_time(monkeypatch)
    with mock_aws():
        yield


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """The shipped documents."""
    return policies.library(tmp_path / "policies")


@pytest.fixture
def workshop(aws: None, library: Library) -> Workshop:  # noqa: ARG001 - moto has to answer first
    """A workshop whose incident is planned and whose step is not yet taken."""
    estate.make_tables()
    found, policy = a_finding(), a_policy()
    shop = Workshop(library, found.incident_id)
    decision = decide(found, policy, Facts(now=AT, switches=()))
    shop.store.commit(admit(found, decision, policy, a_playbook(), before=None, at=AT))
    world = World(library.catalogue(), library.managed_by, lambda _, arn: lambda_alias.observe(shop.aliases, arn).state)
    incident = replace(shop.incident, id=shop.incident_id)
    shop.store.commit(plan(incident, draw(incident, world), at=AT))
    return shop
