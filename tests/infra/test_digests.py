"""Digests as they are deployed: two schedules, one function, a topic that wakes nobody."""

import json

from tests.infra.reading import Assembly

SCHEDULE = "AWS::Scheduler::Schedule"


def test_each_week_and_each_month_the_same_function_is_called(dev: Assembly) -> None:
    said = {name: dev.compute.one(SCHEDULE, Name=f"edsr-digests-{name}") for name in ("weekly", "monthly")}
    assert {name: one["ScheduleExpression"] for name, one in said.items()} == {
        "weekly": "cron(0 7 ? * MON *)", "monthly": "cron(0 7 1 * ? *)",
    }  # fmt: skip
    assert {name: json.loads(one["Target"]["Input"])["days"] for name, one in said.items()} == {
        "weekly": 7,
        "monthly": 30,
    }
    assert len({one["Target"]["Arn"] for one in said.values()}) == 1


def test_its_schedules_may_call_it_and_nothing_else(dev: Assembly) -> None:
    target = dev.compute.one(SCHEDULE, Name="edsr-digests-weekly")["Target"]
    role = dev.compute.of("AWS::IAM::Role")[target["RoleArn"].strip("<>").removesuffix(".Arn")]
    ((policy,),) = ([item["PolicyDocument"]["Statement"] for item in role["Policies"]],)
    assert [(one["Action"], one["Resource"]) for one in policy] == [("lambda:InvokeFunction", target["Arn"])]
    assert "PermissionsBoundary" in role


def test_the_topic_is_encrypted_and_is_not_the_one_that_wakes_people(dev: Assembly) -> None:
    topic = dev.compute.one("AWS::SNS::Topic", TopicName="edsr-digests")
    assert topic["KmsMasterKeyId"].endswith("alias/aws/sns")
    assert dev.compute.one("AWS::SNS::Topic", TopicName="edsr-pages")
