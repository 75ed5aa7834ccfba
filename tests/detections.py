"""Policies held against recorded events: which of them see something; and CloudTrail's records as events."""

from typing import Any

from detect.intake import Ignored
from edsr.errors import Malformed
from edsr.policy import Library, Policy
from infra.trial import see
from tests.policies import SHIPPED

WATCHING = [policy for policy in Library.at(SHIPPED).policies() if policy.detect.source == "cloudtrail"]
"""The shipped policies that CloudTrail's events start."""

KINDS = {
    "AwsServiceEvent": "AWS Service Event via CloudTrail",
    "AwsConsoleSignIn": "AWS Console Sign In via CloudTrail",
}


def sees(policy: Policy, event: dict[str, Any]) -> bool:
    """Whether the policy's rule takes the event, its detector finds something, and the policy covers the subject."""
    try:
        found = see(policy, event)
    except (Malformed, ValueError):
        return False
    if isinstance(found, Ignored):
        return False
    known = {name: value for name, value in vars(found.subject).items() if value is not None}
    return policy.scope is None or policy.scope.matches_flat(known)


def seen_by(event: dict[str, Any]) -> set[str]:
    """The ids of the policies that see an event."""
    return {policy.id for policy in WATCHING if sees(policy, event)}


def delivered(record: dict[str, Any]) -> dict[str, Any]:
    """A record of CloudTrail as EventBridge delivers it. Others write its time in their own form, or leave it out."""
    detail = {"eventID": "0", "awsRegion": "us-east-1", **record, "eventTime": "2026-03-02T03:03:50Z"}
    return {
        "version": "0",
        "id": "0",
        "detail-type": KINDS.get(str(record.get("eventType")), "AWS API Call via CloudTrail"),
        "source": f"aws.{str(record.get('eventSource', '')).split('.')[0]}",
        "account": str(record.get("recipientAccountId") or "000000000000"),
        "time": "2026-03-02T03:04:05Z",
        "region": detail["awsRegion"],
        "resources": [],
        "detail": detail,
    }
