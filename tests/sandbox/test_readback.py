"""What was dropped is set, what differs is named, and nothing else is."""

from pathlib import Path
from typing import Any

import pytest

from cli.sandbox.readback import Host, read, readback
from cli.sandbox.resolve import UNKNOWN, Scope, unlike
from cli.sandbox.resources import Resource, resources_of
from cli.sandbox.sandbox import Sandbox
from cli.sandbox.tags import listed
from tests.sandbox.estate import Estate, eventually

SCOPE = Scope({"Queue": "http://q", "AWS::Region": "here"}, {("Queue", "Arn"): "arn:q", ("Queue", "QueueName"): "q"})


@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ({"Ref": "Queue"}, "http://q"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "arn:q"),
        ({"Fn::GetAtt": ["Queue", "QueueName"]}, "q"),
        ({"Fn::GetAtt": ["Queue", "Other"]}, UNKNOWN),
        ({"Fn::Join": ["-", ["a", {"Ref": "AWS::Region"}, {"Ref": "Nobody"}]]}, f"a-here-{UNKNOWN}"),
        ({"Fn::Sub": "${Queue.Arn}/${AWS::Region}/${!x}"}, "arn:q/here/${!x}"),
        ({"a": [{"Ref": "AWS::NoValue"}, 1], "b": {"Ref": "AWS::NoValue"}}, {"a": [1]}),
    ],
)
def test_references_are_filled_in_as_far_as_they_are_known(written: Any, filled: Any) -> None:
    assert SCOPE.fill(written) == filled


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        ({"Name": 1}, {"name": "1", "More": 2}),
        ({"On": True, "Off": False}, {"On": "true"}),
        ({"Policy": {"a": ["x"]}}, {"Policy": '{"a": "x"}'}),
        ([1, 2], [2, 1]),
        (f"arn:{UNKNOWN}:end", "arn:aws:end"),
        (60, 60.0),
    ],
)
def test_the_same_thing_said_in_another_way_is_no_difference(asked: Any, got: Any) -> None:
    assert list(unlike(asked, got)) == []


@pytest.mark.parametrize(
    ("asked", "got", "where"),
    [
        ({"A": {"B": 1}}, {"A": {"B": 2}}, "A.B"),
        ({"A": {"B": 1}}, {}, "A"),
        ([1], [1, 2], ""),
        ({"A": "*"}, {"A": "narrow"}, "A"),
        ({"A": 0}, {}, "A"),
    ],
)
def test_a_difference_is_found_where_it_is(asked: Any, got: Any, where: str) -> None:
    assert [found[0] for found in unlike(asked, got)] == [where]


@pytest.mark.parametrize(
    "tags",
    [
        {"a": "b"},
        [{"Key": "a", "Value": "b"}, {"Key": "aws:cloudformation:stack-name", "Value": "Small"}],
        [{"value": "b", "key": "a"}],
        [{"TagValue": "b", "TagKey": "a"}],
    ],
)
def test_tags_are_compared_as_templates_write_them_without_those_of_aws(tags: Any) -> None:
    assert listed(tags) == [{"Key": "a", "Value": "b"}]


@pytest.mark.parametrize(("status", "why"), [("CREATE_COMPLETE", []), ("CREATE_FAILED", ["it was not made"])])
def test_a_custom_resource_is_judged_by_how_it_ended(status: str, why: list[str]) -> None:
    resource = Resource("Small", "Switch", "Custom::Switch", "switch", status, {"ServiceToken": "arn"})
    assert [each.why for each in read(resource, Sandbox(Path("nowhere")).client)] == why


@pytest.mark.sandbox
def test_only_these_differences_remain(small: Sandbox) -> None:
    """The list as a person reads it, but for what this host decides."""
    of_host = {"Runtime", "Architectures"}
    found = {(each.property, each.why) for each in small.differences() if each.property not in of_host}
    assert found == {
        ("TracingConfiguration", "no traces are written"),
        ("LoggingConfig", "log lines stay as functions print them, of any level"),
        ("LoggingConfiguration", "runs are not logged: read their history"),
        ("undelivered events", "an event that cannot be delivered is lost, neither retried nor parked"),
        (
            "MetricName",
            "these alarms stay as they are: only functions' invocations, errors, throttles and durations are measured",
        ),
        ("EnableKeyRotation", "keys never rotate"),
        ("encryption", "nothing is encrypted at rest"),
        (
            "retention",
            "nothing expires or moves: it lives as long as the sandbox",
        ),
        (
            "PointInTimeRecoverySpecification",
            "a restored table holds what the first holds now, whatever the time asked for",
        ),
        ("policies", "permissions are not enforced"),
    }
    assert len(small.differences()) <= 20


@pytest.mark.sandbox
def test_what_the_engine_drops_was_set(small: Sandbox) -> None:
    table = small.client("ssm").get_parameter(Name="/small/table")["Parameter"]["Value"]
    bucket = small.client("ssm").get_parameter(Name="/small/bucket")["Parameter"]["Value"]
    dynamodb, s3 = small.client("dynamodb"), small.client("s3")
    backups = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    assert dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert "Rule" in s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]["Expiration"] == {"Days": 400}
    detect = small.client("lambda").get_function_configuration(FunctionName="small-detect")
    assert "Failed" in detect["DeadLetterConfig"]["TargetArn"]


@pytest.mark.sandbox
def test_a_change_behind_the_templates_back_is_named(small: Sandbox) -> None:
    sqs, stacks = small.client("sqs"), small.client("cloudformation").describe_stacks(StackName="Compute")["Stacks"]
    failed = next(each for each in resources_of(stacks[0], small.client) if each.name.startswith("Failed"))
    assert read(failed, small.client) == []
    sqs.set_queue_attributes(QueueUrl=failed.physical, Attributes={"MessageRetentionPeriod": "60"})
    assert [(each.property, each.asked, each.got) for each in read(failed, small.client)] == [
        ("MessageRetentionPeriod", "1209600", "60")
    ]
    sqs.set_queue_attributes(QueueUrl=failed.physical, Attributes={"MessageRetentionPeriod": "1209600"})


@pytest.mark.sandbox
def test_a_type_without_a_reader_is_named(seamed: Estate) -> None:
    body = '{"Resources": {"S": {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": 1}}}}'
    client = seamed.client("cloudformation")
    client.create_stack(StackName="unread", TemplateBody=body)
    eventually(lambda: client.describe_stacks(StackName="unread")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE")
    unread = [each for each in readback(seamed.client, Host("", "")) if each.resource == "unread/S"]
    assert [(each.type, each.why) for each in unread] == [("AWS::Kinesis::Stream", "not read back")]
