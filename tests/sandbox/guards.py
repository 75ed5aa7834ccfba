"""One probe per seam of an engine that enforces IAM, by the seam's name: does it allow and deny as AWS does there?"""

import json
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tests.sandbox.estate import Estate
from tests.sandbox.probes import Probe

ACCOUNT = "000000000000"
ANYTHING = {"Action": "*", "Resource": "*"}


def document(*allowed: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in allowed]})


def a_role(estate: Estate, name: str, *allowed: dict[str, Any]) -> str:
    """A role with these statements, which anybody in the account may assume; its ARN."""
    iam, trusted = estate.client("iam"), {"Action": "sts:AssumeRole", "Principal": {"AWS": ACCOUNT}}
    made = iam.create_role(RoleName=name, Path="/guards/", AssumeRolePolicyDocument=document(trusted))["Role"]
    if allowed:
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(*allowed))
    return str(made["Arn"])


def acting(estate: Estate, role: str, service: str) -> Any:
    """A client in the name of a role that trusts the account."""
    session = estate.client("sts").assume_role(RoleArn=role, RoleSessionName="guard")["Credentials"]
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{estate.port}",
        region_name="us-east-1",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )


def may(ask: Any, **said: Any) -> bool:
    """Whether a call is not denied."""
    try:
        ask(**said)
    except ClientError as error:
        return not error.response["Error"]["Code"].startswith("AccessDenied")
    return True


def secure_transport(estate: Estate) -> bool:
    """A queue that denies what comes without TLS takes what comes over the loopback."""
    url, arn = estate.queue("over-tls")
    denied = {"Bool": {"aws:SecureTransport": "false"}}
    said = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": arn, "Condition": denied}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [said]})
    sqs = estate.client("sqs")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return may(sqs.send_message, QueueUrl=url, MessageBody="{}")


def principal_arn(estate: Estate) -> bool:
    """A condition on the caller names its role, and no other role meets it."""
    mine = f"arn:aws:iam::{ACCOUNT}:role/guards/named"
    only = {"Action": "sqs:ListQueues", "Resource": "*", "Condition": {"ArnEquals": {"aws:PrincipalArn": mine}}}
    roles = [a_role(estate, name, only) for name in ("named", "unnamed")]
    return [may(acting(estate, role, "sqs").list_queues) for role in roles] == [True, False]


def lambda_actions(estate: Estate) -> bool:
    """Who may read an alias may neither list nor move aliases; who may list them may not read one."""
    arn = estate.function("guarded", "def handler(event, context): ...", Role=a_role(estate, "idle"))
    estate.client("lambda").create_alias(FunctionName="guarded", Name="live", FunctionVersion="$LATEST")
    alias = {"FunctionName": "guarded", "Name": "live"}

    def outcome(action: str) -> list[bool]:
        role = a_role(estate, action, {"Action": f"lambda:{action}", "Resource": arn})
        client = acting(estate, role, "lambda")
        moved = may(client.update_alias, **alias, Description="moved")
        return [may(client.get_alias, **alias), may(client.list_aliases, FunctionName="guarded"), moved]

    wanted = {
        "GetAlias": [True, False, False],
        "ListAliases": [False, True, False],
        "UpdateAlias": [False, False, True],
    }
    return {action: outcome(action) for action in wanted} == wanted


def service_arns(estate: Estate) -> bool:
    """Who may change one ECS service, keep one alias ready, or mark one alarm, may not do so with its neighbour."""
    ecs = estate.client("ecs")
    ecs.create_cluster(clusterName="guarded")
    ecs.register_task_definition(family="guarded", containerDefinitions=[{"name": "c", "image": "i", "memory": 128}])
    for name in ("mine", "theirs"):
        ecs.create_service(cluster="guarded", serviceName=name, taskDefinition="guarded", desiredCount=0)
    mine = f"arn:aws:ecs:us-east-1:{ACCOUNT}:service/guarded/mine"
    role = a_role(estate, "scales-mine", {"Action": ["ecs:UpdateService", "ecs:DescribeServices"], "Resource": mine})
    client, said = acting(estate, role, "ecs"), {"cluster": "guarded", "desiredCount": 1}
    changed = [may(client.update_service, **said, service=name) for name in ("mine", "theirs")]
    read = [may(client.describe_services, cluster="guarded", services=[name]) for name in (mine, "theirs")]
    return changed == read == kept_ready(estate) == marked(estate) == [True, False]


def marked(estate: Estate) -> list[bool]:
    """Whether who may mark the alarm `mine` may do so, and `theirs`."""
    arns = [f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:{name}" for name in ("mine", "theirs")]
    limit = {"EvaluationPeriods": 1, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold", "Period": 60}
    about = {"Namespace": "Shop", "MetricName": "Errors", "Statistic": "Sum"}
    for arn in arns:
        estate.client("cloudwatch").put_metric_alarm(AlarmName=arn.rpartition(":")[2], **about, **limit)
    role = a_role(estate, "marks-mine", {"Action": "cloudwatch:TagResource", "Resource": arns[0]})
    mark = acting(estate, role, "cloudwatch").tag_resource
    return [may(mark, ResourceARN=arn, Tags=[{"Key": "edsr:case", "Value": "c"}]) for arn in arns]


def kept_ready(estate: Estate) -> list[bool]:
    """Whether who may keep the alias `mine` ready may do so, and with `theirs`."""
    arn = estate.function("warmed", "def handler(event, context): ...", Role=a_role(estate, "warmed"))
    functions = estate.client("lambda")
    version = functions.publish_version(FunctionName="warmed")["Version"]
    for name in ("mine", "theirs"):
        functions.create_alias(FunctionName="warmed", Name=name, FunctionVersion=version)
    put = {"Action": "lambda:PutProvisionedConcurrencyConfig", "Resource": f"{arn}:mine"}
    keep = acting(estate, a_role(estate, "keeps-mine", put), "lambda").put_provisioned_concurrency_config
    said = {"FunctionName": "warmed", "ProvisionedConcurrentExecutions": 1}
    return [may(keep, **said, Qualifier=name) for name in ("mine", "theirs")]


def machine_role(estate: Estate) -> bool:
    """A machine calls a function only if its role may."""
    function = estate.function("called", "def handler(event, context): ...", Role=a_role(estate, "called"))
    call = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    states = {"Call": {**call, "Parameters": {"FunctionName": function}}}

    def ended(name: str, *allowed: dict[str, Any]) -> Any:
        run = estate.execute(name, states, {}, role=a_role(estate, name, *allowed))
        return run.get("error") or run["status"]

    invoke = {"Action": "lambda:InvokeFunction", "Resource": function}
    return (ended("calls", invoke), ended("is-denied")) == ("SUCCEEDED", "Lambda.AWSLambdaException")


def task_token(estate: Estate) -> bool:
    """Who may answer the tasks of one machine may not answer those of another."""
    url, _ = estate.queue("waiting")
    said = {"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token"}}
    ask = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": said}
    machine = estate.machine(
        "waits", {"Ask": {**ask, "TimeoutSeconds": 60, "End": True}}, a_role(estate, "waits", ANYTHING)
    )
    estate.client("stepfunctions").start_execution(stateMachineArn=machine, name="waits")
    (asked,) = estate.received(url, 8)
    answers = {"Action": "states:SendTaskSuccess"}
    others, its = ({**answers, "Resource": arn} for arn in (f"{machine}-too", machine))
    clients = [
        acting(estate, a_role(estate, name, it), "stepfunctions") for name, it in (("others", others), ("its", its))
    ]
    return [may(who.send_task_success, taskToken=asked["token"], output="{}") for who in clients] == [False, True]


SENDS = """
import boto3
def handler(event, context):
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="heard")["QueueUrl"], MessageBody='"function"')
"""


def rule_targets(estate: Estate) -> bool:
    """A rule reaches the function and the queue that let it in, and of those that do not, none."""
    heard, _ = estate.queue("heard")
    rule = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/lets-in"
    of_rule = {"Principal": {"Service": "events.amazonaws.com"}, "Condition": {"ArnLike": {"aws:SourceArn": rule}}}
    role = a_role(estate, "sends", ANYTHING)

    def targets(name: str) -> list[str]:
        return [estate.function(f"{name}-function", SENDS, Role=role), estate.queue(f"{name}-queue")[1]]

    lets, closed = targets("open"), targets("closed")
    policy = document({"Action": "sqs:SendMessage", "Resource": lets[1], **of_rule})
    urls = [f"http://127.0.0.1:{estate.port}/{ACCOUNT}/{name}-queue" for name in ("open", "closed")]
    estate.client("sqs").set_queue_attributes(QueueUrl=urls[0], Attributes={"Policy": policy})
    estate.client("lambda").add_permission(
        FunctionName="open-function",
        StatementId="s",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule,
    )
    estate.rule("lets-in", {"source": ["lets-in"]}, *closed, *lets)
    estate.client("events").put_events(Entries=[{"Source": "lets-in", "DetailType": "x", "Detail": "{}"}])
    said = estate.received(heard, 8) + estate.received(heard, 1)
    return (len(said), *(len(estate.received(url, 0)) for url in urls)) == (1, 1, 0)


GUARDS: tuple[Probe, ...] = (
    secure_transport,
    principal_arn,
    lambda_actions,
    machine_role,
    task_token,
    rule_targets,
    service_arns,
)
