"""Services that do what moto leaves out: a Lambda that compares revisions, a CodeDeploy with live deployments."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from tests.things import ALIAS


class Crash(Exception):
    """The function dies: nothing of ours may catch it."""


def crash() -> None:
    """Where a test wants it."""
    raise Crash


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
