"""What the soak deploys: its subjects, services and policy; whatever limits how much may be done stands here."""

from collections import defaultdict
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from cli.stack import ACCOUNT, REGION
from tests.policies import SHIPPED, read, write

POLICY = "lambda-canary-rollback"
ALIASES = ("eu", "us", "ap", "sa", "af")
"""Each function serves as many markets, each through an alias of its own."""

SERVICES = 20
PERIOD = 10
"""Seconds that an alarm looks back: the shortest that CloudWatch offers."""

ENVIRONMENT = "dev"
GIVEN = {
    "modes": {POLICY: "automatic"},
    "rates": {"subject": "2/PT15M", "service": "100/PT10M", "api": "1000/PT1M", "global": "1000/PT1M"},
}
"""Every subject may be acted on: what is to be seen is that it happens once, not that it is held back."""

VERIFY = {"within": "PT20S", "every": "PT5S"}
SAFEGUARDS = {
    "cooldown": "PT15M",
    "blast-radius": {"max-targets": 1},
    "rate": {"max": 1000},
    "concurrency": {"max": 50},
    "storm": {"subjects": 1000},
    "breaker": {"failures": 10},
}
"""A cooldown longer than the soak: no subject may be acted on twice. Workers are killed, so that runs fail."""

WELL = 3
"""For each subject a service has so many that are well: where most of a fleet is unwell, nothing is done at all."""

ENGINE = {"EDSR_SANDBOX_WORKERS": "2", "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "1"}
HIDDEN_SECONDS = 40
"""How long a finding stays away whose worker was killed: three minutes as deployed; it has to be above decide's 30."""


class Kind(StrEnum):
    """What is the matter with a subject, and so how its incident has to end."""

    BAD = "its release is bad, and the one before it good"
    SILENT = "as bad, but its alarm measures nothing, so that nobody can say whether it got better"
    UNRECORDED = "nobody wrote down which release was good"
    GOOD = "somebody rolled it back already"


KINDS = {7: Kind.SILENT, 8: Kind.UNRECORDED, 9: Kind.GOOD}
"""Of each ten subjects; the others are BAD."""


class Subject(NamedTuple):
    """One alias of a function of a service."""

    function: str
    alias: str
    service: str
    kind: Kind

    @property
    def name(self) -> str:
        """As Lambda's metrics call it."""
        return f"{self.function}:{self.alias}"

    @property
    def arn(self) -> str:
        """The alias's ARN."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}"

    @property
    def alarm(self) -> str:
        """The name of its alarm."""
        return f"canary-{self.function}-{self.alias}"


def subjects(count: int) -> list[Subject]:
    """The subjects, spread over functions and services."""
    return [
        Subject(
            f"soak-{number // len(ALIASES):02d}",
            ALIASES[number % len(ALIASES)],
            f"soak-{number // len(ALIASES) % SERVICES:02d}",
            KINDS.get(number % 10, Kind.BAD),
        )
        for number in range(count)
    ]


def write_documents(folder: Path, of: list[Subject]) -> Path:
    """The shipped documents, the soak's policy and its services, in a folder of their own."""
    for file in SHIPPED.rglob("*.json"):
        copied = folder / file.relative_to(SHIPPED)
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_text(file.read_text())
    policy = read(folder / f"{POLICY}.json")
    changed = {"verify": policy["verify"] | VERIFY, "safeguards": policy["safeguards"] | SAFEGUARDS}
    write(folder / f"{POLICY}.json", policy | changed)
    owned: dict[str, list[dict[str, str]]] = defaultdict(list)
    for subject in of:
        well = (f"{subject.arn}-well-{number}" for number in range(WELL))
        owned[subject.service] += [{"kind": "lambda:alias", "arn": arn} for arn in (subject.arn, *well)]
    for service, resources in owned.items():
        write(folder / "services" / f"{service}.json", _service(folder, service, resources))
    return folder


def _service(folder: Path, service: str, resources: list[dict[str, str]]) -> dict[str, Any]:
    shipped = read(folder / "services" / "checkout.json")
    return shipped | {"id": service, "title": f"The service {service}", "resources": resources}
