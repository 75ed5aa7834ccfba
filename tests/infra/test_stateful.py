"""What must outlive every deployment is encrypted, recoverable and hard to lose."""

import pytest

from tests.infra.conftest import Synth
from tests.infra.reading import Assembly, as_list

VERSIONED = {"VersioningConfiguration": {"Status": "Enabled"}}
TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")


def test_every_table_is_encrypted_with_our_own_key_and_recoverable_to_the_second(dev: Assembly) -> None:
    tables = [table for template in dev.templates for table in template.of(*TABLES).values()]
    assert {table["TableName"] for table in tables} == {"edsr-state", "edsr-audit"}
    for table in tables:
        assert table["SSESpecification"]["SSEType"] == "KMS"
        assert table["SSESpecification"]["KMSMasterKeyId"].startswith("<Key")
        replicas = [table, *table.get("Replicas", [])]
        assert any(
            one.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled") for one in replicas
        )
        assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
        assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_the_tables_have_the_keys_of_the_protocol(dev: Assembly) -> None:
    state = dev.stateful.one("AWS::DynamoDB::Table", TableName="edsr-state")
    audit = dev.stateful.one("AWS::DynamoDB::Table", TableName="edsr-audit")
    kinds = {item["AttributeName"]: item["AttributeType"] for item in state["AttributeDefinitions"]}
    assert kinds == {"pk": "S", "sk": "S", "open": "S", "next_check_at": "N"}
    (index,) = state["GlobalSecondaryIndexes"]
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["open", "next_check_at"]
    assert {item["AttributeName"]: item["AttributeType"] for item in audit["AttributeDefinitions"]} == {
        "pk": "S",
        "seq": "N",
    }
    assert audit["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"


def test_every_key_that_encrypts_is_rotated(dev: Assembly) -> None:
    for template in dev.templates:
        keys = template.of("AWS::KMS::Key").values()
        assert all(key["EnableKeyRotation"] for key in keys if key.get("KeyUsage") != "SIGN_VERIFY")


def test_one_key_signs_and_does_nothing_else(dev: Assembly) -> None:
    key = dev.stateful.one("AWS::KMS::Key", KeyUsage="SIGN_VERIFY")
    assert key["KeySpec"] == "ECC_NIST_P256"
    signs = [name for name, item in dev.compute.statements() if "kms:Sign" in as_list(item["Action"])]
    assert len(signs) == 1
    assert signs[0].startswith("AnchoringAnchor")


def test_the_export_is_private_versioned_and_encrypted_with_our_own_key(dev: Assembly) -> None:
    bucket = dev.stateful.one("AWS::S3::Bucket", **VERSIONED)
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"].startswith("<Key")
    assert bucket["LifecycleConfiguration"]["Rules"][0]["Transitions"][0]["StorageClass"] == "GLACIER_IR"


def test_what_auditors_asked_is_private_encrypted_and_goes_after_a_month(dev: Assembly) -> None:
    (bucket,) = [one for one in dev.stateful.of("AWS::S3::Bucket").values() if "VersioningConfiguration" not in one]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"].startswith("<Key")
    assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == 30


def test_the_buckets_are_reached_over_tls_only(dev: Assembly) -> None:
    denied = [item for _, item in dev.stateful.statements("AWS::S3::BucketPolicy") if item["Effect"] == "Deny"]
    assert any(item["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for item in denied)
    assert all(as_list(item["Principal"]["AWS"]) == ["*"] for item in denied)


@pytest.mark.parametrize(("environment", "mode"), [("dev", None), ("staging", "GOVERNANCE"), ("prod", "COMPLIANCE")])
def test_the_export_is_locked_as_the_environment_says(synth: Synth, environment: str, mode: str | None) -> None:
    bucket = synth(environment).stateful.one("AWS::S3::Bucket", **VERSIONED)
    lock = bucket.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
    assert lock.get("Mode") == mode
    assert bool(bucket.get("ObjectLockEnabled")) == bool(mode)


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_nothing_stateful_is_deleted_by_a_deployment_outside_dev(synth: Synth, environment: str) -> None:
    stack = synth(environment).stateful
    assert all(table["DeletionProtectionEnabled"] for table in stack.of(*TABLES).values())
    kept = stack.resources(*TABLES, "AWS::S3::Bucket", "AWS::KMS::Key").values()
    assert {item["DeletionPolicy"] for item in kept} == {"Retain"}
    assert {item["UpdateReplacePolicy"] for item in kept} == {"Retain"}


def test_dev_can_be_destroyed(dev: Assembly) -> None:
    assert not any(table["DeletionProtectionEnabled"] for table in dev.stateful.of(*TABLES).values())
    kept = dev.stateful.resources(*TABLES, "AWS::S3::Bucket", "AWS::KMS::Key").values()
    assert {item["DeletionPolicy"] for item in kept} == {"Delete"}


def test_the_stacks_share_parameters_and_no_exports(dev: Assembly) -> None:
    for template in dev.templates:
        assert "Outputs" not in template.body
        assert "Fn::ImportValue" not in template.text
    said = {item["Name"] for item in dev.stateful.of("AWS::SSM::Parameter").values()}
    read = {item["Default"] for item in dev.compute.body["Parameters"].values()}
    assert read - said == {"/cdk-bootstrap/hnb659fds/version"}
    assert said <= read
