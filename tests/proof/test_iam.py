"""Least privilege, proven: nothing that a function did is denied, and nothing that it may do was never done."""

import json
from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

import pytest

from infra import BUILD
from infra.catalogue import discover
from infra.parts.names import MACHINE
from tests.proof.calls import Call
from tests.proof.needs import DYNAMODB, NEEDS, Need, needs
from tests.proof.roles import Account
from tests.proof.statements import Grant

pytestmark = pytest.mark.xdist_group("proof")  # what is recorded once is used by all of them
ACTORS = sorted([entry.name for entry in discover().functions.values()] + [MACHINE])


class Ambient(NamedTuple):
    """Grants that no handler uses itself, and who does. `*` stands for any text, `via` for the asking service."""

    actor: str
    action: str
    resource: str
    reason: str
    via: str = ""


POLLED = "Lambda polls with the function's role, before the function is invoked"
GIVEN_UP = "Lambda itself sends what the function could not handle, with the function's role"
SEALED = "AWS documents it as what a table under a customer's key needs at the least, and not which call asks for it"
TRACED = "Step Functions writes its traces itself, with the machine's role; X-Ray knows no resources"
AMBIENT = (
    Ambient("edsr-*", "logs:CreateLogStream", "*:log-group:/aws/lambda/*", "Lambda itself writes what is printed"),
    Ambient("edsr-*", "logs:PutLogEvents", "*:log-group:/aws/lambda/*", "Lambda itself writes what is printed"),
    Ambient("edsr-*", "kms:DescribeKey", "*", SEALED, DYNAMODB),
    Ambient("edsr-*", "kms:Encrypt", "*", SEALED, DYNAMODB),
    Ambient("edsr-*", "kms:GenerateDataKey", "*", SEALED, DYNAMODB),
    Ambient("edsr-decide", "sqs:DeleteMessage", "*:edsr-findings", POLLED),
    Ambient("edsr-decide", "sqs:GetQueueAttributes", "*:edsr-findings", POLLED),
    Ambient("edsr-decide", "sqs:ReceiveMessage", "*:edsr-findings", POLLED),
    Ambient("edsr-record", "dynamodb:DescribeStream", "*/stream/*", POLLED),
    Ambient("edsr-record", "dynamodb:GetRecords", "*/stream/*", POLLED),
    Ambient("edsr-record", "dynamodb:GetShardIterator", "*/stream/*", POLLED),
    Ambient("edsr-record", "dynamodb:ListStreams", "*", POLLED),
    Ambient("edsr-record", "kms:Decrypt", "*", POLLED, DYNAMODB),
    Ambient("edsr-*", "sqs:SendMessage", "*-dlq", GIVEN_UP),
    Ambient(MACHINE, "logs:*Log*", "*", "Step Functions delivers the machine's log itself, with the machine's role"),
    Ambient(MACHINE, "logs:*Resource*", "*", "Step Functions lets its log be delivered, with the machine's role"),
    Ambient(MACHINE, "xray:*", "*", TRACED),
)


@dataclass
class Shown:
    """What one role was needed for; `by` says which grants allowed each need."""

    by: dict[Need, set[Grant]]
    used: set[Grant]
    unused: set[Grant]
    denied: set[Need]
    ambient: dict[Grant, Ambient]


def explained(actor: str, grant: Grant) -> Ambient | None:
    for ambient in AMBIENT:
        said = (ambient.actor, ambient.action, ambient.resource)
        if ambient.via == grant.via and all(map(fnmatchcase, (actor, grant.action, grant.resource), said)):
            return ambient
    return None


def show(account: Account, actor: str, needed: set[Need]) -> Shown:
    role = account.role_of(actor)
    by = {need: account.allowed(role, need) for need in needed}
    used = {grant for grants in by.values() for grant in grants}
    rest = {grant: explained(actor, grant) for grant in role.grants - used}
    return Shown(
        by=by,
        used=used,
        unused={grant for grant, reason in rest.items() if not reason},
        denied={need for need, grants in by.items() if not grants},
        ambient={grant: reason for grant, reason in rest.items() if reason},
    )


@pytest.fixture(scope="session")
def shown(account: Account, calls: list[Call]) -> dict[str, Shown]:
    """What every role was needed for, also written to build/iam.json."""
    needed: defaultdict[str, set[Need]] = defaultdict(set)
    for call in calls:
        if (call.service, call.operation) in NEEDS:
            needed[call.actor] |= set(needs(call))
    found = {actor: show(account, actor, needed[actor]) for actor in ACTORS}
    write(found, calls)
    return found


def write(shown: dict[str, Shown], calls: list[Call]) -> None:
    said = {
        "calls": len(calls),
        "functions": {
            actor: {
                "calls": sum(call.actor == actor for call in calls),
                "used": sorted(map(" ".join, proof.used)),
                "unused": sorted(map(" ".join, proof.unused)),
                "denied": sorted(map(" ".join, proof.denied)),
            }
            for actor, proof in shown.items()
        },
        "ambient": {
            actor: {" ".join(grant): proof.ambient[grant].reason for grant in sorted(proof.ambient)}
            for actor, proof in shown.items()
        },
    }
    BUILD.mkdir(exist_ok=True)
    (BUILD / "iam.json").write_text(json.dumps(said, indent=1) + "\n")


def test_of_every_call_it_is_known_what_it_needs(calls: list[Call]) -> None:
    assert {(call.service, call.operation) for call in calls} - set(NEEDS) == set()


def test_nothing_is_known_of_a_call_that_nobody_makes(calls: list[Call]) -> None:
    assert set(NEEDS) - {(call.service, call.operation) for call in calls} == set()


@pytest.mark.parametrize("actor", ACTORS)
def test_every_function_was_seen_at_work(shown: dict[str, Shown], actor: str) -> None:
    assert shown[actor].used


@pytest.mark.parametrize("actor", ACTORS)
def test_nothing_that_a_function_did_is_denied(shown: dict[str, Shown], actor: str) -> None:
    assert shown[actor].denied == set()


@pytest.mark.parametrize("actor", ACTORS)
def test_nothing_that_a_function_may_do_was_never_done(shown: dict[str, Shown], actor: str) -> None:
    assert shown[actor].unused == set()


@pytest.mark.parametrize("actor", ACTORS)
def test_without_any_one_of_its_grants_something_would_be_denied(shown: dict[str, Shown], actor: str) -> None:
    alone = {grant for grants in shown[actor].by.values() if len(grants) == 1 for grant in grants}
    assert alone == shown[actor].used


def test_every_reason_for_a_grant_nobody_uses_is_still_about_one(shown: dict[str, Shown]) -> None:
    assert {reason for proof in shown.values() for reason in proof.ambient.values()} == set(AMBIENT)
