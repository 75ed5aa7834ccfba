"""anchor: what was exported since the last time is signed once, also when it is nothing; a laptop can check it."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

import anchor.handler
from cli.account import Account
from cli.copied import Checked, check_copy
from cli.export import PUBLIC_KEY, copy
from edsr.anchors import Anchor, key_of
from edsr.errors import Malformed
from edsr.model import AuditRecord
from edsr.ports import Client, utc_now
from edsr.serve import Runtime
from edsr.settings import Anchoring
from infra.parts.names import ANCHOR_KEY_PARAMETER, EXPORT_BUCKET_PARAMETER
from tests import estate
from tests.cli.commands import edsr
from tests.lake import Chain, an_incident

BUCKET = "edsr-export"
SOON = timedelta(minutes=2)


@dataclass
class Export:
    """The bucket and the key, as the stack makes them; the time is ours, and later than what S3 says."""

    key: str
    later: timedelta = SOON
    between: Callable[[], None] = lambda: None
    kept: int = 0
    counted: list[str] = field(default_factory=list)

    def clients(self, service: str, *, mutating: bool = False) -> Client:
        """Moto's; something may happen before what is signed is kept."""
        assert not mutating
        if service == "kms":
            self.between()
        return estate.client(service)

    def run(self) -> dict[str, Any]:
        """One run of the function."""
        settings = Anchoring(export_bucket=BUCKET, anchor_key=self.key)
        answer: dict[str, Any] = anchor.handler.handler.handle(
            {}, Runtime(settings, self.clients, lambda: utc_now() + self.later)
        )
        return answer

    def put(self, *records: AuditRecord, body: bytes | None = None) -> str:
        """What record exports, a minute and a half before the next run."""
        self.kept += 1
        key = f"audit/dt={utc_now():%Y-%m-%d}/{self.kept}-{self.kept}.jsonl.gz"
        lines = "".join(one.model_dump_json() + "\n" for one in records).encode()
        estate.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body or gzip.compress(lines))
        kept = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[BUCKET].keys[key]
        kept.last_modified = utc_now().replace(tzinfo=None) + self.later - timedelta(seconds=90)
        return key

    def anchor(self, n: int) -> Anchor:
        """An anchor as it is kept."""
        return Anchor.model_validate_json(estate.client("s3").get_object(Bucket=BUCKET, Key=key_of(n))["Body"].read())

    def checked(self, folder: Path) -> Checked:
        """What `edsr audit export` and `verify` come to, on a laptop."""
        copy(Account("moto", estate.client, is_sandbox=False), folder, utc_now() + self.later)
        return check_copy(folder, [])


@pytest.fixture
def export(credentials: None) -> Iterator[Export]:  # noqa: ARG001 - moto needs some
    """An export without anything in it."""
    with mock_aws():
        s3, kms = estate.client("s3"), estate.client("kms")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
        for name, value in ((EXPORT_BUCKET_PARAMETER, BUCKET), (ANCHOR_KEY_PARAMETER, key)):
            estate.client("ssm").put_parameter(Name=name, Value=value, Type="String")
        yield Export(key)


def today(name: str = "checkout") -> Chain:
    return an_incident(name, at=utc_now()).acted().closed()


def test_it_is_signed_also_when_nothing_happened(export: Export, tmp_path: Path) -> None:
    first = export.run()
    assert (first["n"], first["signed"], first["heads"]) == (1, True, 0)
    export.later += timedelta(minutes=5)
    assert export.run()["n"] == 2
    assert export.anchor(2).since == export.anchor(1).until
    assert export.anchor(2).prev == export.anchor(1).digest
    assert export.checked(tmp_path) == Checked(0, 0, 0, (), 2, export.anchor(2).until)


def test_each_chain_that_grew_is_signed_with_its_last_record(export: Export, tmp_path: Path) -> None:
    one, other = today(), today("basket")
    export.put(*one.records[:2], *other.records)
    assert export.run()["heads"] == 2
    export.later += timedelta(minutes=5)
    export.put(*one.records[2:])
    assert export.run()["heads"] == 1
    assert {head.chain: head.seq for head in export.anchor(1).heads} == {one.id: 2, other.id: len(other.records)}
    assert {head.chain: head.seq for head in export.anchor(2).heads} == {one.id: len(one.records)}
    found = export.checked(tmp_path)
    assert (found.intact, found.chains, found.anchors) == (True, 2, 2)
    assert edsr("audit", "verify", "--from", tmp_path, "--key", tmp_path / PUBLIC_KEY).code == 0


def test_what_was_rewritten_in_every_place_shows_on_a_laptop(export: Export, tmp_path: Path) -> None:
    genuine = today()
    export.put(*genuine.records)
    export.run()
    export.checked(tmp_path / "out")
    forged = an_incident("checkout", at=utc_now()).acted("arn:another").closed()
    (file,) = (tmp_path / "out" / "audit").rglob("*.gz")
    file.write_bytes(gzip.compress("".join(one.model_dump_json() + "\n" for one in forged.records).encode()))
    answer = edsr("audit", "verify", "--from", tmp_path / "out", "--json")
    assert answer.code == 1
    assert [flaw["seq"] for flaw in answer.json["flaws"]] == [len(genuine.records)]
    assert "anchor saw another" in answer.json["flaws"][0]["what"]
    file.unlink()
    answer = edsr("audit", "verify", "--from", tmp_path / "out", "--json")
    assert "was removed: an anchor saw it" in answer.json["flaws"][0]["what"]


def test_a_run_that_comes_twice_signs_once(export: Export) -> None:
    export.put(*today().records)
    export.run()
    at = utc_now() + export.later
    export.later = timedelta(0)
    assert export.run() == {"n": 1, "signed": False}
    assert at > utc_now()


def test_of_two_that_run_at_once_one_is_kept(export: Export) -> None:
    other = Export(export.key)
    answers: list[dict[str, Any]] = []
    export.between = lambda: answers.append(other.run())
    second = export.run()
    assert [answers[0]["signed"], second["signed"]] == [True, False]
    assert (answers[0]["n"], second["n"]) == (1, 1)


def test_what_is_no_part_of_the_export_is_told_and_the_rest_is_signed(
    export: Export, capsys: pytest.CaptureFixture[str]
) -> None:
    export.put(body=b"not gzip")
    export.put(body=gzip.compress(b"{}"))
    export.put(*today().records)
    assert export.run()["heads"] == 1
    assert capsys.readouterr().out.count('"AuditTampered"') >= 2


def test_nothing_is_signed_over_what_is_no_anchor_and_strange_names_are_passed_over(export: Export) -> None:
    s3 = estate.client("s3")
    s3.put_object(Bucket=BUCKET, Key="anchors/zzz/strange.json", Body=b"x")
    s3.put_object(Bucket=BUCKET, Key="anchors/000000000/zzz.json", Body=b"x")
    export.put(*today().records)
    assert export.run()["n"] == 1
    s3.put_object(Bucket=BUCKET, Key=key_of(2), Body=b"x")
    export.later += timedelta(minutes=5)
    with pytest.raises(Malformed, match="nothing is signed over it"):
        export.run()


def test_what_was_left_unsigned_for_long_is_signed_day_by_day(export: Export) -> None:
    export.run()
    export.later += timedelta(minutes=5)
    export.put(*today().records)
    export.later += timedelta(days=2, hours=12)
    spans: list[timedelta] = []
    for _ in range(3):
        export.run()
        one = export.anchor(len(spans) + 2)
        spans.append(datetime.fromisoformat(one.until) - datetime.fromisoformat(one.since))
    assert spans[:2] == [timedelta(days=1)] * 2
    assert spans[2] < timedelta(days=1)
