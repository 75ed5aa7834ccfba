"""What people ask of an incident afterwards: the list, the timeline, the page, and whether the audit is intact."""

import gzip
import json
from typing import Any

import pytest

from cli import audit, incidents, page
from cli.account import Account
from cli.errors import Unavailable
from edsr.audit import Head, hash_of
from edsr.model import AuditRecord
from edsr.ports import utc_now
from edsr.timeline import as_json, timeline
from edsr.times import iso
from infra.parts.names import ANCHOR_KEY_PARAMETER, EXPORT_BUCKET_PARAMETER
from tests import estate
from tests.flow.conftest import Suite, signing_key, told

ACCOUNT = Account("test", estate.client, is_sandbox=False)
BATCH = "audit/dt=2026-03-02/1-5.jsonl.gz"
HOSTILE = "<script>alert('x')</script> [bold]{{ 7 * 7 }}"


def _export(rows: bytes, name: str = BATCH) -> None:
    estate.client("s3").put_object(Bucket="export", Key=name, Body=gzip.compress(rows))


@pytest.fixture
def remediated(suite: Suite) -> str:
    """An incident that ended well, its records exported."""
    state = {"value": "ALARM", "reason": HOSTILE, "timestamp": iso(utc_now())}
    incident = suite.alarm(state=state)["incident"]
    suite.decide()
    suite.wait_for("1")
    estate.set_alarm("canary-checkout-errors", "OK")
    assert suite.finish(incident) == "SUCCEEDED"
    rows = "".join(record.model_dump_json() + "\n" for record in suite.records(incident))
    s3 = estate.client("s3")
    s3.create_bucket(Bucket="export")
    s3.put_bucket_versioning(Bucket="export", VersioningConfiguration={"Status": "Enabled"})
    _export(rows.encode())
    told(EXPORT_BUCKET_PARAMETER, "export")
    told(ANCHOR_KEY_PARAMETER, signing_key())
    return incident


def test_the_list_shows_the_incident_and_what_it_came_to(remediated: str) -> None:
    (found,) = incidents.every(ACCOUNT)
    said = incidents.summary(found)
    assert (said["id"], said["state"], said["service"]) == (remediated, "RESOLVED", "checkout")


def test_an_incident_that_does_not_exist_is_said_not_to(suite: Suite) -> None:
    del suite
    with pytest.raises(Unavailable, match="there is no incident i-none"):
        incidents.one(ACCOUNT, "i-none")


def test_the_timeline_goes_from_the_event_to_the_end_without_going_back(remediated: str) -> None:
    entries = timeline(incidents.one(ACCOUNT, remediated).records)
    whats = [entry.moment.what for entry in entries]
    assert whats == [
        "canary-checkout-errors is in ALARM",
        "detected on checkout:live",
        "decided to act",
        "planned 1 step",
        "about to do shift-alias checkout:live to 1",
        "shift-alias DONE",
        "judged better",
        "closed as RESOLVED",
    ]
    assert all(entry.after_s >= 0 for entry in entries)
    assert entries[5].moment.why == "version 2 -> 1"
    assert json.loads(json.dumps(as_json(entries[5])))["audit_record"] == 4


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(remediated: str) -> None:
    html = page.render(incidents.one(ACCOUNT, remediated))
    assert "<script" not in html
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; [bold]{{ 7 * 7 }}" in html
    assert not [word for word in ("http://", "https://", "src=", "@import", "url(") if word in html]
    assert "default-src 'none'" in html
    assert "<strong>Intact:</strong>" in html


def test_an_untouched_audit_is_intact(remediated: str) -> None:
    del remediated
    found = audit.check(ACCOUNT)
    assert (found.chains, found.records, found.exported, found.intact) == (1, 5, 5, True)


def _key(incident: str, seq: int) -> dict[str, Any]:
    return {"pk": {"S": f"INC#{incident}"}, "seq": {"N": str(seq)}}


def _update(incident: str, seq: int, name: str, value: dict[str, Any]) -> None:
    estate.client("dynamodb").update_item(
        TableName="edsr-audit",
        Key=_key(incident, seq),
        UpdateExpression="SET #name = :value",
        ExpressionAttributeNames={"#name": name},
        ExpressionAttributeValues={":value": value},
    )


def test_a_changed_or_removed_record_is_named_whichever_it_is(remediated: str) -> None:
    dynamodb = estate.client("dynamodb")
    for seq in range(1, 6):
        whole = dynamodb.get_item(TableName="edsr-audit", Key=_key(remediated, seq))["Item"]
        _update(remediated, seq, "actor", {"S": "nobody"})
        (flaw,) = audit.check(ACCOUNT).flaws
        assert (flaw.incident_id, flaw.seq) == (remediated, seq)
        assert "was changed" in flaw.what
        dynamodb.delete_item(TableName="edsr-audit", Key=_key(remediated, seq))
        assert (remediated, seq) in [(flaw.incident_id, flaw.seq) for flaw in audit.check(ACCOUNT).flaws]
        dynamodb.put_item(TableName="edsr-audit", Item=whole)
    assert audit.check(ACCOUNT).intact


def test_a_record_that_cannot_be_read_any_more_is_named(remediated: str) -> None:
    _update(remediated, 2, "kind", {"S": "NOTHING"})
    found = audit.check(ACCOUNT)
    assert "record 2: was changed: kind" in " ".join(map(str, found.flaws))


def test_an_incident_that_was_removed_with_its_chain_left_behind_is_found(remediated: str) -> None:
    estate.client("dynamodb").delete_item(
        TableName="edsr-state", Key={"pk": {"S": f"INC#{remediated}"}, "sk": {"S": "HEAD"}}
    )
    assert "there is no such incident" in str(audit.check(ACCOUNT).flaws[0])


def test_a_chain_that_was_removed_whole_with_its_incident_still_stands_in_the_export(remediated: str) -> None:
    dynamodb = estate.client("dynamodb")
    dynamodb.delete_item(TableName="edsr-state", Key={"pk": {"S": f"INC#{remediated}"}, "sk": {"S": "HEAD"}})
    for seq in range(1, 6):
        dynamodb.delete_item(TableName="edsr-audit", Key=_key(remediated, seq))
    found = audit.check(ACCOUNT)
    assert [flaw.seq for flaw in found.flaws] == [1, 2, 3, 4, 5]


def _rewritten(incident_id: str) -> list[AuditRecord]:
    """The chain with another actor in record 2 and right hashes, in the table; the incident remembers its end."""
    chain = list(incidents.one(ACCOUNT, incident_id).records)
    head = Head(1, chain[0].hash)
    for n, record in enumerate(chain[1:], 1):
        changed = record.model_copy(update={"prev": head.hash, **({"actor": "nobody"} if n == 1 else {})})
        chain[n] = changed.model_copy(update={"hash": hash_of(changed)})
        head = Head(chain[n].seq, chain[n].hash)
        for name in ("actor", "prev", "hash"):
            _update(incident_id, record.seq, name, {"S": getattr(chain[n], name)})
    estate.client("dynamodb").update_item(
        TableName="edsr-state",
        Key={"pk": {"S": f"INC#{incident_id}"}, "sk": {"S": "HEAD"}},
        UpdateExpression="SET head_hash = :hash",
        ExpressionAttributeValues={":hash": {"S": head.hash}},
    )
    return chain


def test_a_chain_that_was_rewritten_with_its_head_differs_from_the_export(remediated: str) -> None:
    _rewritten(remediated)
    found = audit.check(ACCOUNT)
    assert [(flaw.seq, "the export says otherwise" in flaw.what) for flaw in found.flaws] == [
        (seq, True) for seq in (2, 3, 4, 5)
    ]


@pytest.mark.parametrize("key", [BATCH, "audit/dt=2026-03-03/1-5.jsonl.gz"])
def test_an_export_that_was_written_over_or_beside_does_not_hide_the_genuine_one(remediated: str, key: str) -> None:
    rows = "".join(record.model_dump_json() + "\n" for record in _rewritten(remediated))
    _export(rows.encode(), key)
    found = audit.check(ACCOUNT)
    assert [flaw.seq for flaw in found.flaws] == [2, 3, 4, 5]
    assert found.exported == 5


def test_an_export_that_was_deleted_is_read_all_the_same(remediated: str) -> None:
    _rewritten(remediated)
    estate.client("s3").delete_object(Bucket="export", Key=BATCH)
    deleted, *changed = audit.check(ACCOUNT).flaws
    assert (deleted.incident_id, "was deleted" in deleted.what) == (BATCH, True)
    assert [flaw.seq for flaw in changed] == [2, 3, 4, 5]


def test_a_record_that_is_missing_between_exported_ones_is_named(remediated: str) -> None:
    s3 = estate.client("s3")
    (version,) = s3.list_object_versions(Bucket="export")["Versions"]
    s3.delete_object(Bucket="export", Key=BATCH, VersionId=version["VersionId"])
    records = incidents.one(ACCOUNT, remediated).records
    _export("".join(record.model_dump_json() + "\n" for record in records if record.seq != 3).encode())
    (flaw,) = audit.check(ACCOUNT).flaws
    assert str(flaw) == f"{remediated} record 3: INTENT was removed from the export, which has later ones"


@pytest.mark.parametrize(
    "body",
    [b"not gzip", gzip.compress(b"{}\n"), gzip.compress(b"{}")[:12]],
    ids=["no-archive", "no-record", "half-an-archive"],
)
def test_an_export_that_cannot_be_read_is_named(remediated: str, body: bytes) -> None:
    del remediated
    key = "audit/dt=2026-03-03/9-9.jsonl.gz"
    estate.client("s3").put_object(Bucket="export", Key=key, Body=body)
    (flaw,) = audit.check(ACCOUNT).flaws
    assert flaw.incident_id.startswith(f"{key} version ")
    assert "cannot be read" in flaw.what, flaw.what
