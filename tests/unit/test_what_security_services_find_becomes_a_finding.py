"""GuardDuty, Security Hub, Inspector, Access Analyzer, Config: what is open is found, once; what is closed is quiet."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import estate
from tests.estate import EVENTS
from tests.sources import became, found

NAMES = sorted(file.stem for file in (EVENTS / "security").glob("*.json"))
BECAME = {
    "bucket-could-not-be-looked-at": "ignored: the resource could not be looked at: ACCESS_DENIED",
    "bucket-is-private-again": "ignored: the finding is RESOLVED",
    "bucket-is-public-archived": "ignored: the finding is ARCHIVED",
    "bucket-is-public": "finding: s3:bucket public-access",
    "control-fails-again": "finding: s3:bucket S3.8",
    "control-fails-archived": "ignored: the finding is ARCHIVED",
    "control-fails-for-the-account": "finding: account EC2.7",
    "control-fails-suppressed": "ignored: the finding is SUPPRESSED",
    "control-fails-v2": "finding: s3:bucket S3.8",
    "control-fails-without-resource": "malformed: the finding names no resource",
    "control-fails": "finding: s3:bucket S3.8",
    "control-passes-v2": "ignored: the finding is Pass",
    "control-passes": "ignored: the finding is PASSED",
    "control-resolved-v2": "ignored: the finding is Resolved",
    "file-system-changed": "finding: elasticfilesystem:file-system configuration-update",
    "group-complies-again": "ignored: the resource is COMPLIANT",
    "group-stops-complying": "finding: ec2:security-group restricted-ssh",
    "instance-is-patched": "ignored: the finding is CLOSED",
    "instance-is-vulnerable-suppressed": "ignored: the finding is SUPPRESSED",
    "instance-is-vulnerable": "finding: ec2:instance CVE-2026-0001",
    "instance-mines-archived": "ignored: the finding is archived",
    "instance-mines-on": "finding: ec2:instance CryptoCurrency:EC2/BitcoinTool.B!DNS",
    "instance-mines-sample": "ignored: the finding is a sample",
    "instance-mines-without-id": "malformed: the event lacks detail.id",
    "instance-mines": "finding: ec2:instance CryptoCurrency:EC2/BitcoinTool.B!DNS",
    "session-is-stolen": "finding: iam:role UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
    "user-key-is-stolen": "finding: iam:user UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom",
    "user-key-is-stolen-archived": "ignored: the finding is archived",
    "member-key-is-stolen": "finding: iam:role UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
    "role-is-unused": "finding: iam:role UnusedIAMRole",
    "user-stops-complying": "finding: config:config-rule iam-user-mfa-enabled",
}


def event(name: str) -> dict[str, Any]:
    return estate.event(f"security/{name}")


def test_each_event_of_ours_becomes_what_it_should() -> None:
    assert {name: became("security", event(name)) for name in NAMES} == BECAME


@pytest.mark.parametrize(
    ("name", "arn"),
    [
        ("instance-mines", "arn:aws:ec2:us-east-1:000000000000:instance/i-0a1b2c3d4e5f60718"),
        ("member-key-is-stolen", "arn:aws:iam::111111111111:role/deploy"),
        ("control-fails", "arn:aws:s3:::orders-archive"),
        ("control-fails-for-the-account", "arn:aws:iam::000000000000:root"),
        ("group-stops-complying", "arn:aws:ec2:us-east-1:000000000000:security-group/sg-0a1b2c3d4e5f60718"),
        (
            "user-stops-complying",
            "arn:aws:config:us-east-1:000000000000:config-rule/config-rule-abc123/AWS::IAM::User/AIDAEXAMPLE",
        ),
    ],
)
def test_a_finding_is_about_the_resource(name: str, arn: str) -> None:
    assert found("security", event(name)).subject.arn == arn


def test_a_members_finding_is_about_the_members_account() -> None:
    assert found("security", event("member-key-is-stolen")).subject.account == "111111111111"


@pytest.mark.parametrize("name", ["instance-mines", "control-fails", "instance-is-vulnerable", "bucket-is-public"])
def test_a_copy_is_the_same_finding(name: str) -> None:
    again = event(name) | {"id": "another", "time": "2026-03-02T09:00:00Z"}
    assert found("security", event(name)).id == found("security", again).id


def test_what_goes_on_is_the_same_finding() -> None:
    assert found("security", event("instance-mines")).id == found("security", event("instance-mines-on")).id


def test_a_control_that_fails_again_is_another_finding() -> None:
    assert found("security", event("control-fails")).id != found("security", event("control-fails-again")).id


def test_two_resources_of_one_rule_are_two_findings() -> None:
    other = event("user-stops-complying")
    other["detail"]["resourceId"] = "AIDAOTHER"
    assert found("security", event("user-stops-complying")).signal_key != found("security", other).signal_key


@pytest.mark.parametrize("name", NAMES)
def test_an_event_that_only_looks_like_one_of_aws_is_ignored(name: str) -> None:
    assert became("security", event(name) | {"source": "com.example"}).endswith("anybody may send such an event")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in an event."""
    pairs: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [one for key, inner in pairs for one in ((*path, key), *places(inner, (*path, key)))]


EVERYWHERE = [(name, place) for name in NAMES for place in places(event(name))]
HOSTILE = st.sampled_from(
    ["1970-01-01T00:00:00Z", "not a time", "\x00", "\ud800", "../../etc", "arn:", "a" * (1 << 20), "${jndi:x}", -1]
)


@given(st.sampled_from(EVERYWHERE), JSON | HOSTILE)
def test_whatever_stands_anywhere_nothing_but_malformed_is_raised(
    where: tuple[str, tuple[str | int, ...]], value: Any
) -> None:
    name, place = where
    holder: Any = (told := event(name))
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    assert became("security", told).split(":")[0] in ("finding", "ignored", "malformed")


@given(st.sampled_from(EVERYWHERE))
def test_whatever_is_missing_nothing_but_malformed_is_raised(where: tuple[str, tuple[str | int, ...]]) -> None:
    name, place = where
    holder: Any = (told := event(name))
    for key in place[:-1]:
        holder = holder[key]
    del holder[place[-1]]
    assert became("security", told).split(":")[0] in ("finding", "ignored", "malformed")


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=4))
def test_any_event_at_all_is_ignored_or_malformed(told: dict[str, Any]) -> None:
    assert became("security", told).split(":")[0] in ("ignored", "malformed")
