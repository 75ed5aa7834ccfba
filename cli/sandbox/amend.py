"""Set through its public API what the engine's CloudFormation drops."""

from collections.abc import Callable, Mapping
from typing import Any

from cli.sandbox.deploy import ACCOUNT, REGION, Clients
from cli.sandbox.resolve import arn_of
from cli.sandbox.tags import listed

Amend = Callable[[Clients, str, Any], object]


def lifetime(clients: Clients, name: str, asked: Any) -> object:
    return clients("dynamodb").update_time_to_live(TableName=name, TimeToLiveSpecification=asked)


def recovery(clients: Clients, name: str, asked: Any) -> object:
    return clients("dynamodb").update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=asked)


def insights(clients: Clients, name: str, asked: Any) -> object:
    action = "ENABLE" if asked["Enabled"] else "DISABLE"
    return clients("dynamodb").update_contributor_insights(TableName=name, ContributorInsightsAction=action)


def table_encryption(clients: Clients, name: str, asked: Any) -> object:
    wanted = {"Enabled": asked.get("SSEEnabled", True), "SSEType": asked.get("SSEType", "KMS")}
    key = {"KMSMasterKeyId": asked["KMSMasterKeyId"]} if "KMSMasterKeyId" in asked else {}
    return clients("dynamodb").update_table(TableName=name, SSESpecification={**wanted, **key})


def bucket_encryption(clients: Clients, name: str, asked: Any) -> object:
    default = "ServerSideEncryptionByDefault"
    rules = [
        {**{key: value for key, value in rule.items() if key != default}, f"Apply{default}": rule[default]}
        for rule in asked["ServerSideEncryptionConfiguration"]
    ]
    return clients("s3").put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})


def bucket_tags(clients: Clients, name: str, asked: Any) -> object:
    return clients("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": listed(asked)})


def object_lock(clients: Clients, name: str, asked: Any) -> object:
    return clients("s3").put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=asked)


def rule_for_api(rule: Mapping[str, Any]) -> dict[str, Any]:
    same = ("Status", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
    made = {key: rule[key] for key in same if key in rule}
    made["Filter"] = {"Prefix": rule.get("Prefix", "")}
    if "Id" in rule:
        made["ID"] = rule["Id"]
    if "ExpirationInDays" in rule:
        made["Expiration"] = {"Days": int(rule["ExpirationInDays"])}
    if "Transitions" in rule:
        made["Transitions"] = [
            {"StorageClass": move["StorageClass"], "Days": int(move["TransitionInDays"])}
            for move in rule["Transitions"]
        ]
    return made


def lifecycle(clients: Clients, name: str, asked: Any) -> object:
    rules = {"Rules": [rule_for_api(rule) for rule in asked["Rules"]]}
    return clients("s3").put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration=rules)


def machine_logging(clients: Clients, arn: str, asked: Any) -> object:
    destinations = [
        {"cloudWatchLogsLogGroup": {"logGroupArn": each["CloudWatchLogsLogGroup"]["LogGroupArn"]}}
        for each in asked["Destinations"]
    ]
    wanted = {"level": asked["Level"], "destinations": destinations}
    if "IncludeExecutionData" in asked:
        wanted["includeExecutionData"] = asked["IncludeExecutionData"]
    return clients("stepfunctions").update_state_machine(stateMachineArn=arn, loggingConfiguration=wanted)


def topic_key(clients: Clients, arn: str, asked: Any) -> object:
    return clients("sns").set_topic_attributes(TopicArn=arn, AttributeName="KmsMasterKeyId", AttributeValue=asked)


def bus_dead_letters(clients: Clients, name: str, asked: Any) -> object:
    return clients("events").update_event_bus(Name=name, DeadLetterConfig=asked)


def boundary(clients: Clients, name: str, asked: Any) -> object:
    return clients("iam").put_role_permissions_boundary(RoleName=name, PermissionsBoundary=asked)


def mapping_tags(clients: Clients, uuid: str, asked: Any) -> object:
    named = {tag["Key"]: tag["Value"] for tag in listed(asked)}
    return clients("lambda").tag_resource(
        Resource=arn_of("AWS::Lambda::EventSourceMapping", uuid, {}, REGION, ACCOUNT), Tags=named
    )


def dead_letters(clients: Clients, name: str, asked: Any) -> object:
    return clients("lambda").update_function_configuration(FunctionName=name, DeadLetterConfig=asked)


def reserved(clients: Clients, name: str, asked: Any) -> object:
    return clients("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=int(asked))


AMENDS: Mapping[tuple[str, str], Amend] = {
    ("AWS::DynamoDB::Table", "TimeToLiveSpecification"): lifetime,
    ("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification"): recovery,
    ("AWS::DynamoDB::Table", "ContributorInsightsSpecification"): insights,
    ("AWS::DynamoDB::Table", "SSESpecification"): table_encryption,
    ("AWS::DynamoDB::GlobalTable", "TimeToLiveSpecification"): lifetime,
    ("AWS::DynamoDB::GlobalTable", "SSESpecification"): table_encryption,
    ("AWS::Events::EventBus", "DeadLetterConfig"): bus_dead_letters,
    ("AWS::IAM::Role", "PermissionsBoundary"): boundary,
    ("AWS::S3::Bucket", "BucketEncryption"): bucket_encryption,
    ("AWS::S3::Bucket", "ObjectLockConfiguration"): object_lock,
    ("AWS::S3::Bucket", "LifecycleConfiguration"): lifecycle,
    ("AWS::S3::Bucket", "Tags"): bucket_tags,
    ("AWS::SNS::Topic", "KmsMasterKeyId"): topic_key,
    ("AWS::StepFunctions::StateMachine", "LoggingConfiguration"): machine_logging,
    ("AWS::Lambda::EventSourceMapping", "Tags"): mapping_tags,
    ("AWS::Lambda::Function", "DeadLetterConfig"): dead_letters,
    ("AWS::Lambda::Function", "ReservedConcurrentExecutions"): reserved,
}
