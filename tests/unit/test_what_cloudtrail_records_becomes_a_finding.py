"""CloudTrail: what was touched and by whom; attempts that failed, which only some ask for; what the suite did."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsr.policy import Policy
from tests import estate
from tests.estate import EVENTS
from tests.sources import became, found
from tests.things import a_policy

NAMES = sorted(file.stem for file in (EVENTS / "cloudtrail" / "attacks").glob("*.json"))
ACCOUNT = "arn:aws:iam::000000000000:root"
BURSTS: Policy = a_policy(
    detect={
        "source": "cloudtrail",
        "severity": "high",
        "pattern": {
            "source": [{"prefix": "aws."}],
            "detail": {"errorCode": [{"prefix": "AccessDenied"}, {"suffix": "UnauthorizedOperation"}]},
        },
    }
)
FAILED_SIGN_INS: Policy = a_policy(
    detect={
        "source": "cloudtrail",
        "severity": "high",
        "pattern": {"source": ["aws.signin"], "detail": {"responseElements": {"ConsoleLogin": ["Failure"]}}},
    }
)


def event(name: str) -> dict[str, Any]:
    return estate.event(f"cloudtrail/attacks/{name}")


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("-denied")])
def test_an_attempt_that_was_denied_is_quiet_unless_the_pattern_asks_for_it(name: str) -> None:
    assert became("cloudtrail", event(name)).startswith("ignored: the call failed, so nothing was changed: ")
    assert found("cloudtrail", event(name), BURSTS).evidence["error"] in (
        "AccessDenied",
        "Client.UnauthorizedOperation",
    )


@pytest.mark.parametrize("name", [name for name in NAMES if not name.endswith(("-denied", "-failed"))])
def test_what_was_done_is_a_finding(name: str) -> None:
    assert became("cloudtrail", event(name)).startswith("finding: ")


@pytest.mark.parametrize(
    ("name", "arn", "kind"),
    [
        ("trail-deleted", "arn:aws:cloudtrail:us-east-1:000000000000:trail/audit", "cloudtrail:trail"),
        ("flow-logs-deleted", ACCOUNT, "account"),
        ("user-data-read", "arn:aws:ec2:us-east-1:000000000000:instance/i-0a1b2c3d4e5f60718", "ec2:instance"),
        ("session-opened-by-a-user", "arn:aws:ec2:us-east-1:000000000000:instance/i-0a1b2c3d4e5f60718", "ec2:instance"),
        ("image-shared", "arn:aws:ec2:us-east-1:000000000000:image/ami-0a1b2c3d4e5f60718", "ec2:image"),
        ("database-snapshot-shared", "arn:aws:rds:us-east-1:000000000000:snapshot:orders", "rds:snapshot"),
        ("key-made-for-another-user", "arn:aws:iam::000000000000:user/backup", "iam:user"),
        ("key-made-for-oneself-by-name", "arn:aws:iam::000000000000:user/eve", "iam:own-user"),
        ("administrator-role-made", "arn:aws:iam::000000000000:role/backup", "iam:role"),
        ("code-replaced-by-a-user", "arn:aws:lambda:us-east-1:000000000000:function:checkout", "lambda:function"),
        ("object-read", "arn:aws:s3:::orders-archive", "s3:bucket"),
        ("signed-in-with-mfa", "arn:aws:iam::000000000000:user/eve", "iam:user"),
    ],
)
def test_a_finding_is_about_what_was_touched(name: str, arn: str, kind: str) -> None:
    subject = found("cloudtrail", event(name)).subject
    assert (subject.arn, subject.kind) == (arn, kind)


def test_a_name_that_may_not_stand_in_an_arn_names_nothing() -> None:
    told = event("key-made-for-another-user")
    told["detail"]["requestParameters"]["userName"] = "a b\n*"
    assert found("cloudtrail", told).subject.arn == ACCOUNT


@pytest.mark.parametrize("name", ["sign-in-failed", "sign-in-of-a-hidden-user-failed"])
def test_a_sign_in_that_failed_is_found_where_the_pattern_asks_for_it(name: str) -> None:
    assert became("cloudtrail", event(name)).startswith("ignored: the call failed")
    assert found("cloudtrail", event(name), FAILED_SIGN_INS).evidence["mfa"] == "No"


def test_a_step_of_a_sequence_may_ask_for_what_failed_and_the_rest_does_not() -> None:
    last = {"source": ["aws.cloudtrail"], "detail": {"eventName": ["DeleteTrail"]}}
    before = {"source": ["aws.iam"], "detail": {"errorCode": ["AccessDenied"]}}
    chain = a_policy(
        detect={
            "source": "cloudtrail",
            "severity": "high",
            "pattern": last,
            "sequence": {"after": [{"source": "cloudtrail", "pattern": before}], "within": "PT1H"},
        }
    )
    assert found("cloudtrail", event("key-not-made-denied"), chain)
    with pytest.raises(AssertionError, match="the call failed"):
        found("cloudtrail", event("trail-not-deleted-denied"), chain)


def test_a_name_that_cloudtrail_hides_is_nobodys() -> None:
    hidden = found("cloudtrail", event("sign-in-of-a-hidden-user-failed"), FAILED_SIGN_INS)
    assert hidden.subject.arn == ACCOUNT


def by_role(role: str, account: str) -> dict[str, Any]:
    """A trail deleted in a session of a role of an account."""
    told = event("trail-deleted")
    told["detail"]["userIdentity"] = {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role.rsplit('/', 1)[-1]}/session",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::{account}:role/{role}"}},
    }
    return told


def test_what_a_role_of_the_suite_did_is_told_by_who_issued_its_session() -> None:
    ours = by_role("edsr/Edsr-Compute-ActRole", "000000000000")
    assert "edsr/" not in ours["detail"]["userIdentity"]["arn"]
    assert became("cloudtrail", ours) == "ignored: the suite did it itself"


@pytest.mark.parametrize(
    ("role", "account"),
    [("edsr/Act", "999999999999"), ("edsr-act", "000000000000"), ("other/edsr/act", "000000000000")],
)
def test_a_role_that_only_looks_like_one_of_the_suite_is_seen(role: str, account: str) -> None:
    assert became("cloudtrail", by_role(role, account)).startswith("finding: ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
HOSTILE = st.sampled_from(
    ["1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "\x00", "\ud800", "arn:", "a" * (1 << 20), "${jndi:x}", -1]
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in an event."""
    pairs: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [one for key, inner in pairs for one in ((*path, key), *places(inner, (*path, key)))]


EVERYWHERE = [(name, place) for name in NAMES for place in places(event(name))]


@given(st.sampled_from(EVERYWHERE), st.none() | JSON | HOSTILE, st.booleans())
def test_whatever_stands_or_is_missing_anywhere_nothing_but_malformed_is_raised(
    where: tuple[str, tuple[str | int, ...]], value: Any, missing: bool
) -> None:
    name, place = where
    holder: Any = (told := event(name))
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    if missing:
        del holder[place[-1]]
    assert became("cloudtrail", told).split(":")[0] in ("finding", "ignored", "malformed")
