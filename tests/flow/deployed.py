"""The suite in one sandbox that enforces IAM, which is stricter than one that does not; and ways to wait for it."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli import incidents
from cli.account import Account
from cli.incidents import Told
from cli.sandbox import Sandbox
from infra.app import build
from infra.bundles import host_layers
from tests import estate as events
from tests.policies import SHIPPED, read, write
from tests.sandbox.conftest import free_port
from tests.sandbox.estate import rooted

SERVICES = ("checkout", "basket", "orders", "ledger", "stock", "prices")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sandbox keeps its state."""
    return Path(rooted(tmp_path_factory.mktemp("home"), events.ROOT))


@pytest.fixture(scope="session")
def sandbox(home: Path) -> Iterator[Sandbox]:
    """The suite, deployed; its rollback policy gives up on an alarm after 25 seconds."""
    policies = home / "policies"
    for file in SHIPPED.rglob("*.json"):
        (policies / file.relative_to(SHIPPED)).parent.mkdir(parents=True, exist_ok=True)
        (policies / file.relative_to(SHIPPED)).write_text(file.read_text())
    policy = read(policies / "lambda-canary-rollback.json")
    write(policies / "lambda-canary-rollback.json", policy | {"verify": {**policy["verify"], "within": "PT25S"}})
    service = read(policies / "services" / "checkout.json")
    for name in SERVICES:
        said = json.loads(json.dumps(service).replace("checkout", name))
        write(policies / "services" / f"{name}.json", said)
    made = Sandbox(home, free_port(), iam=True)
    made.up(build(home / "cdk.out", policies=policies), host_layers())
    yield made
    made.down()


@pytest.fixture(scope="session")
def account(sandbox: Sandbox) -> Account:
    """The sandbox, as the commands see it."""
    return Account("sandbox", sandbox.client, is_sandbox=True)


def until(found: Callable[[], Any], seconds: float = 60) -> Any:
    """What is found, as soon as something is."""
    end = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(0.2)
    return result


def ended(account: Account, service: str) -> Told:
    """A service's newest incident, once it has ended."""

    def found() -> Told | None:
        ours = [one for one in incidents.every(account) if one.finding.subject.service == service]
        told = incidents.one(account, ours[0].id) if ours else None
        return told if told and told.ended else None

    told: Told = until(found, 120)
    return told


def about(service: str, event: dict[str, Any]) -> dict[str, Any]:
    """The same event of another service."""
    said: dict[str, Any] = json.loads(json.dumps(event).replace("checkout", service))
    return said
