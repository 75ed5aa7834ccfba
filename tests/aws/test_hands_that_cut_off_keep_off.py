"""What the hands that cut something off refuse, what they write down first, and what their probes make of it."""

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from act.actuators import deactivate_key, deny_principal, revoke_sessions
from edsr.aws.readers import iam_role_sessions, iam_user, iam_user_denial
from edsr.errors import Gone, Refused
from edsr.model import Judged
from edsr.policy import Library
from edsr.ports import Clients, Observed
from tests import estate
from tests.aws.hands import made
from tests.aws.isolation import LEFT, ROLE, USER, simulated
from tests.aws.stand_ins import answered
from tests.aws.test_every_hand_keeps_its_contract import planned
from tests.policies import SHIPPED
from tests.things import AT

REWRITTEN = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}

REFUSED: list[tuple[Callable[..., None], str, dict[str, Any], dict[str, Any], str]] = [
    (deny_principal.guard, USER, {"denied": "{}"}, {}, "somebody has rewritten the policy edsr-deny"),
    (revoke_sessions.guard, ROLE, {"revoked": LEFT}, {"before": LEFT}, "are revoked already"),
    (revoke_sessions.guard, ROLE.replace("role/", "role/aws-service-role/x/"), {}, {"before": LEFT}, "service of AWS"),
]


@pytest.mark.parametrize(("guard", "target", "state", "args", "reason"), REFUSED)
def test_it_keeps_off(
    guard: Callable[..., None], target: str, state: dict[str, Any], args: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        guard(estate.client, target, state, args)


def test_a_key_that_was_deleted_is_gone_and_one_that_is_there_may_be_brought_back() -> None:
    with pytest.raises(Gone, match="has no key AKIA2"):
        deactivate_key.guard(estate.client, USER, {"AKIA1": "Active"}, {"key": "AKIA2"})
    deactivate_key.guard(estate.client, USER, {"AKIA1": "Inactive"}, None)


@pytest.mark.parametrize("key", ["ASIAEXAMPLE000000000", "AKIA", "", "akiaexample000000000"])
def test_the_key_of_a_session_cannot_be_deactivated(key: str) -> None:
    with pytest.raises(ValueError, match="String should match pattern"):
        deactivate_key.goal({"key": key})


def test_a_moment_needs_its_offset() -> None:
    with pytest.raises(ValueError, match="needs its offset"):
        revoke_sessions.goal({"before": "2026-03-02T03:04:05"})
    assert revoke_sessions.goal({"before": "2026-03-02T04:04:05.9+01:00"}) == {"revoked": "2026-03-02T03:04:05.000Z"}


@pytest.fixture
def tables(aws: None) -> None:  # noqa: ARG001 - moto has to answer first
    """The protocol's."""
    estate.make_tables()


@pytest.fixture
def library() -> Library:
    """The shipped documents."""
    return Library.at(SHIPPED, {"account": estate.ACCOUNT, "region": estate.REGION})


@pytest.mark.usefixtures("tables")
def test_what_a_key_was_last_used_for_is_written_down_before_it_is_deactivated(library: Library) -> None:
    with made("deactivate-key") as world:
        shop = planned(library, world)
        assert shop.act()["status"] == "DONE"
        before = next(record for record in shop.records() if record.kind.value == "INTENT").body["before"]
        assert before["state"] == dict.fromkeys(before["evidence"], "Active")
        assert set(before["evidence"][world.args["key"]]) == {"last_used", "service", "region"}


@pytest.mark.usefixtures("tables")
def test_a_key_that_goes_on_being_used_is_deactivated_all_the_same(library: Library) -> None:
    uses = iter(["2026-03-02T03:00:00Z", "2026-03-02T03:01:00Z"] * 2)

    def used(_: dict[str, Any]) -> dict[str, Any]:
        last = {"LastUsedDate": estate.Clock(AT)(), "ServiceName": next(uses), "Region": "us-east-1"}
        return {"UserName": "deploy", "AccessKeyLastUsed": last}

    with made("deactivate-key") as world, answered("iam", "GetAccessKeyLastUsed", used):
        assert planned(library, world).act()["status"] == "DONE"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("user/break-glass-1", True),
        ("user/admins/break-glass-1", True),
        ("role/break-glass", True),
        ("user/deploy", False),
        ("role/deploy", False),
    ],
)
def test_who_gets_in_when_nothing_else_works_is_never_locked_out(library: Library, name: str, kept: bool) -> None:
    assert bool(library.protected(f"arn:aws:iam::{estate.ACCOUNT}:{name}")) is kept


Observe = Callable[[Clients, str], Observed]


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("observe", "arn"),
    [(iam_user.observe, USER), (iam_user_denial.observe, USER), (iam_role_sessions.observe, ROLE)],
)
def test_who_was_deleted_is_gone_and_a_namesake_is_out_of_reach(observe: Observe, arn: str) -> None:
    with pytest.raises(Gone):
        observe(estate.client, arn)
    iam = estate.client("iam")
    iam.create_user(UserName="deploy", Path="/admins/")
    iam.create_role(RoleName="deploy", Path="/admins/", AssumeRolePolicyDocument="{}")
    with pytest.raises(Refused, match=r"is out of reach: what has its name here is .*/admins/deploy"):
        observe(estate.client, arn)


@pytest.mark.usefixtures("aws")
def test_a_denial_that_somebody_rewrote_is_told_from_the_suites_own() -> None:
    iam = estate.client("iam")
    iam.create_user(UserName="deploy")
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument="{}")
    iam.put_user_policy(UserName="deploy", PolicyName="edsr-deny", PolicyDocument=json.dumps(REWRITTEN))
    iam.put_role_policy(RoleName="deploy", PolicyName="edsr-revoke-sessions", PolicyDocument=json.dumps(REWRITTEN))
    said = json.dumps(REWRITTEN, sort_keys=True)
    assert iam_user_denial.observe(estate.client, USER).state == {"denied": said}
    assert iam_role_sessions.observe(estate.client, ROLE).state == {"revoked": said}


def test_what_is_revoked_are_the_sessions_before_a_moment_and_no_others() -> None:
    (statement,) = iam_role_sessions.policy(LEFT)["Statement"]
    assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Deny", "*", "*")
    assert statement["Condition"] == {"DateLessThan": {"aws:TokenIssueTime": LEFT}}


def look(probe: str, args: dict[str, Any]) -> Judged:
    judged: Judged = import_module(f"verify.probes.{probe}").look(estate.client, args, since=AT, now=AT).judged
    return judged


@pytest.mark.usefixtures("aws")
def test_a_key_is_inactive_when_nobody_can_sign_with_it() -> None:
    with made("deactivate-key") as world:
        assert world.probe
        assert look("key_is_inactive", world.probe[1]) is Judged.WORSE
        deactivate_key.apply(estate.client, USER, deactivate_key.goal(world.args), "", "")
        assert look("key_is_inactive", world.probe[1]) is Judged.BETTER
        deactivate_key.apply(estate.client, USER, {world.args["key"]: "Active"}, "", "")
        assert look("key_is_inactive", world.probe[1]) is Judged.WORSE
        estate.client("iam").delete_access_key(UserName="deploy", AccessKeyId=world.args["key"])
        assert look("key_is_inactive", world.probe[1]) is Judged.BETTER


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("decision", "expected"),
    [("explicitDeny", Judged.BETTER), ("implicitDeny", Judged.WORSE), ("allowed", Judged.WORSE)],
)
def test_a_principal_is_denied_when_a_policy_says_so_whatever_they_ask_for(decision: str, expected: Judged) -> None:
    with answered("iam", "SimulatePrincipalPolicy", simulated(decision)) as asked:
        assert look("principal_is_denied", {"principal": ROLE, "issued": LEFT}) is expected
        assert look("principal_is_denied", {"principal": USER}) is expected
    entries = [said["ContextEntries"] for said in asked]
    assert entries == [
        [{"ContextKeyName": "aws:TokenIssueTime", "ContextKeyType": "date", "ContextKeyValues": [LEFT]}],
        [],
    ]


@pytest.mark.usefixtures("aws")
def test_of_what_iam_says_nothing_about_nobody_is_denied() -> None:
    with answered("iam", "SimulatePrincipalPolicy", lambda _: {"EvaluationResults": []}):
        assert look("principal_is_denied", {"principal": USER}) is Judged.WORSE
