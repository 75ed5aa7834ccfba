"""One probe per seam, by the seam's name: does this engine behave as AWS does there?"""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.sandbox.estate import ROLE, Estate, eventually

Probe = Callable[[Estate], bool]

RAISES = """
import os
class Refused(Exception): pass
def handler(event, context):
    if event == "crash": os._exit(1)
    raise Refused("no")
"""


def error_type(estate: Estate) -> bool:
    estate.function("raises", RAISES)
    estate.function("lacks", "import nothing_of_that_name")
    kinds = [estate.invoke(*call)["Payload"]["errorType"] for call in (("raises",), ("raises", "crash"), ("lacks",))]
    return kinds == ["Refused", "Runtime.ExitError", "Runtime.ImportModuleError"]


def aws_source(estate: Estate) -> bool:
    entry = {"Source": "aws.guardduty", "DetailType": "x", "Detail": "{}"}
    return bool(estate.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0)


def alarm_event(estate: Estate) -> bool:
    """Its shape is compared with what AWS documents."""
    url, arn = estate.queue("alarm-events")
    estate.rule("alarm-events", {"source": ["aws.cloudwatch"], "detail": {"alarmName": ["told"]}}, arn)
    estate.alarm("told", "Mine", "told", {"a": "b"}, AlarmDescription="why")
    estate.datum("Mine", "told", 1, {"a": "b"})
    events = estate.received(url, 1)
    if not events:
        return False
    event, metric = events[0], {"namespace": "Mine", "name": "told", "dimensions": {"a": "b"}}
    stat = {"metric": metric, "period": 60, "stat": "Sum"}
    detail = event["detail"]
    return bool(
        event["detail-type"] == "CloudWatch Alarm State Change"
        and event["resources"] == ["arn:aws:cloudwatch:us-east-1:000000000000:alarm:told"]
        and detail["state"]["value"] == "ALARM"
        and detail["state"]["timestamp"].endswith("+0000")
        and json.loads(detail["state"]["reasonData"])["version"] == "1.0"
        and detail["previousState"]["reason"] == "Unchecked: Initial alarm creation"
        and detail["configuration"]
        == {"description": "why", "metrics": [{"id": "m1", "metricStat": stat, "returnData": True}]}
    )


def alarm_dimensions(estate: Estate) -> bool:
    estate.alarm("one-series", "Mine", "many", {"which": "one"})
    estate.datum("Mine", "many", 1, {"which": "other"})
    before = estate.alarm_state("one-series")
    estate.datum("Mine", "many", 1, {"which": "one"})
    return (before, estate.alarm_state("one-series")) == ("INSUFFICIENT_DATA", "ALARM")


def alarm_missing_data(estate: Estate) -> bool:
    for state in ("missing", "notBreaching", "ignore"):
        estate.alarm(state, "Mine", state, {}, Period=1, TreatMissingData=state)
        estate.datum("Mine", state, 1, {})
    eventually(lambda: estate.alarm_state("notBreaching") == "OK" and estate.alarm_state("missing") != "ALARM", 3)
    settled = [estate.alarm_state(name) for name in ("missing", "notBreaching", "ignore")]
    return settled == ["INSUFFICIENT_DATA", "OK", "ALARM"]


def lambda_metrics(estate: Estate) -> bool:
    """A failure through an alias reaches the alarm on that alias, and no other function's alarm."""
    estate.function("counted", "def handler(event, context): raise ValueError")
    version = estate.client("lambda").publish_version(FunctionName="counted")["Version"]
    estate.client("lambda").create_alias(FunctionName="counted", Name="live", FunctionVersion=version)
    for name, resource in (("alias-fails", "counted:live"), ("idle-fails", "idle:live")):
        series = {"FunctionName": resource.split(":")[0], "Resource": resource}
        estate.alarm(name, "AWS/Lambda", "Errors", series)
    estate.invoke("counted:live")
    return (estate.alarm_state("alias-fails"), estate.alarm_state("idle-fails")) == ("ALARM", "INSUFFICIENT_DATA")


def version_weights(estate: Estate) -> bool:
    client = estate.client("lambda")
    estate.function("weighted", "def handler(event, context): return context.function_version")
    first = client.publish_version(FunctionName="weighted")["Version"]
    client.update_function_configuration(FunctionName="weighted", Description="changed")
    second = client.publish_version(FunctionName="weighted", Description="second")["Version"]
    routing = {"AdditionalVersionWeights": {second: 0.5}}
    client.create_alias(FunctionName="weighted", Name="live", FunctionVersion=first, RoutingConfig=routing)
    answers = [estate.invoke("weighted:live") for _ in range(16)]
    agree = all(answer["ExecutedVersion"] == answer["Payload"] for answer in answers)
    return agree and {answer["Payload"] for answer in answers} == {first, second}


STREAM_CONSUMER = """
import boto3, os
def handler(event, context):
    table = boto3.client("dynamodb").update_item
    for record in event["Records"]:
        pk = record["dynamodb"]["Keys"]["pk"]["S"]
        if pk == "poison":
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
        table(TableName="consumed", Key={"pk": {"S": pk}}, UpdateExpression="ADD n :n",
              ExpressionAttributeValues={":n": {"N": "1"}})
    return {"batchItemFailures": []}
"""


def read(estate: Estate, mapping: str) -> bool:
    """Whether the last batch of a stream was handled, and the mapping has moved on."""
    found = estate.client("lambda").get_event_source_mapping(UUID=mapping)
    return str(found.get("LastProcessingResult")).startswith("OK")


def stream_batches(estate: Estate) -> bool:
    """A poison record between two good ones: both are consumed once, the poison goes to the destination."""
    dynamodb, (url, arn) = estate.client("dynamodb"), estate.queue("poison")
    key = {
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    made = dynamodb.create_table(TableName="streamed", StreamSpecification=stream, **key)["TableDescription"]
    dynamodb.create_table(TableName="consumed", **key)
    estate.function("consumer", STREAM_CONSUMER)
    writes = [{"PutRequest": {"Item": {"pk": {"S": name}}}} for name in ("first", "poison", "last")]
    dynamodb.batch_write_item(RequestItems={"streamed": writes})
    mapping = estate.client("lambda").create_event_source_mapping(
        FunctionName="consumer",
        EventSourceArn=made["LatestStreamArn"],
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )["UUID"]

    def consumed() -> dict[str, str]:
        return {item["pk"]["S"]: item["n"]["N"] for item in dynamodb.scan(TableName="consumed")["Items"]}

    done = eventually(lambda: read(estate, mapping))
    return done and consumed() == {"first": "1", "last": "1"} and len(estate.received(url)) == 1


def workers(estate: Estate) -> bool:
    estate.function("crowded", "import os, time\ndef handler(e, c): time.sleep(0.2); return os.getpid()")
    with ThreadPoolExecutor(4) as crowd:
        processes = set(crowd.map(lambda _: estate.invoke("crowded")["Payload"], range(4)))
    return len(processes) <= 3


STARTS_ONCE = """
import os, pathlib, tempfile, time
STARTED = pathlib.Path(tempfile.gettempdir(), "started-once")
if STARTED.exists(): os._exit(1)
def handler(event, context):
    STARTED.touch()
    time.sleep(1.5)
    return "whole"
"""


def worker_start(estate: Estate) -> bool:
    """While one invocation runs, a second worker dies while it starts: the first one answers all the same."""
    estate.function("starts-once", STARTS_ONCE)
    with ThreadPoolExecutor(1) as meanwhile:
        first = meanwhile.submit(estate.invoke, "starts-once")
        time.sleep(0.8)
        second = estate.invoke("starts-once")
    return (first.result()["Payload"], second["Payload"]["errorType"]) == ("whole", "Runtime.ExitError")


def same_execution(estate: Estate) -> bool:
    client = estate.client("stepfunctions")
    arn = estate.machine("once", {"W": {"Type": "Wait", "Seconds": 20, "End": True}})
    started = client.start_execution(stateMachineArn=arn, name="i-1", input='{"a":1}')["executionArn"]

    def again(given: str) -> str:
        try:
            return str(client.start_execution(stateMachineArn=arn, name="i-1", input=given)["executionArn"])
        except client.exceptions.ExecutionAlreadyExists:
            return "refused"

    return (again('{"a":1}'), again('{"a":2}')) == (started, "refused")


def map_concurrency(estate: Estate) -> bool:
    wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": True}}}
    states = {"M": {"Type": "Map", "ItemsPath": "$.l", "MaxConcurrencyPath": "$.n", "ItemProcessor": wait, "End": True}}
    began = time.monotonic()
    estate.execute("bounded", states, {"l": [1, 2], "n": 1})
    return time.monotonic() - began > 2


def missing_path(estate: Estate) -> bool:
    def run(name: str, path: str) -> Any:
        states = {"P": {"Type": "Pass", "Parameters": {"x.$": path}, "End": True}}
        ended = estate.execute(name, states, {"a": {"b": None, "l": [1]}})
        return ended.get("error") or json.loads(ended["output"])["x"]

    item = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    over = {"M": {"Type": "Map", "ItemsPath": "$.no", "ItemProcessor": item, "End": True}}
    missing = [run(f"missing-{n}", path) for n, path in enumerate(("$.b", "$.a.l[1]", "$.a.l[?(@==1)]", "$$.No"))]
    there = [run(f"there-{n}", path) for n, path in enumerate(("$.a.b", "$.a.l[0]", "$.a.l[*]"))]
    over_nothing = estate.execute("over-nothing", over, {}).get("error")
    return [*missing, over_nothing] == ["States.Runtime"] * 5 and there == [None, 1, [1]]


def callback_error(estate: Estate) -> bool:
    function = estate.function("asks", "def handler(event, context): raise ValueError('no')")
    parameters = {"FunctionName": function, "Payload": {"token.$": "$$.Task.Token"}}
    resource = "arn:aws:states:::lambda:invoke.waitForTaskToken"
    ask = {"Type": "Task", "Resource": resource, "Parameters": parameters, "TimeoutSeconds": 60, "End": True}
    return bool(estate.execute("asks", {"Ask": ask}, {}, seconds=1.5)["status"] == "FAILED")


def event_retries(estate: Estate) -> bool:
    """A rule's function that fails is tried again, then its event goes to the on-failure destination."""
    url, arn = estate.queue("given-up")
    function = estate.function("gives-up", "def handler(event, context): raise ValueError")
    wanted = {"MaximumRetryAttempts": 1, "DestinationConfig": {"OnFailure": {"Destination": arn}}}
    estate.client("lambda").put_function_event_invoke_config(FunctionName="gives-up", **wanted)
    estate.rule("gives-up", {"source": ["gives-up"]}, function)
    estate.client("events").put_events(Entries=[{"Source": "gives-up", "DetailType": "x", "Detail": "{}"}])
    return len(estate.received(url, 2)) == 1


TELLS = """
import boto3, time
def handler(event, context):
    time.sleep(0.5)
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="heard")["QueueUrl"], MessageBody="1")
"""


def throttled_events(estate: Estate) -> bool:
    """Of two events at once for a function that runs once at a time, both are handled."""
    url, _ = estate.queue("heard")
    estate.function("one-at-a-time", TELLS)
    client = estate.client("lambda")
    client.put_function_concurrency(FunctionName="one-at-a-time", ReservedConcurrentExecutions=1)
    for _ in range(2):
        client.invoke(FunctionName="one-at-a-time", InvocationType="Event", Payload=b"{}")

    def heard() -> int:
        said = estate.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(said["ApproximateNumberOfMessages"])

    return eventually(lambda: heard() == 2, 4)


TYPES = {
    "Archive": ("AWS::Events::Archive", {"SourceArn": "arn:aws:events:us-east-1:000000000000:event-bus/default"}),
    "Both": ("AWS::CloudWatch::CompositeAlarm", {"AlarmName": "both", "AlarmRule": "FALSE"}),
    "Query": ("AWS::Athena::NamedQuery", {"Database": "d", "QueryString": "SELECT 1", "Name": "q"}),
}


def resource_types(estate: Estate) -> bool:
    client = estate.client("cloudformation")
    body = json.dumps({"Resources": {name: {"Type": t, "Properties": p} for name, (t, p) in TYPES.items()}})
    try:
        client.create_stack(StackName="types", TemplateBody=body, RoleARN=ROLE)
    except client.exceptions.ClientError:
        return False
    eventually(lambda: "IN_PROGRESS" not in client.describe_stacks(StackName="types")["Stacks"][0]["StackStatus"])
    alarms = estate.client("cloudwatch").describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    archives = estate.client("events").list_archives()["Archives"]
    return [alarm["AlarmName"] for alarm in alarms] == ["both"] and len(archives) == 1


RATIO: list[dict[str, Any]] = [
    {
        "Id": name.lower(),
        "ReturnData": False,
        "MetricStat": {
            "Stat": "Sum",
            "Period": 10,
            "Metric": {
                "Namespace": "AWS/Lambda",
                "MetricName": name,
                "Dimensions": [{"Name": "FunctionName", "Value": "reckoned"}],
            },
        },
    }
    for name in ("Invocations", "Errors")
]
RATIO.append({"Id": "ratio", "Expression": "errors / invocations", "ReturnData": True})


def alarm_maths(estate: Estate) -> bool:
    """An alarm on metric maths is there, and judges nothing: what it would look at comes, and it stays as it was."""
    client, function = estate.client("cloudformation"), estate.function("reckoned", "def handler(event, context): pass")
    said = {"AlarmName": "maths", "Metrics": RATIO, "Threshold": -1, "EvaluationPeriods": 1}
    said["ComparisonOperator"] = "GreaterThanThreshold"
    body = json.dumps({"Resources": {"Maths": {"Type": "AWS::CloudWatch::Alarm", "Properties": said}}})
    try:
        client.create_stack(StackName="maths", TemplateBody=body, RoleARN=ROLE)
    except client.exceptions.ClientError:
        return False
    eventually(lambda: "IN_PROGRESS" not in client.describe_stacks(StackName="maths")["Stacks"][0]["StackStatus"])
    estate.client("lambda").invoke(FunctionName=function)
    alarms = estate.client("cloudwatch").describe_alarms(AlarmNames=["maths"])["MetricAlarms"]
    return [alarm["StateValue"] for alarm in alarms] == ["INSUFFICIENT_DATA"]


def schedule_source(estate: Estate) -> bool:
    """What a schedule puts on the bus comes from the source that its target names."""
    url, arn = estate.queue("scheduled")
    estate.rule("scheduled", {"source": ["shop.clock"], "detail-type": ["Tick"]}, arn)
    estate.client("scheduler").create_schedule(
        Name="once",
        ScheduleExpression="at(2026-01-01T00:00:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": "arn:aws:events:us-east-1:000000000000:event-bus/default",
            "RoleArn": ROLE,
            "EventBridgeParameters": {"Source": "shop.clock", "DetailType": "Tick"},
        },
    )
    return bool(estate.received(url, seconds=15))


HEARS = """
import boto3
def handler(event, context):
    for record in event["Records"]:
        said = record["dynamodb"]["Keys"]["pk"]["S"]
        boto3.client("sqs").send_message(QueueUrl=URL, MessageBody='"%s"' % said)
"""


def restart(estate: Estate) -> bool:
    """What is written to a table after a restart is still heard by the consumer of its stream."""
    dynamodb, (url, _) = estate.client("dynamodb"), estate.queue("heard-after-a-restart")
    made = dynamodb.create_table(
        TableName="outlives",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]
    estate.function("hears", HEARS.replace("URL", repr(url)))
    mapping = estate.client("lambda").create_event_source_mapping(
        FunctionName="hears", EventSourceArn=made["LatestStreamArn"], StartingPosition="TRIM_HORIZON"
    )["UUID"]
    dynamodb.put_item(TableName="outlives", Item={"pk": {"S": "before"}})
    eventually(lambda: read(estate, mapping))
    estate.restart()
    dynamodb.put_item(TableName="outlives", Item={"pk": {"S": "after"}})
    heard: list[str] = []

    def both() -> bool:
        heard.extend(estate.received(url))
        return len(heard) > 1

    eventually(both, 30)
    return heard == ["before", "after"]


def rule_state(estate: Estate) -> bool:
    """A call that only reads reaches the rule that asks for all calls, and no other; one that writes reaches both."""
    (plain, plain_arn), (every, every_arn) = estate.queue("told-of-writes"), estate.queue("told-of-reads")
    estate.rule("told-of-writes", {"source": ["test.calls"]}, plain_arn)
    estate.rule("told-of-reads", {"source": ["test.calls"]}, every_arn)
    events = estate.client("events")
    asked = {"EventPattern": '{"source":["test.calls"]}', "State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}
    events.put_rule(Name="told-of-reads", **asked)
    for detail in ({"readOnly": True, "eventCategory": "Management"}, {"readOnly": True, "eventCategory": "Data"}, {}):
        call = {"Source": "test.calls", "DetailType": "AWS API Call via CloudTrail", "Detail": json.dumps(detail)}
        events.put_events(Entries=[call])
    return [len(estate.received(url)) for url in (plain, every)] == [2, 3]


def services_off(estate: Estate) -> bool:
    """Who asks a service that the account does not use is told so."""

    def code(service: str, operation: str) -> str:
        try:
            answer = getattr(estate.client(service), operation)()
        except ClientError as exc:
            return str(exc.response["Error"]["Code"])
        except BotoCoreError as exc:
            return type(exc).__name__
        return next((name for name, said in answer.items() if said == []), "something else")

    asked = {"health": "describe_events", "securityhub": "get_findings"}
    listed = {"guardduty": "list_detectors", "accessanalyzer": "list_analyzers"}
    said = [code(service, operation) for service, operation in {**asked, **listed}.items()]
    return said == ["SubscriptionRequiredException", "InvalidAccessException", "DetectorIds", "analyzers"]


PROBES: tuple[Probe, ...] = (
    error_type,
    aws_source,
    alarm_event,
    alarm_dimensions,
    alarm_missing_data,
    lambda_metrics,
    version_weights,
    stream_batches,
    workers,
    same_execution,
    map_concurrency,
    missing_path,
    callback_error,
    event_retries,
    throttled_events,
    resource_types,
    alarm_maths,
    schedule_source,
    rule_state,
    services_off,
    worker_start,
    restart,
)
