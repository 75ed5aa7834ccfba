"""What an execution carries of its incident: its words, and the names of what it is counted and stopped by."""

import json
from typing import Any

import pytest

from edsr.protocol.brief import Brief
from edsr.protocol.rates import GLOBAL, api_scope, limits_of, rate_scopes, to_begin
from tests import estate
from tests.things import ALIAS, a_policy, a_subject, an_incident
from tests.unit.attempts import a_brief


def safe(**safeguards: Any) -> Brief:
    return a_brief(a_policy(safeguards=safeguards))


def test_it_travels_as_json_and_is_the_incidents_own_when_it_arrives() -> None:
    incident = an_incident()
    assert Brief.model_validate(json.loads(json.dumps(incident.brief.model_dump(mode="json")))) == incident.brief


def test_the_kill_switch_stops_it_by_each_of_five_scopes() -> None:
    assert set(a_brief().scopes.values()) == {
        "all", "service:checkout", "policy:lambda-canary-rollback", "account:123456789012", "region:us-east-1",
    }  # fmt: skip


def test_a_subject_without_a_service_counts_as_the_service_none() -> None:
    stray = a_brief(subject=a_subject(service=None))
    assert (stray.service, stray.scopes["#service"], stray.slots) == ("none", "service:none", "service:none")


@pytest.mark.parametrize(
    ("scope", "counted"),
    [("service", "service:checkout"), ("policy", "policy:lambda-canary-rollback")],
)
def test_slots_are_those_of_the_service_or_of_the_policy(scope: str, counted: str) -> None:
    assert safe(concurrency={"scope": scope}).slots == counted


@pytest.mark.parametrize(
    ("scope", "counted"),
    [("subject", ALIAS), ("service", "checkout"), ("policy", "lambda-canary-rollback")],
)
def test_a_policys_own_rate_is_its_own_whatever_it_counts(scope: str, counted: str) -> None:
    assert safe(rate={"scope": scope}).rate == f"policy:lambda-canary-rollback:{counted}"


def test_its_rates_are_known_from_the_brief_alone() -> None:
    policy = a_policy(safeguards={"rate": {"max": 7, "per": "PT2H"}})
    brief = a_brief(policy)
    api = api_scope("lambda", ALIAS, brief)
    limits = limits_of(brief, policy, estate.ACT, [api])
    assert tuple(limits) == rate_scopes(brief, [api])
    assert {scope: str(limit) for scope, limit in limits.items()} == {
        f"subject:{ALIAS}": "2/PT15M",
        "service:checkout": "5/PT10M",
        "policy:lambda-canary-rollback:checkout": "7/PT2H",
        GLOBAL: "10/PT1M",
        "api:lambda#123456789012#us-east-1": "10/PT1M",
    }
    assert len(limits) == 5, "one scope never stands for two rates"


def test_of_what_every_step_takes_a_quarter_is_left_for_what_is_under_way() -> None:
    limits = limits_of(a_brief(), a_policy(), estate.ACT, ["api:ecs#1#r"])
    begin = to_begin(limits)
    changed = {scope: str(limit) for scope, limit in begin.items() if limit != limits[scope]}
    assert changed == {GLOBAL: "8/PT1M", "api:ecs#1#r": "8/PT1M"}


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("arn:aws:ecs:eu-west-1:444455556666:service/shop/basket", "444455556666#eu-west-1"),
        ("arn:aws:iam::444455556666:role/app", "444455556666#us-east-1"),
        ("arn:aws:s3:::bucket", "123456789012#us-east-1"),
        ("bucket", "123456789012#us-east-1"),
        ("", "123456789012#us-east-1"),
    ],
)
def test_an_api_is_counted_where_the_target_is_and_else_where_the_subject_is(target: str, place: str) -> None:
    assert api_scope("ecs", target, a_brief()) == f"api:ecs#{place}"
