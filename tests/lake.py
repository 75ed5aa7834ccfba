"""An export and a trail as files: what the suite wrote down, and what CloudTrail says it did."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cli.export import MANIFEST
from cli.gameday import trail
from decide.chain import decide
from decide.facts import Facts
from edsr import audit
from edsr.audit import START, Head
from edsr.model import AuditRecord, Finding, Kind, Mode
from edsr.policy import Policy
from edsr.protocol.admission import body_of
from edsr.times import iso
from tests.estate import ACCOUNT, REGION
from tests.things import ALIAS, AT, a_finding, a_policy, a_subject

HAND = "edsr-act-shift-alias"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/edsr/Edsr-Compute-ActShiftAlias"


@dataclass
class Chain:
    """A chain that grows by a second a record."""

    id: str
    at: datetime = AT
    records: list[AuditRecord] = field(default_factory=list)

    def add(self, kind: Kind, actor: str, said: dict[str, Any], after: float = 1.0) -> "Chain":
        """The next record."""
        self.at += timedelta(seconds=after)
        head = Head(self.records[-1].seq, self.records[-1].hash) if self.records else START
        self.records.append(audit.link(head, self.id, kind, said, actor=actor, at=self.at, mode=Mode.AUTOMATIC))
        return self

    def decided(self, found: Finding, policy: Policy, facts: Facts | None = None) -> "Chain":
        """What the gates say."""
        decision = decide(found, policy, facts or Facts(now=AT, switches=()))
        kind = Kind.SUPPRESSED if decision.verdict == "suppress" else Kind.DECISION
        return self.add(kind, "decide", body_of(found, decision))

    def planned(self, digest: str) -> "Chain":
        """A plan is drawn."""
        return self.add(Kind.PLAN, "plan", {"digest": digest, "playbook": "lambda-alias-rollback"})

    def asked(self, digest: str, found: Finding, number: int = 1, need: int = 1) -> "Chain":
        """People are asked about a plan that was drawn."""
        told = {"title": found.title, "policy": found.policy, "subject": found.subject.arn}
        said = {"digest": digest, "asked": number, "need": need, **told}
        return self.planned(digest).add(Kind.APPROVAL, "approve", said)

    def answered(self, by: str, answer: str, digest: str, number: int = 1, *, last: bool = True) -> "Chain":
        """A person answers; the `last` who has to."""
        said = {"answer": answer, "by": by, "asked": number, "digest": digest, "complete": last, "caller": f"arn:{by}"}
        return self.add(Kind.APPROVAL, by, said)

    def acted(self, target: str = ALIAS, status: str = "DONE", direction: str = "apply", hand: str = HAND) -> "Chain":
        """A step: what was intended, and what came of it two seconds later."""
        step = {"step": 1, "direction": direction, "action": hand.removeprefix("edsr-act-"), "target": target}
        self.add(Kind.INTENT, hand, {**step, "args": {"version": "1"}, "before": {"version": "2"}, "attempt": 1})
        return self.add(Kind.OUTCOME, hand, {**step, "status": status, "after": {"version": "1"}}, after=2.0)

    def closed(self, state: str = "RESOLVED", reason: str = "every probe judged it better") -> "Chain":
        """The end."""
        said = {"state": state, "reason": reason, "policy": "lambda-canary-rollback", "subject": ALIAS}
        return self.add(Kind.CLOSE, "close", said)


def an_incident(name: str, policy: Policy | None = None, facts: Facts | None = None, at: datetime = AT) -> Chain:
    """A chain of an alias of its own, with what was decided."""
    found = a_finding(subject=a_subject(arn=ALIAS.replace("checkout", name)))
    return Chain(found.incident_id, at).decided(found, policy or a_policy(), facts)


def exported(folder: Path, chains: Iterable[Sequence[AuditRecord]]) -> Path:
    """The records as record exports them: an object a day here, with what marks a folder as a copy."""
    days: dict[str, list[AuditRecord]] = defaultdict(list)
    for records in chains:
        for one in records:
            days[one.ts[:10]].append(one)
    for day, records in days.items():
        file = folder / f"audit/dt={day}/{len(records)}-1.jsonl.gz"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress("".join(one.model_dump_json() + "\n" for one in records).encode(), mtime=0))
    said = {"taken_at": iso(AT), "bucket": "b", "since": "", "objects": len(days), "hidden": [], "strange": []}
    (folder / MANIFEST).write_text(json.dumps(said), encoding="utf-8")
    return folder


def a_call(
    number: int, at: datetime, name: str, session: str = HAND, role: str = ROLE, **changes: Any
) -> dict[str, Any]:
    """What CloudTrail says of a hand that moved the alias of a function; it knows seconds only."""
    issuer = {"type": "Role", "arn": role, "accountId": ACCOUNT, "userName": role.rsplit("/", 1)[1]}
    return {
        "eventVersion": "1.11",
        "eventTime": iso(at)[:19] + "Z",
        "eventID": f"00000000-0000-0000-0000-{number:012d}",
        "eventSource": "lambda.amazonaws.com",
        "eventName": "UpdateAlias20150331",
        "awsRegion": REGION,
        "readOnly": False,
        "managementEvent": True,
        "requestParameters": {"functionName": name, "name": "live", "functionVersion": "1"},
        "responseElements": None,
        "userIdentity": {
            "type": "AssumedRole",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role.rsplit('/', 1)[1]}/{session}",
            "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}},
        },
    } | changes


trailed = trail.write
"""The calls in a folder, as CloudTrail delivers them."""
