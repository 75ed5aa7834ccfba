"""What the accounts are made up from: the tables, the estate, the executions, and what the witness saw."""

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from cli.account import Account
from cli.audit import Checked
from cli.incidents import every
from edsr.audit import read
from edsr.aws.items import plain
from edsr.model import AuditRecord
from edsr.protocol.incident import Incident
from tests.soak.documents import Subject

TOOK_EFFECT = 200


class Call(NamedTuple):
    """A call that changed an alias: from one revision to the next."""

    target: str
    expected: str | None
    revision: str


class Evidence(NamedTuple):
    """Everything that was found at rest.

    `episodes` are the findings that were sent, by subject and episode; `made` and `found` are the aliases' revisions
    before and after, by ARN; `executions` are names; `left` is what the queues still hold.
    """

    episodes: frozenset[tuple[str, str]]
    incidents: tuple[Incident, ...]
    chains: Mapping[str, list[AuditRecord]]
    calls: tuple[Call, ...]
    made: Mapping[str, str]
    found: Mapping[str, str]
    executions: tuple[str, ...]
    audit: Checked
    left: Mapping[str, int]


def witnessed(file: Path, arns: Mapping[str, str]) -> tuple[Call, ...]:
    """What the witness saw take effect, in order; `arns` gives each alias's ARN by its name."""
    lines = file.read_text().splitlines() if file.exists() else []
    seen = [said for said in map(json.loads, lines) if said["status"] == TOOK_EFFECT]
    return tuple(Call(arns[f"{said['function']}:{said['alias']}"], said["expected"], said["revision"]) for said in seen)


def arns(subjects: list[Subject]) -> dict[str, str]:
    """Each subject's ARN by its name."""
    return {subject.name: subject.arn for subject in subjects}


def chains(account: Account) -> dict[str, list[AuditRecord]]:
    """Every audit chain in order, by its incident."""
    found: dict[str, list[AuditRecord]] = defaultdict(list)
    for item in sorted(map(plain, account.scan("edsr-audit")), key=lambda item: int(item["seq"])):
        found[item["pk"].removeprefix("INC#")].append(read(item))
    return found


def executions(account: Account) -> tuple[str, ...]:
    """The name of every execution that was ever started."""
    states = account.client("stepfunctions")
    machine = states.list_state_machines()["stateMachines"][0]["stateMachineArn"]
    pages = states.get_paginator("list_executions").paginate(stateMachineArn=machine)
    return tuple(execution["name"] for page in pages for execution in page["executions"])


def incidents(account: Account) -> tuple[Incident, ...]:
    """Every incident."""
    return tuple(every(account))
