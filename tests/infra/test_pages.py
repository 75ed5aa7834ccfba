"""People are told in words, over an encrypted topic, about what only they can settle."""

import json

from edsr import pattern
from infra.config.channels import SYNTHETIC
from tests.infra.reading import Assembly

RULES = "AWS::Events::Rule"


def test_every_notice_goes_to_the_pages_with_what_to_know_and_what_to_do(dev: Assembly) -> None:
    rule = dev.compute.one(RULES, Name="edsr-page-notice")
    assert pattern.compile(rule["EventPattern"]).matches({"source": "edsr.notify", "detail": {"data": {}}})
    assert not pattern.compile(rule["EventPattern"]).matches({"source": "edsr", "detail": {"data": {}}})
    (target,) = rule["Targets"]
    paths = target["InputTransformer"]["InputPathsMap"]
    assert {path.removeprefix("$.detail.data.") for path in paths.values()} == set(paths) <= set(SYNTHETIC["data"])
    text = "\n".join(json.loads(line) for line in target["InputTransformer"]["InputTemplate"].splitlines())
    assert all(f"<{field}>" in text for field in paths)
    assert {"headline", "reason", "side_effects", "audit", "runbook", "correlation_id", "incident_id"} <= set(paths)


def test_the_topic_is_encrypted_and_only_our_rules_and_alarms_publish(dev: Assembly) -> None:
    topic = dev.compute.one("AWS::SNS::Topic", TopicName="edsr-pages")
    identity = dev.compute.identity("AWS::SNS::Topic", TopicName="edsr-pages")
    assert topic["KmsMasterKeyId"].startswith("<PagesKey")
    statements = dev.compute.one("AWS::SNS::TopicPolicy", Topics=[f"<{identity}>"])["PolicyDocument"]["Statement"]
    allows = {
        item["Principal"]["Service"]: item["Condition"]["ArnLike"] for item in statements if item["Effect"] == "Allow"
    }
    here = "us-east-1:000000000000"
    assert allows == {
        "events.amazonaws.com": {"aws:SourceArn": f"arn:aws:events:{here}:rule/edsr/edsr-page-*"},
        "cloudwatch.amazonaws.com": {"aws:SourceArn": f"arn:aws:cloudwatch:{here}:alarm:edsr-*"},
    }
    assert any(item["Effect"] == "Deny" and "aws:SecureTransport" in str(item["Condition"]) for item in statements)


def test_what_the_suite_announces_is_archived_for_a_month(dev: Assembly) -> None:
    archive = dev.compute.one("AWS::Events::Archive")
    assert archive["RetentionDays"] == 30
    assert dev.compute.one("AWS::Events::EventBus")["Name"] == "edsr"
