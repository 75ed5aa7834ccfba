"""The suite in one sandbox that enforces IAM, which is stricter than one that does not; and ways to wait for it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli import incidents
from cli.account import Account
from cli.incidents import Told
from cli.sandbox import Sandbox
from cli.stand_in import sign_in
from edsr.policy.library import BUNDLE
from infra.app import build
from infra.bundles import host_layers
from tests import estate as events
from tests.policies import SHIPPED, read, write
from tests.sandbox.conftest import free_port
from tests.sandbox.estate import rooted

SERVICES = (
    *("checkout", "basket", "orders", "ledger", "stock", "prices"),
    *("wares", "reviews", "search", "offers", "tills", "quotes", "coupons"),
)
PAGE_PORT = free_port()
"""Where this sandbox's page will be, should somebody serve it."""

ASKS = "asked"
"""Alarms whose policy asks a person first begin so."""

ALIAS = "arn:aws:lambda:us-east-1:000000000000:function:{}:live"
SAFEGUARDS = {"blast-radius": {"max-targets": 2, "max-percent": 100}}
SHIFT = {"action": "shift-alias", "target.$": "parameters.alias", "with": {"to.$": "pre.last_good"}}


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sandbox keeps its state."""
    return Path(rooted(tmp_path_factory.mktemp("home"), events.ROOT))


@pytest.fixture(scope="session")
def sandbox(home: Path) -> Iterator[Sandbox]:
    """The suite, deployed, with policies that give up on an alarm after 25 seconds."""
    policies = home / "policies"
    for file in SHIPPED.rglob("*.json"):
        (policies / file.relative_to(SHIPPED)).parent.mkdir(parents=True, exist_ok=True)
        (policies / file.relative_to(SHIPPED)).write_text(file.read_text())
    add_policies(policies)
    add_services(policies)
    made = Sandbox(home, free_port(), iam=True)
    given = {"sign-in": sign_in(PAGE_PORT)}
    made.up(for_a_while(build(home / "cdk.out", policies=policies, given=given)), host_layers())
    yield made
    made.down()


def add_policies(folder: Path) -> None:
    """The rollback as it is shipped, and others for alarms of other names: one asks first, one shifts two aliases one
    after the other, one is to shift its alias for a while."""
    shipped = read(folder / "lambda-canary-rollback.json")
    shipped["verify"] |= {"within": "PT25S", "every": "PT1S"}
    write(folder / f"{shipped['id']}.json", shipped)
    index = {"action": "shift-alias", "target": ALIAS.format("search-index"), "with": SHIFT["with"]}
    for kind, mode, stages in (
        ("asked", "approve", [SHIFT]),
        ("both", "automatic", [SHIFT, index]),
        ("lasting", "automatic", [SHIFT]),
    ):
        policy = json.loads(json.dumps(shipped).replace('"canary-"', f'"{kind}-"'))
        policy |= {"id": f"{kind}-rollback", "safeguards": SAFEGUARDS, "tests": list(shown(folder, kind, mode))}
        write(folder / f"{policy['id']}.json", policy | {"respond": {"mode": mode, "playbook": policy["id"]}})
        playbook = read(folder / "playbooks" / "lambda-alias-rollback.json")
        playbook |= {"id": policy["id"], "stages": [{"steps": [step]} for step in stages]}
        write(folder / "playbooks" / f"{policy['id']}.json", playbook)


def shown(folder: Path, kind: str, mode: str) -> Iterator[dict[str, Any]]:
    """What lint wants to see of a policy: an event that fires it, one that leaves it quiet, one that is refused."""
    event = folder.parent / "events" / f"{kind}.json"
    event.parent.mkdir(exist_ok=True)
    write(event, json.loads(json.dumps(events.event("cloudwatch/canary-alarm")).replace("canary-", f"{kind}-")))
    given = {"environment": "prod", "tier": 1}
    fires = {"verdict": "ask" if mode == "approve" else "act"}
    stops = {"verdict": "suppress", "refused-by": "kill-switch"}
    yield {"name": "fires", "event": str(event), "given": given, "expect": fires}
    yield {"name": "stops", "event": str(event), "given": {**given, "kill-switch": ["all"]}, "expect": stops}
    yield {"name": "is quiet", "event": "cloudwatch/canary-alarm-ok.json", "expect": {"verdict": "quiet"}}


def add_services(folder: Path) -> None:
    """Services like checkout; search has an index beside it."""
    service = read(folder / "services" / "checkout.json")
    for name in SERVICES:
        said = json.loads(json.dumps(service).replace("checkout", name))
        if name == "search":
            said["resources"].append({"kind": "lambda:alias", "arn": ALIAS.format("search-index")})
        write(folder / "services" / f"{name}.json", said)


def for_a_while(assembly: Path) -> Path:
    """No alias may be a temporary measure, and lint would say so: in the documents as they are deployed here, it may,
    for a second."""
    (folder,) = assembly.glob(f"asset.*/python/{BUNDLE}")
    known, playbook = read(folder / "catalogue.json"), read(folder / "playbooks" / "lasting-rollback.json")
    known["actions"]["shift-alias"]["restores"] = False
    playbook["stages"][0]["steps"][0]["lasts"] = "PT1S"
    write(folder / "catalogue.json", known)
    write(folder / "playbooks" / "lasting-rollback.json", playbook)
    return assembly


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


def edsr(home: Path, *said: str) -> subprocess.CompletedProcess[str]:
    """The command, as a person gives it."""
    command = [sys.executable, "-m", "cli.app", *said]
    environment = {**os.environ, "EDSR_HOME": str(home), "COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=events.ROOT, check=False)  # noqa: S603 - our own command


def about(service: str, event: dict[str, Any]) -> dict[str, Any]:
    """The same event of another service."""
    said: dict[str, Any] = json.loads(json.dumps(event).replace("checkout", service))
    return said
