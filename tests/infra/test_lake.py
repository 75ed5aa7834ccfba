"""What auditors ask with: tables over the export, a workgroup nobody can loosen, and the named queries."""

import base64
import json
import re
from typing import Any

import pytest

from infra.app import build
from infra.auditing.queries import queries, views
from infra.auditing.tables import DATABASE, WORKGROUP
from infra.config import load
from infra.errors import ConfigurationInvalid
from tests.infra.reading import Assembly, as_list

TABLE, QUERY = "AWS::Glue::Table", "AWS::Athena::NamedQuery"
TRAIL = {"bucket": "trail-of-ours", "prefix": "AWSLogs/000000000000/CloudTrail", "regions": ["eu-west-1", "us-east-1"]}


@pytest.fixture(scope="module")
def trailed(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """A deployment that knows a trail."""
    return Assembly(build(tmp_path_factory.mktemp("trailed"), "prod", given={"trail": TRAIL}))


def tables(assembly: Assembly) -> dict[str, dict[str, Any]]:
    return {item["TableInput"]["Name"]: item["TableInput"] for item in assembly.stateful.of(TABLE).values()}


def test_days_are_projected_so_that_nothing_has_to_be_crawled(trailed: Assembly) -> None:
    lines, trail = tables(trailed)["audit_lines"], tables(trailed)["trail"]
    assert re.fullmatch(r"s3://<Export\w+>/audit/dt=\$\{dt\}/", lines["Parameters"]["storage.location.template"])
    assert lines["Parameters"]["projection.dt.format"] == "yyyy-MM-dd"
    assert [key["Name"] for key in lines["PartitionKeys"]] == ["dt"]
    template = trail["Parameters"]["storage.location.template"]
    assert template == "s3://trail-of-ours/AWSLogs/000000000000/CloudTrail/${region}/${day}/"
    assert trail["Parameters"]["projection.region.values"] == "eu-west-1,us-east-1"
    assert trail["Parameters"]["projection.day.format"] == "yyyy/MM/dd"
    for table in (lines, trail):
        partitions = {key["Name"] for key in table["PartitionKeys"]}
        projected = {name.split(".")[1] for name in table["Parameters"] if name.startswith("projection.")}
        assert projected - {"enabled"} == partitions
        assert table["Parameters"]["projection.enabled"] == "true"


def test_a_view_is_deployed_as_its_file_says(trailed: Assembly) -> None:
    for name, view in views().items():
        table = tables(trailed)[name]
        packed = table["ViewOriginalText"].removeprefix("/* Presto View: ").removesuffix(" */")
        said = json.loads(base64.b64decode(packed))
        assert (said["originalSql"], said["schema"]) == (view.sql, DATABASE)
        assert [one["name"] for one in said["columns"]] == [
            one["Name"] for one in table["StorageDescriptor"]["Columns"]
        ]
        assert table["Parameters"]["presto_view"] == "true"


def test_every_named_query_is_deployed_as_its_file_says(trailed: Assembly) -> None:
    deployed = {item["Name"]: item for item in trailed.stateful.of(QUERY).values()}
    assert {name: item["QueryString"] for name, item in deployed.items()} == {
        name: query.sql for name, query in queries().items()
    }
    assert {(item["Database"], item["WorkGroup"]) for item in deployed.values()} == {(DATABASE, WORKGROUP)}
    assert all(len(item["QueryString"].encode()) < 262_144 for item in deployed.values())


def test_without_a_trail_nobody_is_offered_what_needs_one(prod: Assembly) -> None:
    assert set(tables(prod)) == {"audit_lines", "records"}
    deployed = {item["Name"] for item in prod.stateful.of(QUERY).values()}
    assert set(queries()) - deployed == {"calls-without-record", "records-without-call", "completeness"}


def test_nobody_who_asks_can_change_the_limits_of_the_workgroup(prod: Assembly) -> None:
    said = prod.stateful.one("AWS::Athena::WorkGroup")
    group = said["WorkGroupConfiguration"]
    assert said["RecursiveDeleteOption"] is False
    assert group["EnforceWorkGroupConfiguration"] is True
    assert group["BytesScannedCutoffPerQuery"] == 10 * 1024**3
    result = group["ResultConfiguration"]
    assert re.fullmatch(r"s3://<Results\w+>/athena/", result["OutputLocation"])
    assert result["ExpectedBucketOwner"] == "000000000000"
    assert result["EncryptionConfiguration"]["EncryptionOption"] == "SSE_KMS"
    assert result["EncryptionConfiguration"]["KmsKey"].startswith("<Key")


def test_an_auditor_asks_in_one_workgroup_about_these_tables_and_no_others(trailed: Assembly) -> None:
    document = trailed.compute.one("AWS::IAM::ManagedPolicy", ManagedPolicyName="edsr-auditor")["PolicyDocument"]
    said = {item["Sid"]: as_list(item["Resource"]) for item in document["Statement"]}
    assert said["AsksInSql"] == ["arn:aws:athena:us-east-1:000000000000:workgroup/edsr-audit"]
    glue = {place.rsplit(":", 1)[1] for place in said["Catalog"]}
    named = {f"table/edsr_audit/{name}" for name in tables(trailed)}
    assert glue == {"catalog", "database/edsr_audit", *named}
    assert said["ItsFiles"] == ["arn:aws:s3:::trail-of-ours/AWSLogs/000000000000/CloudTrail/*"]
    written = {
        place
        for item in document["Statement"]
        if "s3:PutObject" in as_list(item["Action"])
        for place in said[item["Sid"]]
    }
    assert written == {"arn:aws:s3:::<ResultsBucket>/*"}
    assert len(json.dumps(document, separators=(",", ":"))) < 6_144


@pytest.mark.parametrize(
    "wrong", [{"bucket": "NO"}, {"prefix": "it-ends-with/"}, {"regions": []}, {"regions": ["nowhere"]}]
)
def test_a_trail_is_named_as_aws_names_one(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationInvalid, match="trail"):
        load("dev", {"trail": {**TRAIL, **wrong}})
