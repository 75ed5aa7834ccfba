"""People are told in words, over an encrypted topic, about what only they can settle."""

import json
from typing import Any

from edsr import pattern
from tests.infra.reading import Assembly, Properties

CLOSED = {
    "source": "edsr",
    "detail-type": "Incident Closed",
    "detail": {"v": 1, "correlation_id": "i-1", "data": {"incident_id": "i-1", "seq": 5, "state": "ESCALATED"}},
}
DECIDED = {
    "source": "edsr",
    "detail-type": "Decision Made",
    "detail": {"v": 1, "correlation_id": "i-1", "data": {"incident_id": "i-1", "seq": 1, "verdict": "escalate"}},
}
FIELDS = {
    "incident_id",
    "seq",
    "state",
    "verdict",
    "title",
    "policy",
    "subject",
    "runbook",
    "reason",
    "postmortem",
    "context",
}


def page_rules(assembly: Assembly) -> list[Properties]:
    rules = assembly.compute.of("AWS::Events::Rule").values()
    return [rule for rule in rules if rule.get("EventBusName") == "edsr" and rule["Name"].startswith("edsr-page-")]


def pages(assembly: Assembly, event: Properties) -> bool:
    return any(pattern.compile(rule["EventPattern"]).matches(event) for rule in page_rules(assembly))


def saying(event: Properties, **said: Any) -> Properties:
    return {**event, "detail": {**event["detail"], "data": {**event["detail"]["data"], **said}}}


def test_an_incident_pages_when_it_ended_without_being_resolved(dev: Assembly) -> None:
    assert pages(dev, CLOSED)
    assert pages(dev, saying(CLOSED, state="ABORTED"))
    assert not pages(dev, saying(CLOSED, state="RESOLVED"))
    assert pages(dev, saying(CLOSED, state="REVERTED"))


def test_what_did_harm_pages_once_however_it_stands(dev: Assembly) -> None:
    for state in ("RESOLVED", "HOLDING", "ESCALATED"):
        harmful = saying(CLOSED, state=state, harm={"reason": "checkout fails"})
        told = [rule for rule in page_rules(dev) if pattern.compile(rule["EventPattern"]).matches(harmful)]
        assert [rule["Name"] for rule in told] == ["edsr-page-automation-harmed"]


def test_what_recovered_by_itself_pages_nobody(dev: Assembly) -> None:
    for state in ("ABORTED", "ESCALATED", "OBSERVED"):
        assert not pages(dev, saying(CLOSED, state=state, recovered="true"))


def test_a_decision_pages_only_when_it_is_left_to_a_person(dev: Assembly) -> None:
    assert pages(dev, DECIDED)
    assert not pages(dev, saying(DECIDED, verdict="act"))
    assert not pages(dev, saying(DECIDED, verdict="observe"))
    assert not pages(dev, {**DECIDED, "source": "somebody.else"})


def test_a_page_says_what_happened_to_what_and_where_to_read_on(dev: Assembly) -> None:
    for rule in page_rules(dev):
        (target,) = rule["Targets"]
        paths = target["InputTransformer"]["InputPathsMap"]
        assert {path.removeprefix("$.detail.data.") for path in paths.values()} <= FIELDS
        lines = [json.loads(line) for line in target["InputTransformer"]["InputTemplate"].splitlines()]
        text = "\n".join(lines)
        assert all(f"<{field}>" in text for field in paths)
        assert {"title", "subject", "reason", "runbook", "incident_id"} <= set(paths)


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
