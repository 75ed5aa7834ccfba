"""A copy of the export holds every version of every object, says what was hidden, and is asked without an account."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from moto import mock_aws

from cli.account import Account
from cli.audit import check
from cli.errors import Unavailable
from cli.export import LINES, copy, files, manifest
from edsr.ports import Client
from infra.parts.names import ANCHOR_KEY_PARAMETER, EXPORT_BUCKET_PARAMETER
from tests import estate
from tests.cli.commands import edsr
from tests.lake import an_incident, exported
from tests.things import AT

BUCKET = "edsr-export"
FIRST, SECOND = "audit/dt=2026-03-02/1-2.jsonl.gz", "audit/dt=2026-03-03/3-4.jsonl.gz"


@pytest.fixture
def bucket(credentials: None) -> Iterator[Client]:  # noqa: ARG001 - moto needs some
    """A versioned bucket, as the stack makes it, and the parameter that names it."""
    with mock_aws():
        s3 = estate.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        key = estate.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
        for name, value in ((EXPORT_BUCKET_PARAMETER, BUCKET), (ANCHOR_KEY_PARAMETER, key)):
            estate.client("ssm").put_parameter(Name=name, Value=value, Type="String")
        yield s3


@pytest.fixture
def account() -> Account:
    """An account of moto's."""
    return Account("moto", estate.client, is_sandbox=False)


def put(s3: Client, key: str, body: bytes) -> None:
    s3.put_object(Bucket=BUCKET, Key=key, Body=body)


def test_what_was_written_over_is_kept_beside_what_stood_there_first(
    bucket: Client, account: Account, tmp_path: Path
) -> None:
    for body in (b"first", b"second", b"third"):
        put(bucket, FIRST, body)
    made = copy(account, tmp_path / "out", AT)
    assert made.objects == 3
    kept = files(tmp_path / "out", LINES, versions=True)
    assert {file.name: file.read_bytes() for file in kept} == {
        "1-2.jsonl.gz": b"first",
        "1-2.jsonl.gz.version-2": b"second",
        "1-2.jsonl.gz.version-3": b"third",
    }
    assert [file.name for file in files(tmp_path / "out", LINES)] == ["1-2.jsonl.gz"]


def test_what_was_deleted_is_copied_and_named_and_what_is_not_ours_is_only_named(
    bucket: Client, account: Account, tmp_path: Path
) -> None:
    put(bucket, FIRST, b"hidden")
    bucket.delete_object(Bucket=BUCKET, Key=FIRST)
    put(bucket, "audit/dt=2026-03-02/../../escape.jsonl.gz", b"x")
    made = copy(account, tmp_path / "out", AT)
    assert (made.hidden, made.strange) == ((FIRST,), ("audit/dt=2026-03-02/../../escape.jsonl.gz",))
    assert (tmp_path / "out" / FIRST).read_bytes() == b"hidden"
    assert manifest(tmp_path / "out") == made
    assert not list(tmp_path.glob("escape*"))


def test_older_days_can_be_left_out(bucket: Client, account: Account, tmp_path: Path) -> None:
    put(bucket, FIRST, b"old")
    put(bucket, SECOND, b"new")
    made = copy(account, tmp_path / "out", AT, since="2026-03-03")
    assert (made.objects, made.since) == (1, "2026-03-03")
    assert [file.name for file in files(tmp_path / "out", LINES)] == ["3-4.jsonl.gz"]


@pytest.mark.parametrize("day", ["banana", "2026-3-1", "yesterday"])
def test_what_is_no_day_leaves_nothing_out(day: str, tmp_path: Path) -> None:
    answer = edsr("audit", "export", tmp_path / "out", "--since", day, "--profile", "none")
    assert (answer.code, f"'{day}' is no day" in answer.error) == (2, True)


def test_a_copy_says_since_when_it_is_checked(tmp_path: Path) -> None:
    exported(tmp_path, [an_incident("checkout").acted().closed().records])
    said = json.loads((tmp_path / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps(said | {"since": "2026-03-01"}))
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    (tmp_path / "public-key.pem").write_bytes(key.public_bytes(serialization.Encoding.PEM, form))
    assert "exported since 2026-03-01" in edsr("audit", "verify", "--from", tmp_path).words
    assert edsr("audit", "verify", "--from", tmp_path, "--json").json["since"] == "2026-03-01"


def test_what_was_deleted_is_named_in_the_account_too(bucket: Client, account: Account) -> None:
    put(bucket, FIRST, gzip.compress(b""))
    estate.make_tables()
    assert check(account).flaws == ()
    bucket.delete_object(Bucket=BUCKET, Key=FIRST)
    (flaw,) = check(account).flaws
    assert (flaw.incident_id, "was deleted" in flaw.what) == (FIRST, True)


def test_a_copy_is_not_mixed_with_what_lies_there(bucket: Client, account: Account, tmp_path: Path) -> None:
    put(bucket, FIRST, b"x")
    (tmp_path / "something").touch()
    with pytest.raises(Unavailable, match="not empty"):
        copy(account, tmp_path, AT)


NO_DAY = '{"taken_at": "2026-03-02T00:00:00Z", "bucket": "b", "since": "x", "objects": 0, "hidden": [], "strange": []}'


@pytest.mark.parametrize("said", [None, "{}", "[]", "not json", '{"hidden": 1}', NO_DAY, NO_DAY.replace("00:00Z", "?")])
def test_a_folder_that_is_no_copy_is_not_asked(said: str | None, tmp_path: Path) -> None:
    if said is not None:
        (tmp_path / "manifest.json").write_text(said)
    with pytest.raises(Unavailable, match="holds no export"):
        manifest(tmp_path)


def test_a_copy_is_asked_on_the_command_line(tmp_path: Path) -> None:
    chain = an_incident("checkout").acted().closed()
    exported(tmp_path, [chain.records])
    answer = edsr("audit", "query", "gaps-in-the-chain", "--from", tmp_path, "--since", "2026-03-01", "--json")
    assert (answer.code, answer.json["rows"]) == (0, [])
    answer = edsr("audit", "query", "SELECT kind, count(*) AS n FROM records GROUP BY kind", "--from", tmp_path)
    assert answer.code == 0
    assert "INTENT 1" in answer.words


def test_the_list_says_what_each_query_answers_and_has_to_be_told() -> None:
    listed = edsr("audit", "query", "--list", "--json")
    assert listed.code == 0
    said = {query["name"]: query for query in json.loads(listed.out)["queries"]}
    assert {"who-approved-what", "calls-without-record", "completeness"} <= set(said)
    assert [one["name"] for one in said["actions-on-a-resource"]["parameters"]] == ["since", "until", "resource"]
    assert "who-approved-what" in edsr("audit", "query", "--list").words
