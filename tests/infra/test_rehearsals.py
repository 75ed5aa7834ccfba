"""Rehearsals as they are deployed: asked for and looked after each week, by a function that reaches no incident."""

import json

from tests.infra.reading import Assembly, as_list
from tests.infra.test_roles import allowed, role_of

SCHEDULE = "AWS::Scheduler::Schedule"


def test_it_is_asked_for_each_week_and_looked_after_a_day_later(dev: Assembly) -> None:
    found = {does: dev.compute.one(SCHEDULE, Name=f"edsr-rehearsal-{does}") for does in ("ask", "look")}
    times = {does: item["ScheduleExpression"] for does, item in found.items()}
    assert times == {"ask": "cron(15 10 ? * TUE *)", "look": "cron(30 10 ? * WED *)"}
    assert {does: json.loads(item["Target"]["Input"])["do"] for does, item in found.items()} == {
        "ask": "ask",
        "look": "look",
    }


def test_it_reaches_no_incident_and_no_switch(dev: Assembly) -> None:
    _, role = role_of(dev, "edsr-control-rehearse")
    keys = {
        key
        for item in allowed(role)
        if "dynamodb" in str(item["Action"])
        for key in as_list(item["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"])
    }
    assert keys == {"RHS", "CTL#*"}
