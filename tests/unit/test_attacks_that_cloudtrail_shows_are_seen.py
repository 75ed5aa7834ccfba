"""Labelled detonations are seen, attempts that failed are not; and what another suite of detections says of our own."""

import gzip
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from edsr import pattern
from edsr.pattern.branches import Field
from tests.detections import WATCHING, delivered, seen_by
from tests.estate import ROOT
from tests.sources import became

SHARED = ROOT.parent / "shared" / "data"
SAMPLE = SHARED / "cloudtrail" / "enveloped_sample.jsonl.gz"
real = pytest.mark.skipif(not SHARED.is_dir(), reason="the collected real events are not beside the repository")

SEEN_BY = {
    "aws.credential-access.secretsmanager-batch-retrieve-secrets": "attack-secrets-read",
    "aws.credential-access.secretsmanager-retrieve-secrets": "attack-secrets-read",
    "aws.defense-evasion.cloudtrail-delete": "attack-logs-removed",
    "aws.defense-evasion.vpc-remove-flow-logs": "attack-logs-removed",
    "aws.discovery.ec2-download-user-data": "attack-user-data-read",
    "aws.execution.ec2-launch-unusual-instances": "attack-unusual-instances",
    "aws.execution.ssm-start-session": "attack-session-opened",
    "aws.exfiltration.ec2-security-group-open-port-22-ingress": "opened-security-group",
    "aws.exfiltration.ec2-share-ami": "attack-data-shared",
    "aws.exfiltration.ec2-share-ebs-snapshot": "attack-data-shared",
    "aws.exfiltration.rds-share-snapshot": "attack-data-shared",
    "aws.impact.bedrock-invoke-model": "attack-models-enabled",
    "aws.lateral-movement.ec2-instance-connect": "attack-session-opened",
    "aws.persistence.iam-backdoor-user": "attack-credentials-planted",
    "aws.persistence.iam-create-admin-user": "attack-credentials-planted",
    "aws.persistence.iam-create-backdoor-role": "attack-credentials-planted",
    "aws.persistence.lambda-overwrite-code": "attack-function-overwritten",
    "aws.privilege-escalation.iam-update-user-login-profile": "attack-credentials-planted",
}
"""Each technique that was detonated, and the policy that sees it."""

ATTEMPTS = {"attack-user-data-read", "attack-unusual-instances"}
"""Policies that ask for denied attempts too: these detonations were denied, and the attempt is the news."""

PANTHER = {
    "attack-secrets-read": ("AWS.SecretsManager.RetrieveSecrets", "AWS.SecretsManager.BatchRetrieveSecrets"),
    "attack-logs-removed": ("AWS.CloudTrail.SecurityConfigurationChange", "AWS.CloudTrail.DNSLogsDeleted"),
    "attack-user-data-read": ("AWS.EC2.DownloadInstanceUserData",),
    "attack-data-shared": ("AWS.CloudTrail.SnapshotMadePublic",),
    "attack-credentials-planted": (
        "AWS.IAM.AttachAdminUserPolicy",
        "AWS.IAM.Backdoor.User.Keys",
        "AWS.CloudTrail.LoginProfileCreatedOrModified",
        "AWS.User.Login.Profile.Modified",
    ),
    "attack-function-overwritten": ("AWS.Lambda.UpdateFunctionCode",),
    "stopped-cloudtrail": ("AWS.CloudTrail.Stopped",),
    "opened-security-group": ("AWS.EC2.SecurityGroupModified",),
}
"""A policy of ours, and the rules of the public suite that ask for the same."""

MISSED = {
    ("AWS.SecretsManager.RetrieveSecrets", "GetSecretValue Denied"): "it was denied, so that no secret was read",
    ("AWS.SecretsManager.BatchRetrieveSecrets", "BatchGetSecretValue"): "the case says of nobody who called; a real "
    "record does, and ours asks for a long-lived key",
    ("AWS.CloudTrail.DNSLogsDeleted", "Logs Deleted"): "logs of DNS queries are not among the techniques covered",
    ("AWS.CloudTrail.LoginProfileCreatedOrModified", "User changed password for other"): "people's roles reset "
    "passwords every day; ours asks for a long-lived key",
    ("AWS.User.Login.Profile.Modified", "User changed password for other"): "as above",
    ("AWS.Lambda.UpdateFunctionCode", "SSO AssumedRole Updates Lambda Code"): "pipelines and people deploy by roles; "
    "ours asks for a long-lived key",
    ("AWS.EC2.SecurityGroupModified", "Security Group Modified"): "ours asks whether the world is let in, not whether "
    "a group was changed",
}
"""Cases that the public suite wants to be seen and ours does not see, and why that is right."""

ANOTHER_QUESTION = {
    ("AWS.IAM.CreateUser", "IAM User Not Created"): "its rule asks for users that are made; here an existing one is "
    "made an administrator, which is ours to see",
    ("AWS.CloudTrail.RootAccessKeyCreated", "Root Created Access Key For User"): "its rule asks for keys of the root; "
    "here the root makes one for a user, which is ours to see",
}
"""Quiet cases of rules that ask for something else, in which a policy of ours rightly sees something."""


def tell(line: str) -> None:
    """Show a figure to who runs the tests with -s."""
    sys.stdout.write(f"{line}\n")


def sampled() -> list[dict[str, Any]]:
    """Each line of the enveloped sample."""
    with gzip.open(Path(SAMPLE), "rt") as lines:
        return [json.loads(line) for line in lines]


def detonations() -> dict[str, list[dict[str, Any]]]:
    """The events of each technique."""
    events: dict[str, list[dict[str, Any]]] = {}
    for line in sampled():
        if line["ref"].startswith("stratus:"):
            events.setdefault(line["ref"].split(":")[1], []).append(line["event"])
    return events


def cases() -> list[dict[str, Any]]:
    """The public suite's cases that are records of CloudTrail."""
    with (SHARED / "panther_tests.jsonl").open() as lines:
        read = [json.loads(line) for line in lines]
    return [case for case in read if "AWS.CloudTrail" in case["log_types"] and "eventName" in case["event"]]


@real
def test_every_labelled_technique_is_seen_at_least_once() -> None:
    seen = {name: Counter(by for event in events for by in seen_by(event)) for name, events in detonations().items()}
    assert {name: set(by) for name, by in seen.items()} == {name: {by} for name, by in SEEN_BY.items()}
    for name, by in sorted(seen.items()):
        tell(f"{name:64} {len(detonations()[name]):3} events, {dict(by)}")


@real
@pytest.mark.parametrize("technique", sorted(SEEN_BY))
def test_the_same_call_denied_is_seen_only_by_policies_that_ask_for_it(technique: str) -> None:
    for event in detonations()[technique]:
        denied = event | {"detail": event["detail"] | {"errorCode": "AccessDenied"}}
        assert seen_by(denied) == set()
        unauthorised = event | {"detail": event["detail"] | {"errorCode": "Client.UnauthorizedOperation"}}
        assert seen_by(unauthorised) <= ATTEMPTS


@real
def test_nothing_is_seen_that_the_public_suite_says_is_quiet() -> None:
    false = {
        (case["rule_id"], case["test"]): sorted(by)
        for case in cases()
        if not case["expected"] and (by := seen_by(delivered(case["event"])))
    }
    assert false.keys() == ANOTHER_QUESTION.keys()
    mapped = {rule for rules in PANTHER.values() for rule in rules}
    assert not mapped & {rule for rule, _ in false}


@real
def test_whatever_the_public_suite_sees_and_ours_does_not_is_explained() -> None:
    wanted = [
        (policy, case)
        for policy, rules in PANTHER.items()
        for case in cases()
        if case["rule_id"] in rules and case["expected"]
    ]
    missed = {
        (case["rule_id"], case["test"]) for policy, case in wanted if policy not in seen_by(delivered(case["event"]))
    }
    assert missed == MISSED.keys()
    assert {rule for rules in PANTHER.values() for rule in rules} <= {case["rule_id"] for case in cases()}
    tell(f"{len(wanted)} cases to be seen by {len(PANTHER)} policies: {len(wanted) - len(missed)} seen")


@real
@pytest.mark.parametrize("source", ["cloudtrail", "security"])
def test_every_recorded_event_ends_in_a_finding_or_is_ignored_for_a_reason(source: str) -> None:
    """What is malformed lacks what CloudTrail always writes: others shortened it before they published it."""
    said = Counter(became(source, line["event"]).partition(" ")[0] for line in sampled())
    of_stratus = Counter(
        became(source, event).partition(" ")[0] for events in detonations().values() for event in events
    )
    tell(f"{source}: sample {dict(said)}, of these detonations {dict(of_stratus)}")
    assert set(said) <= {"finding:", "ignored:", "malformed:"}
    assert of_stratus["malformed:"] == 0
    assert sum(of_stratus.values()) == 109


@real
def test_how_much_of_a_public_collection_of_rules_is_covered_is_told() -> None:
    with (SHARED / "sigma_aws_rules.jsonl").open() as lines:
        rules = [json.loads(line) for line in lines]
    named = [names for rule in rules if (names := set(_names(rule["detection"])))]
    fields = [one for policy in WATCHING for one in _taking(pattern.compile(policy.detect.pattern))]
    covered = sum(any(field.takes(name) for field in fields for name in names) for names in named)
    tell(f"of {len(rules)} rules {len(named)} name calls; policies take a call of {covered}")
    assert 0 < covered <= len(named)


def _names(detection: Any) -> list[str]:
    """The calls that a rule names, however it is nested."""
    if isinstance(detection, list):
        return [name for one in detection for name in _names(one)]
    if not isinstance(detection, dict):
        return []
    said = detection.get("eventName", [])
    inner = [name for key, value in detection.items() if key != "eventName" for name in _names(value)]
    return [name for name in (said if isinstance(said, list) else [said]) if isinstance(name, str)] + inner


def _taking(compiled: pattern.Pattern) -> list[Field]:
    return [field for branch in compiled.branches for field in branch.fields if field.path == "detail.eventName"]
