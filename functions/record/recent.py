"""The latest incidents: which they are, for a dashboard that cannot search; each is remembered for a week."""

from collections.abc import Iterable
from datetime import timedelta

from edsr.aws.faults import named
from edsr.aws.items import plain, typed
from edsr.aws.store import DynamoStore
from edsr.model import AuditRecord, DecisionVerdict, Kind
from edsr.ports import Client, Write
from edsr.protocol import keys
from edsr.serve import Runtime
from edsr.settings import Record
from edsr.times import epoch, parse

KEPT = timedelta(days=7)
SHOWN = (DecisionVerdict.ACT, DecisionVerdict.ASK, DecisionVerdict.ESCALATE)
"""What is only watched, or held back, would hide what matters."""


def remember(records: Iterable[AuditRecord], runtime: Runtime[Record]) -> None:
    """Remember the incidents that these records begin; again and again gives the same. Raises Transient."""
    begun = [record for record in records if record.kind is Kind.DECISION and _matters(record)]
    found = {keys.recent(record.ts, record.incident_id): epoch(parse(record.ts) + KEPT) for record in begun}
    if found:
        store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
        store.commit([Write("RECENT", "Put", key, item={"ttl": ttl}) for key, ttl in found.items()])


def _matters(record: AuditRecord) -> bool:
    return record.body["decision"]["verdict"] in SHOWN


def latest(client: Client, table: str, count: int) -> list[str]:
    """The ids of the latest incidents, the newest first, each once. Raises Transient."""
    with named("reading the latest incidents"):
        answer = client.query(
            TableName=table,
            KeyConditionExpression="#pk = :recent",
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues=typed({":recent": keys.RECENT}),
            ScanIndexForward=False,
            Limit=count,
        )
    return list(dict.fromkeys(str(plain(item)["sk"]).rpartition("#")[2] for item in answer["Items"]))
