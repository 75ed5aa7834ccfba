"""The prover itself: it allows only what AWS would, and does not guess at what it does not know."""

from typing import Any

import pytest

from tests.proof.calls import Call
from tests.proof.needs import DYNAMODB, KEY, S3, Need, Unmapped, here, needs
from tests.proof.roles import Account, Role
from tests.proof.statements import NotModelled, Statement, like

ARN = "arn:aws:iam::123456789012:role/edsr/somebody"
STATE = here("dynamodb", "table/edsr-state")
PUT = Need("dynamodb:PutItem", STATE)
ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
TOUCHES_KEY = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": KEY}


def a_role(*granted: dict[str, Any], boundary: tuple[dict[str, Any], ...] = (ANYTHING,)) -> Role:
    return Role(ARN, tuple(map(Statement, granted)), tuple(map(Statement, boundary)))


def allow(**said: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": STATE} | said


DENY = allow(Effect="Deny")


def test_what_a_role_and_its_boundary_allow_is_allowed_by_the_grant_that_says_so(account: Account) -> None:
    assert [tuple(grant) for grant in account.allowed(a_role(allow()), PUT)] == [("dynamodb:PutItem", STATE, "")]


@pytest.mark.parametrize(
    "role",
    [
        a_role(),
        a_role(allow(), DENY),
        a_role(allow(), boundary=(ANYTHING, DENY)),
        a_role(allow(), boundary=()),
        a_role(allow(Resource=f"{STATE}-two")),
        a_role(allow(Resource=STATE.upper())),
        a_role(allow(Action="dynamodb:UpdateItem")),
        a_role(allow(Condition={"StringEquals": {"kms:ViaService": [DYNAMODB]}})),
    ],
    ids=["nothing", "deny", "boundary-denies", "boundary-is-silent", "other", "case", "action", "condition"],
)
def test_anything_less_is_denied(account: Account, role: Role) -> None:
    assert account.allowed(role, PUT) == set()


def test_a_denial_whose_condition_does_not_hold_denies_nothing(account: Account) -> None:
    unencrypted = {**DENY, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    assert account.allowed(a_role(allow(), unencrypted), PUT)


def test_the_key_is_allowed_only_through_the_service_that_is_named(account: Account) -> None:
    through = {**TOUCHES_KEY, "Condition": {"StringEquals": {"kms:ViaService": [DYNAMODB]}}}
    wanted = {via: bool(account.allowed(a_role(through), Need("kms:Decrypt", KEY, via))) for via in (DYNAMODB, S3, "")}
    assert wanted == {DYNAMODB: True, S3: False, "": False}


def test_nobody_but_a_detector_sends_findings_whatever_a_role_allows(account: Account) -> None:
    send = Need("sqs:SendMessage", here("sqs", "edsr-findings"))
    assert account.allowed(a_role(ANYTHING), send) == set()
    assert account.allowed(account.role_of("edsr-detect-cloudwatch"), send)


@pytest.mark.parametrize(
    "action", ["dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:PartiQLDelete"]
)
def test_no_role_changes_the_audit_even_if_it_were_granted_everything(account: Account, action: str) -> None:
    real = account.role_of("edsr-close")
    generous = Role(real.arn, (Statement(ANYTHING),), real.boundary)
    assert account.allowed(generous, Need(action, STATE))
    assert account.allowed(generous, Need(action, here("dynamodb", "table/edsr-audit"))) == set()


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}, "the condition key aws:SourceVpc"),
        ({"Condition": {"Null": {"kms:ViaService": "true"}}}, "the condition operator Null"),
        ({"NotAction": "iam:*"}, "NotAction"),
        ({"NotResource": STATE}, "NotResource"),
    ],
)
def test_what_is_not_modelled_stops_the_proof(account: Account, said: dict[str, Any], what: str) -> None:
    with pytest.raises(NotModelled, match=what):
        account.allowed(a_role(allow(**said)), PUT)


@pytest.mark.parametrize(
    "value", [{"Ref": "Somebody"}, {"Fn::Sub": "${A}"}, {"Fn::GetAtt": ["Control81221A0C", "RoleId"]}]
)
def test_a_reference_that_is_not_known_stops_the_proof(account: Account, value: dict[str, Any]) -> None:
    with pytest.raises(NotModelled):
        account.resolved([value])


def test_an_operation_that_is_not_known_stops_the_proof() -> None:
    with pytest.raises(Unmapped, match="DynamoDB DescribeLimits"):
        needs(Call("edsr-plan", "DynamoDB", "DescribeLimits", {}))


def test_every_part_of_a_transaction_has_its_own_action() -> None:
    parts = [{verb: {"TableName": "edsr-state"}} for verb in ("Put", "Update", "Delete", "ConditionCheck")]
    call = Call("edsr-act-shift-alias", "DynamoDB", "TransactWriteItems", {"TransactItems": parts})
    assert [need.action for need in needs(call)] == [
        "dynamodb:PutItem",
        "kms:Decrypt",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
    ]


@pytest.mark.parametrize(
    ("pattern", "text", "is_like"),
    [("a:*", "a:b/c:d", True), ("a?c", "abc", True), ("a?c", "ac", False), ("a[bc]", "ab", False), ("*", "*", True)],
)
def test_wildcards_are_iams(pattern: str, text: str, is_like: bool) -> None:
    assert like(pattern, text) is is_like
