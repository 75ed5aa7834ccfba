"""Every chain of the audit, as the table has it, for whoever adds up over all of it."""

from collections import defaultdict
from typing import NamedTuple

from pydantic import ValidationError

from cli.account import Account
from edsr.audit import read
from edsr.aws.items import plain
from edsr.model import AuditRecord


class Chains(NamedTuple):
    """Records by the incident, or the month, whose chain they are in; and how many rows hold none."""

    records: dict[str, list[AuditRecord]]
    unreadable: int


def every(account: Account) -> Chains:
    """All chains, each in order. What cannot be read is only counted: `edsr audit verify` names it."""
    found: dict[str, list[AuditRecord]] = defaultdict(list)
    unreadable = 0
    for item in map(plain, account.scan("edsr-audit")):
        try:
            record = read(item)
        except ValidationError:
            unreadable += 1
            continue
        found[record.incident_id].append(record)
    ordered = {owner: sorted(chain, key=lambda record: record.seq) for owner, chain in sorted(found.items())}
    return Chains(ordered, unreadable)
