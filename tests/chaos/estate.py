"""The estate that is repaired: Lambda aliases with revisions, alarms that follow them, deployments, queues."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.errors import error

GOOD, BAD = "1", "2"


@dataclass
class Alias:
    """An alias; every change gives it a new revision. `history` are the versions it pointed at, in order."""

    arn: str
    version: str = BAD
    description: str = f"last-good={GOOD}"
    weights: dict[str, float] = field(default_factory=dict)
    revision: int = 1
    history: list[str] = field(default_factory=lambda: [BAD])

    @property
    def name(self) -> str:
        """`checkout:live`."""
        return ":".join(self.arn.split(":")[-2:])

    def described(self) -> dict[str, Any]:
        """As Lambda describes it."""
        said: dict[str, Any] = {
            "AliasArn": self.arn,
            "Name": self.name.split(":")[1],
            "FunctionVersion": self.version,
            "Description": self.description,
            "RevisionId": f"r{self.revision}",
        }
        if self.weights:
            said["RoutingConfig"] = {"AdditionalVersionWeights": dict(self.weights)}
        return said


class Lambda:
    """The part of Lambda that keeps aliases."""

    def __init__(self, aliases: Mapping[str, Alias]) -> None:
        self.aliases = dict(aliases)
        self.tokens: set[str] = set()
        self.changes = 0

    def get_alias(self, *, FunctionName: str, Name: str) -> dict[str, Any]:  # noqa: N803 - AWS's names
        """An alias as it stands."""
        return self._alias(FunctionName, Name).described()

    def update_alias(self, *, FunctionName: str, Name: str, **said: Any) -> dict[str, Any]:  # noqa: N803
        """Change an alias; with a revision, only if it is still that one."""
        alias = self._alias(FunctionName, Name)
        if said.get("RevisionId", f"r{alias.revision}") != f"r{alias.revision}":
            raise error("PreconditionFailedException", "The Revision Id provided does not match", status=412)
        alias.version = said.get("FunctionVersion", alias.version)
        alias.description = said.get("Description", alias.description)
        alias.weights = dict(said.get("RoutingConfig", {}).get("AdditionalVersionWeights", alias.weights))
        alias.revision += 1
        alias.history.append(alias.version)
        self.changes += 1
        return alias.described()

    def start_shift(self, *, ClientToken: str, **said: Any) -> dict[str, Any]:  # noqa: N803
        """What a service that remembers tokens would offer: the same token again changes nothing."""
        if ClientToken in self.tokens:
            return self._alias(said["FunctionName"], said["Name"]).described()
        made = self.update_alias(**said)
        self.tokens.add(ClientToken)
        return made

    def delete_alias(self, *, FunctionName: str, Name: str) -> dict[str, Any]:  # noqa: N803
        """Remove an alias."""
        self.aliases.pop(f"{FunctionName}:{Name}", None)
        return {}

    def _alias(self, function: str, name: str) -> Alias:
        found = self.aliases.get(f"{function}:{name}")
        if found is None:
            raise error("ResourceNotFoundException", f"Cannot find alias {function}:{name}", status=404)
        return found


class Alarms:
    """CloudWatch: every alarm has the state that `state` works out when it is asked."""

    def __init__(self, state: Callable[[], str]) -> None:
        self.state = state

    def describe_alarms(self, *, AlarmNames: list[str], **_: Any) -> dict[str, Any]:  # noqa: N803
        """The alarms of these names."""
        state = self.state()
        alarms = [{"AlarmName": name, "StateValue": state, "Period": 60, "EvaluationPeriods": 1} for name in AlarmNames]
        return {"MetricAlarms": alarms, "CompositeAlarms": []}


class Deployments:
    """CodeDeploy, with nothing under way unless a scenario says so."""

    def __init__(self) -> None:
        self.live: list[str] = []

    def list_deployments(self, **_: Any) -> dict[str, Any]:
        """The live deployments."""
        return {"deployments": list(self.live)}


class Queues:
    """SQS: what was sent, by queue."""

    def __init__(self) -> None:
        self.sent: dict[str, list[str]] = {}

    def send_message(self, *, QueueUrl: str, MessageBody: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        """Keep a message."""
        self.sent.setdefault(QueueUrl, []).append(MessageBody)
        return {"MessageId": f"m{len(self.sent[QueueUrl])}"}
