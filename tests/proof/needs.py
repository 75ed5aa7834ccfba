"""The mapper: which IAM actions, on which resources, AWS asks for when an operation is called."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from edsr.policy import Library
from infra import POLICIES
from infra.parts.names import MACHINE
from tests.estate import ACCOUNT, REGION
from tests.proof.asked import ASKED, Asked
from tests.proof.calls import STAND_INS, Call

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/edsr"
ANCHOR_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/edsr-anchors"
PAGE_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/edsr-page"
EXPORT = "edsr-export"
DYNAMODB, S3 = f"dynamodb.{REGION}.amazonaws.com", f"s3.{REGION}.amazonaws.com"

TRANSACTED = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


class Need(NamedTuple):
    """An action on a resource; `via` is the service that asks for the caller, as kms:ViaService says it."""

    action: str
    resource: str
    via: str = ""


class Unmapped(Exception):
    """An operation of which nobody here knows what it needs."""


def needs(call: Call) -> list[Need]:
    """What one call needs, each once. Raises Unmapped."""
    known = NEEDS.get((call.service, call.operation))
    if known is None:
        raise Unmapped(f"{call.service} {call.operation}: say in {__name__} what it needs")
    return list(dict.fromkeys(known(call.params)))


def here(service: str, resource: str) -> str:
    """The ARN of a resource of this account and Region."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def _table(action: str, name: str) -> Iterator[Need]:
    """A table under a customer's key: DynamoDB has its table key decrypted in the caller's name, also for a write."""
    yield Need(f"dynamodb:{action}", here("dynamodb", f"table/{name}"))
    yield Need("kms:Decrypt", KEY, DYNAMODB)


def _batch_get(params: dict[str, Any]) -> Iterator[Need]:
    """One action for many items, but on each table by itself."""
    for table in params["RequestItems"]:
        yield from _table("BatchGetItem", table)


def _item(action: str) -> Callable[[dict[str, Any]], Iterator[Need]]:
    """One item of one table."""
    return lambda params: _table(action, params["TableName"])


def _query(params: dict[str, Any]) -> Iterator[Need]:
    """A query of an index is asked on the index; the table's own ARN does not cover it."""
    index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
    yield from _table("Query", params["TableName"] + index)


def _transact(params: dict[str, Any]) -> Iterator[Need]:
    """There is no action TransactWriteItems: each part needs its own, and a check needs ConditionCheckItem."""
    for part in params["TransactItems"]:
        ((verb, said),) = part.items()
        yield from _table(TRANSACTED[verb], said["TableName"])


def _send(params: dict[str, Any]) -> Iterator[Need]:
    """The queue's URL names it; its key is SQS's own, so that none of ours is asked for."""
    yield Need("sqs:SendMessage", here("sqs", params["QueueUrl"].rsplit("/", 1)[1]))


def _start(params: dict[str, Any]) -> Iterator[Need]:
    yield Need("states:StartExecution", params["stateMachineArn"])


def _execution(params: dict[str, Any]) -> Iterator[Need]:
    """Asked on the execution, whose ARN is not below the machine's."""
    yield Need("states:DescribeExecution", params["executionArn"])


def _answered(action: str) -> Callable[[dict[str, Any]], Iterator[Need]]:
    """A token names no machine in the request, and AWS lets one be named: the need is the machine of the suite, on
    whose ARN the CDK's own grant for task responses gives it."""

    def needed(_: dict[str, Any]) -> Iterator[Need]:
        yield Need(f"states:{action}", here("states", f"stateMachine:{MACHINE}"))

    return needed


def _alias(action: str) -> Callable[[dict[str, Any]], Iterator[Need]]:
    """Asked on the function, never on the alias: a role that may move one alias may move every alias beside it."""

    def needed(params: dict[str, Any]) -> Iterator[Need]:
        name = params["FunctionName"].rpartition(":")[2]
        yield Need(f"lambda:{action}", here("lambda", f"function:{name}"))

    return needed


def _invoke(params: dict[str, Any]) -> Iterator[Need]:
    """The action has another name than the operation; an unqualified name is asked on the function."""
    name = params["FunctionName"].rsplit(":", 1)[-1]
    yield Need("lambda:InvokeFunction", here("lambda", f"function:{STAND_INS.get(name, name)}"))


def _deployments(params: dict[str, Any]) -> Iterator[Need]:
    """Asked on a deployment group; when none is named only `*` covers it."""
    named = "deploymentgroup:{applicationName}/{deploymentGroupName}"
    group = here("codedeploy", named.format(**params)) if "deploymentGroupName" in params else "*"
    yield Need("codedeploy:ListDeployments", group)


def _told(asked: Asked) -> Callable[[dict[str, Any]], Iterator[Need]]:
    return lambda params: (Need(action, resource) for action, resource in asked(params))


def _nothing(_: dict[str, Any]) -> Iterator[Need]:
    """Who one is AWS tells everybody, whatever their policies say."""
    return iter(())


def _everywhere(action: str) -> Callable[[dict[str, Any]], Iterator[Need]]:
    """Asked on each thing of the account, and none is named: only `*` covers it."""

    def needed(_: dict[str, Any]) -> Iterator[Need]:
        yield Need(action, "*")

    return needed


def _services(params: dict[str, Any]) -> Iterator[Need]:
    """Asked on each service; they are named by their ARNs."""
    for arn in params["services"]:
        yield Need("ecs:DescribeServices", arn)


def _alarms(_: dict[str, Any]) -> Iterator[Need]:
    """Asked on an alarm, but composite alarms are shown only to who may on `*`."""
    yield Need("cloudwatch:DescribeAlarms", "*")


def _figures(_: dict[str, Any]) -> Iterator[Need]:
    """Asked on nothing: no resource type is defined for metrics."""
    yield Need("cloudwatch:GetMetricData", "*")


def _listed(name: str, action: str) -> Callable[[dict[str, Any]], Iterator[Need]]:
    """Asked on each ARN that a parameter lists, or on the one that it is."""

    def needed(params: dict[str, Any]) -> Iterator[Need]:
        said = params[name]
        for arn in said if isinstance(said, list) else [said]:
            yield Need(action, arn)

    return needed


def _the_only(kind: str, *actions: str) -> Callable[[dict[str, Any]], Iterator[Need]]:
    """Moto gives ids of its own making: the only resource of its kind in the catalogue stands for what it made."""

    def needed(_: dict[str, Any]) -> Iterator[Need]:
        values = {"account": ACCOUNT, "region": REGION}
        known = [item for service in Library.at(POLICIES, values).services() for item in service.resources]
        (arn,) = (item.arn for item in known if item.kind == kind)
        for action in actions:
            yield Need(action, arn)

    return needed


def _build(action: str) -> Callable[[dict[str, Any]], Iterator[Need]]:
    """Asked on the project, which a build's id begins with."""

    def needed(params: dict[str, Any]) -> Iterator[Need]:
        named = [params["projectName"]] if "projectName" in params else params.get("ids") or [params["id"]]
        for project in {name.partition(":")[0] for name in named}:
            yield Need(f"codebuild:{action}", here("codebuild", f"project/{project}"))

    return needed


def _move(params: dict[str, Any]) -> Iterator[Need]:
    """SQS receives, deletes and sends in the caller's name; orders-dead holds what died in orders."""
    dead = params["SourceArn"]
    for action in ("StartMessageMoveTask", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
        yield Need(f"sqs:{action}", dead)
    yield Need("sqs:SendMessage", dead.removesuffix("-dead"))


def _put_object(params: dict[str, Any]) -> Iterator[Need]:
    """If-None-Match needs no more than the put (If-Match would need GetObject). A bucket key has itself verified:
    Decrypt beside GenerateDataKey."""
    yield Need("s3:PutObject", f"arn:aws:s3:::{params['Bucket']}/{params['Key']}")
    yield Need("kms:GenerateDataKey", KEY, S3)
    yield Need("kms:Decrypt", KEY, S3)


def _listed_objects(params: dict[str, Any]) -> Iterator[Need]:
    """Asked on the bucket, whatever prefix is looked at."""
    yield Need("s3:ListBucket", f"arn:aws:s3:::{params['Bucket']}")


def _get_object(params: dict[str, Any]) -> Iterator[Need]:
    yield Need("s3:GetObject", f"arn:aws:s3:::{params['Bucket']}/{params['Key']}")
    yield Need("kms:Decrypt", KEY, S3)


def _sign(_: dict[str, Any]) -> Iterator[Need]:
    """Moto gives keys ids of its own making: the one that signs anchors stands for what it made."""
    yield Need("kms:Sign", ANCHOR_KEY)


def _mac(action: str) -> Callable[[dict[str, Any]], Iterator[Need]]:
    """The one that signs the page's forms stands for what moto made, too."""
    return lambda _: iter((Need(f"kms:{action}", PAGE_KEY),))


def _put_events(params: dict[str, Any]) -> Iterator[Need]:
    """Asked on each entry's bus, the default one when it names none."""
    for entry in params["Entries"]:
        yield Need("events:PutEvents", here("events", f"event-bus/{entry.get('EventBusName', 'default')}"))


def _queue(action: str) -> Callable[[dict[str, Any]], Iterator[Need]]:
    """The queue is named, or its URL ends with its name."""

    def needed(params: dict[str, Any]) -> Iterator[Need]:
        yield Need(f"sqs:{action}", here("sqs", params.get("QueueName") or params["QueueUrl"].rsplit("/", 1)[1]))

    return needed


def _stage(action: str) -> Callable[[dict[str, Any]], Iterator[Need]]:
    """API Gateway asks by the verb, on the path of what is read or changed; no account stands in it."""

    def needed(params: dict[str, Any]) -> Iterator[Need]:
        path = f"/restapis/{params['restApiId']}/stages/{params['stageName']}"
        yield Need(f"apigateway:{action}", f"arn:aws:apigateway:{REGION}::{path}")

    return needed


def _plan(action: str) -> Callable[[dict[str, Any]], Iterator[Need]]:
    """The same for a usage plan."""

    def needed(params: dict[str, Any]) -> Iterator[Need]:
        yield Need(f"apigateway:{action}", f"arn:aws:apigateway:{REGION}::/usageplans/{params['usagePlanId']}")

    return needed


def _database(action: str) -> Callable[[dict[str, Any]], Iterator[Need]]:
    """Asked on the database."""

    def needed(params: dict[str, Any]) -> Iterator[Need]:
        yield Need(f"rds:{action}", here("rds", f"db:{params['DBInstanceIdentifier']}"))

    return needed


def _plain_table(action: str) -> Callable[[dict[str, Any]], Iterator[Need]]:
    """What is said of a table and not of its items needs no key."""

    def needed(params: dict[str, Any]) -> Iterator[Need]:
        yield Need(f"dynamodb:{action}", here("dynamodb", f"table/{params['TableName']}"))

    return needed


def _resized(params: dict[str, Any]) -> Iterator[Need]:
    """Asked on the group, whose ARN has more than its name in it."""
    spare = params["AutoScalingGroupName"] == "shop-test"
    kind = "autoscaling:nonproduction-group" if spare else "autoscaling:autoScalingGroup"
    return _the_only(kind, "autoscaling:UpdateAutoScalingGroup")(params)


def _distribution(action: str) -> Callable[[dict[str, Any]], Iterator[Need]]:
    """A distribution is in no Region."""

    def needed(params: dict[str, Any]) -> Iterator[Need]:
        arn = f"arn:aws:cloudfront::{ACCOUNT}:distribution/{params['DistributionId']}"
        yield Need(f"cloudfront:{action}", arn)

    return needed


def _warmth(action: str) -> Callable[[dict[str, Any]], Iterator[Need]]:
    """Provisioned concurrency is asked on the alias itself."""

    def needed(params: dict[str, Any]) -> Iterator[Need]:
        name = params["FunctionName"].rpartition(":")[2]
        yield Need(f"lambda:{action}", here("lambda", f"function:{name}:{params['Qualifier']}"))

    return needed


def _publish(params: dict[str, Any]) -> Iterator[Need]:
    """Asked on the topic; SNS's own key lets whoever may publish."""
    yield Need("sns:Publish", params["TopicArn"])


def _automation(params: dict[str, Any]) -> Iterator[Need]:
    """Asked on the definition and its version; the role that the document assumes is passed in the caller's name."""
    definition = f"automation-definition/{params['DocumentName']}:{params['DocumentVersion']}"
    yield Need("ssm:StartAutomationExecution", here("ssm", definition))
    yield from _the_only("iam:automation-role", "iam:PassRole")(params)


def _automation_run(params: dict[str, Any]) -> Iterator[Need]:
    yield Need("ssm:StopAutomationExecution", here("ssm", f"automation-execution/{params['AutomationExecutionId']}"))


NEEDS: dict[tuple[str, str], Callable[[dict[str, Any]], Iterator[Need]]] = {
    **{call: _told(asked) for call, asked in ASKED.items()},
    ("Application Auto Scaling", "DescribeScalableTargets"): _everywhere(
        "application-autoscaling:DescribeScalableTargets"
    ),
    ("Application Auto Scaling", "RegisterScalableTarget"): _the_only(
        "application-autoscaling:scalable-target", "application-autoscaling:RegisterScalableTarget"
    ),
    **{
        (service, operation): _everywhere(f"{prefix}:{operation}")
        for service, prefix, operations in (
            ("AccessAnalyzer", "access-analyzer", ("ListAnalyzers", "ListFindings")),
            ("GuardDuty", "guardduty", ("GetFindings", "ListDetectors", "ListFindings")),
            ("Health", "health", ("DescribeAffectedEntities", "DescribeEvents")),
            ("Inspector2", "inspector2", ("BatchGetAccountStatus", "ListFindings")),
            ("SecurityHub", "securityhub", ("GetFindings",)),
        )
        for operation in operations
    },
    ("AccessAnalyzer", "ListFindingsV2"): _everywhere("access-analyzer:ListFindings"),
    ("CloudTrail", "GetTrailStatus"): _listed("Name", "cloudtrail:GetTrailStatus"),
    ("CloudTrail", "StartLogging"): _listed("Name", "cloudtrail:StartLogging"),
    ("CloudWatch", "DescribeAlarms"): _alarms,
    ("CloudWatch", "GetMetricData"): _figures,
    ("CodeBuild", "ListBuilds"): _everywhere("codebuild:ListBuilds"),
    ("CodeDeploy", "BatchGetDeployments"): _everywhere("codedeploy:BatchGetDeployments"),
    ("CodePipeline", "ListPipelineExecutions"): _everywhere("codepipeline:ListPipelineExecutions"),
    ("CodePipeline", "ListPipelines"): _everywhere("codepipeline:ListPipelines"),
    ("ECS", "DescribeServices"): _services,
    **{
        ("CodeBuild", operation): _build(operation)
        for operation in ("BatchGetBuilds", "ListBuildsForProject", "RetryBuild", "StopBuild")
    },
    ("CodeDeploy", "ListDeployments"): _deployments,
    ("DynamoDB", "BatchGetItem"): _batch_get,
    **{("DynamoDB", operation): _item(operation) for operation in ("PutItem", "Scan", "UpdateItem")},
    ("DynamoDB", "Query"): _query,
    ("DynamoDB", "TransactWriteItems"): _transact,
    ("EC2", "DescribeSecurityGroupRules"): _everywhere("ec2:DescribeSecurityGroupRules"),
    ("EC2", "RevokeSecurityGroupIngress"): _the_only("ec2:security-group", "ec2:RevokeSecurityGroupIngress"),
    ("ECS", "UpdateService"): _listed("service", "ecs:UpdateService"),
    ("EventBridge", "PutEvents"): _put_events,
    ("KMS", "GenerateMac"): _mac("GenerateMac"),
    ("KMS", "VerifyMac"): _mac("VerifyMac"),
    ("Lambda", "GetAlias"): _alias("GetAlias"),
    ("Lambda", "Invoke"): _invoke,
    ("Lambda", "ListEventSourceMappings"): _everywhere("lambda:ListEventSourceMappings"),
    ("Lambda", "UpdateAlias"): _alias("UpdateAlias"),
    ("Lambda", "UpdateEventSourceMapping"): _the_only("lambda:event-source-mapping", "lambda:UpdateEventSourceMapping"),
    ("KMS", "Sign"): _sign,
    ("S3", "GetObject"): _get_object,
    ("S3", "ListObjectsV2"): _listed_objects,
    ("S3", "PutObject"): _put_object,
    ("STS", "GetCallerIdentity"): _nothing,
    ("SFN", "DescribeExecution"): _execution,
    ("SFN", "ListExecutions"): _listed("stateMachineArn", "states:ListExecutions"),
    ("SFN", "StopExecution"): _listed("executionArn", "states:StopExecution"),
    ("SFN", "SendTaskFailure"): _answered("SendTaskFailure"),
    ("SFN", "SendTaskSuccess"): _answered("SendTaskSuccess"),
    ("SFN", "StartExecution"): _start,
    ("SNS", "Publish"): _publish,
    ("SQS", "ListMessageMoveTasks"): _listed("SourceArn", "sqs:ListMessageMoveTasks"),
    ("SQS", "SendMessage"): _send,
    ("SQS", "StartMessageMoveTask"): _move,
    ("SSM", "DescribeAutomationExecutions"): _everywhere("ssm:DescribeAutomationExecutions"),
    ("SSM", "GetAutomationExecution"): _everywhere("ssm:GetAutomationExecution"),
    ("SSM", "StartAutomationExecution"): _automation,
    ("SSM", "StopAutomationExecution"): _automation_run,
    ("Secrets Manager", "DescribeSecret"): _the_only("secretsmanager:secret", "secretsmanager:DescribeSecret"),
    ("Secrets Manager", "RotateSecret"): _the_only("secretsmanager:secret", "secretsmanager:RotateSecret"),
    ("API Gateway", "GetStage"): _stage("GET"),
    ("API Gateway", "UpdateStage"): _stage("PATCH"),
    ("API Gateway", "GetUsagePlan"): _plan("GET"),
    ("API Gateway", "UpdateUsagePlan"): _plan("PATCH"),
    **{
        ("Lambda", operation): _warmth(operation)
        for operation in (
            "GetProvisionedConcurrencyConfig",
            "PutProvisionedConcurrencyConfig",
            "DeleteProvisionedConcurrencyConfig",
        )
    },
    **{
        ("Lambda", operation): _alias(operation)
        for operation in ("GetFunctionConcurrency", "PutFunctionConcurrency", "DeleteFunctionConcurrency")
    },
    ("EC2", "StopInstances"): _the_only("ec2:nonproduction-instance", "ec2:StopInstances"),
    ("EC2", "StartInstances"): _the_only("ec2:nonproduction-instance", "ec2:StartInstances"),
    ("Auto Scaling", "UpdateAutoScalingGroup"): _resized,
    **{
        ("RDS", operation): _database(operation)
        for operation in ("DescribeDBInstances", "StopDBInstance", "StartDBInstance")
    },
    **{("DynamoDB", operation): _plain_table(operation) for operation in ("DescribeTable", "UpdateTable")},
    **{
        ("Kinesis", operation): _listed("StreamARN", f"kinesis:{operation}")
        for operation in ("DescribeStreamSummary", "UpdateShardCount")
    },
    ("SFN", "RedriveExecution"): _listed("executionArn", "states:RedriveExecution"),
    **{
        ("CloudFront", operation): _distribution(operation)
        for operation in ("ListInvalidations", "GetInvalidation", "CreateInvalidation")
    },
    ("Resource Groups Tagging API", "GetResources"): _everywhere("tag:GetResources"),
    ("SQS", "GetQueueUrl"): _queue("GetQueueUrl"),
    ("SQS", "GetQueueAttributes"): _queue("GetQueueAttributes"),
}
"""By botocore's service id and the operation."""
