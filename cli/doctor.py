"""`edsr doctor`: which policies cannot fire in this account, and which quotas are near their limits."""

from typing import Any

import typer

from cli import POLICIES, say
from cli.account import Account, account
from cli.diagnosis import delivery, expected, quotas, sources
from cli.diagnosis.finding import Level, Patient, Row, examine
from cli.errors import FAULT
from cli.options import Json, Profile
from edsr.policy import Library

CHECKS = (
    delivery.rules,
    delivery.regions,
    delivery.trail,
    sources.guardduty,
    sources.security_hub,
    sources.config,
    sources.inspector,
    sources.access_analyzer,
    sources.health,
    expected.absences,
    quotas.counted,
    quotas.concurrency,
    quotas.measured,
)
SHOWN = 2
TONES = {Level.BLOCKED: "bad", Level.NEAR: "warn", Level.UNKNOWN: "warn"}


def patient(here: Account) -> Patient:
    """The account, with the policies of this repository."""
    clients: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in clients:
            clients[service] = here.client(service)
        return clients[service]

    return Patient(client, Library.at(POLICIES).policies(), str(client("events").meta.region_name))


def doctor(profile: Profile = None, json: Json = False) -> None:
    """Say which policies cannot fire in this account and why, and which quotas are near their limits.

    What could not be asked is said, too. Ends with 1 when anything is found.
    """
    found = examine(patient(account(profile)), CHECKS)
    if json:
        say.as_json([as_json(row) for row in found])
    elif found:
        say.table(
            ("what", "is", "why", "what to do", "policies"),
            (
                (row.what, (row.level.value, TONES[row.level]), row.why, row.remedy, _some(row.policies))
                for row in found
            ),
        )
    else:
        say.line("every policy can fire, and no quota is near its limit", "good")
    raise typer.Exit(FAULT if found else 0)


def _some(policies: tuple[str, ...]) -> str:
    """The first few by name, the others by number: with --json all are named."""
    named, more = ", ".join(policies[:SHOWN]), len(policies) - SHOWN
    return f"{named} and {more} more" if more > 0 else named or "all"


def as_json(row: Row) -> dict[str, Any]:
    """A row for programs."""
    return {**row._asdict(), "level": row.level.value, "policies": list(row.policies)}
