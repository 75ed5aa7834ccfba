"""What was dropped is set, what differs is named, and nothing else is."""

from typing import Any

import pytest

from cli.sandbox.readback import read, readback, resources_of
from cli.sandbox.resolve import UNKNOWN, Scope, unlike
from cli.sandbox.sandbox import Sandbox
from tests.sandbox.estate import Estate, eventually

SCOPE = Scope({"Queue": "http://q", "AWS::Region": "here"}, {"Queue": "arn:q"})


@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ({"Ref": "Queue"}, "http://q"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "arn:q"),
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


@pytest.mark.sandbox
def test_only_these_differences_remain(small: Sandbox) -> None:
    found = {(each.type.removeprefix("AWS::"), each.property) for each in small.differences()}
    machine = small.client("sts").get_caller_identity()["Account"] and small._host  # the host decides the first two
    of_host = {("Lambda::Function", "Runtime")} if machine[0] != "python3.13" else set()
    of_host |= {("Lambda::Function", "Architectures")} if machine[1] != "arm64" else set()
    assert found == of_host | {
        ("StepFunctions::StateMachine", "TracingConfiguration"),
        ("KMS::Key", "EnableKeyRotation"),
        ("Logs::LogGroup", "RetentionInDays"),
        ("IAM::Role", "AssumeRolePolicyDocument"),
        ("IAM::Policy", "PolicyDocument"),
    }


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
    unread = [each for each in readback(seamed.client, "", "") if each.resource == "unread/S"]
    assert [(each.type, each.why) for each in unread] == [("AWS::Kinesis::Stream", "not read back")]
