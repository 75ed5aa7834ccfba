"""People: who counts as one, whatever AWS calls them, and who may answer and switch."""

import pytest
from pydantic import ValidationError

from edsr.errors import Refused
from edsr.people import may_answer, may_switch, person
from edsr.policy.services import EnvironmentPeople, People, Service

ACCOUNT = "111122223333"
ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role"
SSO = "AWSReservedSSO_OnCall_0123456789abcdef"
EVERYWHERE = EnvironmentPeople.model_validate(
    {
        "approvers": [f"{ROLE}/AWSReservedSSO_Admin_*/*"],
        "operators": [f"{ROLE}/AWSReservedSSO_Admin_*/*"],
        "named-sessions": [f"{ROLE}/AWSReservedSSO_*/*"],
    }
)


def name(arn: str) -> str:
    return person(arn, EVERYWHERE).name


def a_service(**people: list[str]) -> Service:
    said = {"id": "checkout", "title": "t", "owner": "shop", "tier": 1, "environment": "prod", "people": people}
    return Service.model_validate(said)


def test_a_user_is_one_person() -> None:
    ann = f"arn:aws:iam::{ACCOUNT}:user/ops/ann"
    assert person(ann, EVERYWHERE) == (ann, ann)


def test_sessions_of_a_role_are_one_person_because_who_takes_it_names_them() -> None:
    assert name(f"{ROLE}/deploy/ann") == name(f"{ROLE}/deploy/bob") == f"{ROLE}/deploy/*"
    assert name(f"{ROLE}/deploy/ann") != name(f"{ROLE}/release/ann")


def test_sessions_that_are_named_by_who_lets_people_in_are_as_many_people_as_names() -> None:
    assert name(f"{ROLE}/{SSO}/ann@example.com") != name(f"{ROLE}/{SSO}/bob@example.com")


def test_who_takes_two_such_roles_or_writes_the_name_otherwise_is_still_one_person() -> None:
    first = name(f"{ROLE}/{SSO}/ann@example.com")
    assert first == name(f"{ROLE}/AWSReservedSSO_Admin_fedcba9876543210/Ann@Example.com")
    assert first == f"{ROLE}/*/ann@example.com"


def test_a_session_with_a_famous_name_in_a_role_that_anybody_names_is_not_that_person() -> None:
    assert name(f"{ROLE}/deploy/ann@example.com") != name(f"{ROLE}/{SSO}/ann@example.com")


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{ACCOUNT}:root",
        f"arn:aws:sts::{ACCOUNT}:federated-user/ann",
        f"{ROLE}/deploy",
        f"{ROLE}/deploy/",
        "ann",
        "",
    ],
)
def test_who_is_neither_a_user_nor_in_a_role_is_nobody(arn: str) -> None:
    with pytest.raises(Refused, match="neither a user nor the session of a role"):
        person(arn, EVERYWHERE)


def test_a_service_without_people_of_its_own_is_answered_for_by_the_environments_only() -> None:
    admin = person(f"{ROLE}/AWSReservedSSO_Admin_0/ann", EVERYWHERE)
    other = person(f"{ROLE}/{SSO}/ann", EVERYWHERE)
    for allows in (may_answer, may_switch):
        assert [allows(who, a_service(), EVERYWHERE) for who in (admin, other)] == [True, False]
        assert [allows(who, None, EVERYWHERE) for who in (admin, other)] == [True, False]


def test_approvers_answer_and_operators_switch_and_neither_does_the_others_work() -> None:
    approver, operator = (person(f"{ROLE}/{role}/x", EVERYWHERE) for role in ("Approve", "Operate"))
    service = a_service(approvers=[f"{ROLE}/Approve/*"], operators=[f"{ROLE}/Operate/*"])
    assert (may_answer(approver, service, EVERYWHERE), may_switch(approver, service, EVERYWHERE)) == (True, False)
    assert (may_answer(operator, service, EVERYWHERE), may_switch(operator, service, EVERYWHERE)) == (False, True)
    assert not may_switch(operator, None, EVERYWHERE), "what is more than the service is not theirs"


@pytest.mark.parametrize(
    "pattern",
    [
        f"{ROLE}/OnCall/*",
        f"{ROLE}/AWSReservedSSO_OnCall_*/*",
        f"{ROLE}/AWSReservedSSO_OnCall_????????????????/ann@example.com",
        f"arn:aws:iam::{ACCOUNT}:user/ops/*",
        "arn:aws:sts::${account}:assumed-role/OnCall/*",
        "arn:aws-cn:iam::${account}:user/ann",
    ],
)
def test_a_pattern_names_an_account_and_at_least_the_beginning_of_a_name(pattern: str) -> None:
    assert People(approvers=[pattern]).approvers == [pattern]


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "arn:aws:*",
        f"{ROLE}/*",
        f"{ROLE}/*/ann",
        f"{ROLE}/OnCall",
        f"{ROLE}/[A-Z]*/*",
        "arn:aws:sts::*:assumed-role/OnCall/*",
        f"arn:aws:iam::{ACCOUNT}:role/OnCall",
        f"arn:aws:iam::{ACCOUNT}:user/*",
        f"arn:aws:iam::{ACCOUNT}:root",
    ],
)
def test_a_pattern_that_names_everybody_or_nobody_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError, match="names nobody: write arn:aws:sts::"):
        People(operators=[pattern])
