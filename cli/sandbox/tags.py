"""Tags as a template writes them, whatever shape a service has for them."""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from cli.sandbox.deploy import Clients

Tags = list[dict[str, str]]
Lister = Callable[[Clients, str, str], Any]  # clients, physical id, ARN


def listed(tags: Any) -> Tags:
    """From a map, or from pairs under any service's names; without those CloudFormation adds by itself."""
    pairs = tags.items() if isinstance(tags, Mapping) else [tuple(tag[key] for key in sorted(tag)) for tag in tags]
    return [{"Key": key, "Value": value} for key, value in pairs if not key.startswith("aws:")]


def of_bucket(clients: Clients, name: str, _arn: str) -> Any:
    try:
        return clients("s3").get_bucket_tagging(Bucket=name)["TagSet"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchTagSet":
            return []
        raise


def of_function(clients: Clients, _name: str, arn: str) -> Any:
    return clients("lambda").list_tags(Resource=arn).get("Tags", {})


def of_table(clients: Clients, _name: str, arn: str) -> Any:
    return clients("dynamodb").list_tags_of_resource(ResourceArn=arn)["Tags"]


def of_rule(clients: Clients, _name: str, arn: str) -> Any:
    return clients("events").list_tags_for_resource(ResourceARN=arn)["Tags"]


def of_alarm(clients: Clients, _name: str, arn: str) -> Any:
    return clients("cloudwatch").list_tags_for_resource(ResourceARN=arn)["Tags"]


def of_stack(clients: Clients, name: str, _arn: str) -> Any:
    return clients("cloudformation").describe_stacks(StackName=name)["Stacks"][0].get("Tags", [])


LISTERS: Mapping[str, Lister] = {
    "AWS::CloudFormation::Stack": of_stack,
    "AWS::CloudWatch::Alarm": of_alarm,
    "AWS::CloudWatch::CompositeAlarm": of_alarm,
    "AWS::DynamoDB::GlobalTable": of_table,
    "AWS::DynamoDB::Table": of_table,
    "AWS::Events::EventBus": of_rule,
    "AWS::Events::Rule": of_rule,
    "AWS::IAM::Role": lambda clients, name, _arn: clients("iam").list_role_tags(RoleName=name)["Tags"],
    "AWS::KMS::Key": lambda clients, name, _arn: clients("kms").list_resource_tags(KeyId=name)["Tags"],
    "AWS::Lambda::EventSourceMapping": of_function,
    "AWS::Lambda::Function": of_function,
    "AWS::Logs::LogGroup": lambda clients, _name, arn: clients("logs").list_tags_for_resource(
        resourceArn=arn.removesuffix(":*")
    )["tags"],
    "AWS::S3::Bucket": of_bucket,
    "AWS::SNS::Topic": lambda clients, _name, arn: clients("sns").list_tags_for_resource(ResourceArn=arn)["Tags"],
    "AWS::SQS::Queue": lambda clients, url, _arn: clients("sqs").list_queue_tags(QueueUrl=url).get("Tags", {}),
    "AWS::SSM::Parameter": lambda clients, name, _arn: clients("ssm").list_tags_for_resource(
        ResourceType="Parameter", ResourceId=name
    )["TagList"],
    "AWS::StepFunctions::StateMachine": lambda clients, _name, arn: clients("stepfunctions").list_tags_for_resource(
        resourceArn=arn
    )["tags"],
}
