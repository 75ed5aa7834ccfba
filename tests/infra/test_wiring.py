"""No event is lost silently: every asynchronous edge has a place for what fails, and somebody watches it."""

from typing import Any

from tests.infra.reading import Assembly, as_list

RULES = "AWS::Events::Rule"
QUEUES = "AWS::SQS::Queue"
MAPPINGS = "AWS::Lambda::EventSourceMapping"


def queue_of(arn: str) -> str:
    return arn.strip("<>").removesuffix(".Arn")


FORWARDED = ["edsr-detect-billing", "edsr-detect-kubernetes", "edsr-detect-logs"]
"""Detectors whose policies wait for what is forwarded, or sent by teams."""


def mapping_queues(assembly: Assembly) -> dict[str, dict[str, Any]]:
    return {queue_of(item["EventSourceArn"]): item for item in assembly.compute.of(MAPPINGS).values()}


def mapping_of(assembly: Assembly, queue: str) -> dict[str, Any]:
    """The mapping that reads a queue."""
    (identity,) = [name for name, item in assembly.compute.of(QUEUES).items() if item["QueueName"] == queue]
    return mapping_queues(assembly)[identity]


def failure_queues(assembly: Assembly) -> set[str]:
    """Every queue in which something ends that could not be handled."""
    compute = assembly.compute
    ends = [target["DeadLetterConfig"]["Arn"] for rule in compute.of(RULES).values() for target in rule["Targets"]]
    ends += [
        queue["RedrivePolicy"]["deadLetterTargetArn"]
        for queue in compute.of(QUEUES).values()
        if "RedrivePolicy" in queue
    ]
    for kind in ("AWS::Lambda::EventInvokeConfig", MAPPINGS):
        ends += [
            item["DestinationConfig"]["OnFailure"]["Destination"]
            for item in compute.of(kind).values()
            if "DestinationConfig" in item
        ]
    ends += [bus["DeadLetterConfig"]["Arn"] for bus in compute.of("AWS::Events::EventBus").values()]
    return {queue_of(arn) for arn in ends}


def test_every_target_of_every_rule_is_retried_and_has_dead_letters(dev: Assembly) -> None:
    targets = [target for rule in dev.compute.of(RULES).values() for target in rule["Targets"]]
    assert targets
    for target in targets:
        assert queue_of(target["DeadLetterConfig"]["Arn"]) in dev.compute.of(QUEUES)
        assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0


def test_every_function_that_a_rule_invokes_has_a_destination_for_failures(dev: Assembly) -> None:
    functions = dev.compute.of("AWS::Lambda::Function")
    invoked = {queue_of(target["Arn"]) for rule in dev.compute.of(RULES).values() for target in rule["Targets"]} & set(
        functions
    )
    configured = {
        item["FunctionName"].strip("<>"): item for item in dev.compute.of("AWS::Lambda::EventInvokeConfig").values()
    }
    assert invoked
    assert invoked <= set(configured)
    assert all(item["DestinationConfig"]["OnFailure"]["Destination"] for item in configured.values())


def test_every_mapping_answers_for_single_items_and_gives_up_to_a_queue(dev: Assembly) -> None:
    for mapping in dev.compute.of(MAPPINGS).values():
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        source = dev.compute.of(QUEUES).get(queue_of(mapping["EventSourceArn"]))
        assert "RedrivePolicy" in source if source else mapping["DestinationConfig"]["OnFailure"]["Destination"]


def test_every_queue_in_which_something_ends_has_an_alarm_that_tells_somebody(dev: Assembly) -> None:
    every = dev.compute.of("AWS::CloudWatch::Alarm").values()
    alarms = [item for item in every if item.get("Namespace") == "AWS/SQS"]
    watched = {
        alarm["Dimensions"][0]["Value"].strip("<>").removesuffix(".QueueName")
        for alarm in alarms
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible" and alarm["Threshold"] == 0
    }
    ends = failure_queues(dev)
    assert len(ends) >= 4
    assert ends <= watched
    quarantine = {name for name, item in dev.compute.of(QUEUES).items() if item["QueueName"] == "edsr-quarantine"}
    assert quarantine <= watched


def test_every_alarm_on_the_suite_itself_pages(dev: Assembly) -> None:
    topic = dev.compute.identity("AWS::SNS::Topic", TopicName="edsr-pages")
    every = dev.compute.of("AWS::CloudWatch::Alarm").values()
    alarms = [alarm for alarm in every if not alarm["AlarmName"].startswith("edsr-burn-")]
    assert all(alarm["AlarmActions"] == [f"<{topic}>"] for alarm in alarms)
    metrics = {(alarm["Namespace"], alarm["MetricName"]) for alarm in alarms}
    assert {
        ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
        ("AWS/Lambda", "IteratorAge"),
        ("AWS/States", "ExecutionsFailed"),
        ("edsr", "AuditTampered"),
    } <= metrics


def test_every_queue_is_encrypted_and_takes_tls_only(dev: Assembly) -> None:
    policies = {
        queue.strip("<>"): item["PolicyDocument"]["Statement"]
        for item in dev.compute.of("AWS::SQS::QueuePolicy").values()
        for queue in item["Queues"]
    }
    for name, queue in dev.compute.of(QUEUES).items():
        assert queue.get("SqsManagedSseEnabled") or queue.get("KmsMasterKeyId")
        assert any(
            item["Effect"] == "Deny" and item.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
            for item in policies[name]
        )


def test_a_queue_for_undelivered_events_has_one_statement_however_many_rules_there_are(dev: Assembly) -> None:
    for item in dev.compute.of("AWS::SQS::QueuePolicy").values():
        allows = [one for one in item["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]
        assert len(allows) <= 1
        for statement in allows:
            assert statement["Principal"] == {"Service": "events.amazonaws.com"}
            assert "ArnLike" in statement["Condition"]


def test_nobody_but_the_detectors_and_the_sweep_sends_a_finding(dev: Assembly) -> None:
    (findings,) = [name for name, item in dev.compute.of(QUEUES).items() if item["QueueName"] == "edsr-findings"]
    statements = dev.compute.one("AWS::SQS::QueuePolicy", Queues=[f"<{findings}>"])["PolicyDocument"]["Statement"]
    (denial,) = [item for item in statements if item["Action"] == "sqs:SendMessage"]
    assert denial["Effect"] == "Deny"
    assert denial["Principal"] == {"AWS": "*"}
    functions = dev.compute.of("AWS::Lambda::Function").values()
    detectors = {item["Role"] for item in functions if item["FunctionName"].startswith("edsr-detect-")}
    (sweep,) = [item["Role"] for item in functions if item["FunctionName"] == "edsr-sweep"]
    roles = dev.compute.of("AWS::IAM::Role")
    (redrive,) = [f"<{name}.Arn>" for name, role in roles.items() if role.get("RoleName") == "edsr-redrive"]
    assert set(denial["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]) == {*detectors, sweep, redrive}
    assert not [item for item in statements if item["Effect"] == "Allow"]


def test_findings_are_decided_ten_at_a_time_and_given_up_after_five_tries(dev: Assembly) -> None:
    queue = dev.compute.one(QUEUES, QueueName="edsr-findings")
    decide = dev.compute.one("AWS::Lambda::Function", FunctionName="edsr-decide")
    mapping = mapping_of(dev, "edsr-findings")
    assert mapping["BatchSize"] == 10
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 10}
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
    assert queue["VisibilityTimeout"] >= 6 * decide["Timeout"]


def test_a_storm_of_announcements_is_gathered_before_anybody_is_told(dev: Assembly) -> None:
    mapping = mapping_of(dev, "edsr-notices")
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (100, 2)
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_the_audit_is_recorded_in_order_and_a_failing_part_is_isolated(dev: Assembly, prod: Assembly) -> None:
    (mapping,) = [item for item in dev.compute.of(MAPPINGS).values() if item["EventSourceArn"] == "<AuditStream>"]
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["BatchSize"] == 100
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["MaximumRetryAttempts"] == 5
    assert mapping.get("ParallelizationFactor", 1) == 1
    (slower,) = [item for item in prod.compute.of(MAPPINGS).values() if item["EventSourceArn"] == "<AuditStream>"]
    windows = mapping["MaximumBatchingWindowInSeconds"], slower["MaximumBatchingWindowInSeconds"]
    assert windows == (1, 5)


def test_a_detector_is_invoked_by_its_own_rules_through_one_permission_for_each_bus(dev: Assembly) -> None:
    functions = dev.compute.named("AWS::Lambda::Function", "FunctionName")
    detectors = {name for name in functions.values() if name.startswith("edsr-detect-")}
    permissions = [
        item
        for item in dev.compute.of("AWS::Lambda::Permission").values()
        if functions[queue_of(item["FunctionName"])] in detectors
    ]
    own = [item for item in permissions if ":rule/edsr/" in item["SourceArn"]]
    others = [item for item in permissions if item not in own]
    assert sorted(functions[queue_of(item["FunctionName"])] for item in others) == sorted(detectors)
    assert sorted(functions[queue_of(item["FunctionName"])] for item in own) == FORWARDED
    for item in permissions:
        source = functions[queue_of(item["FunctionName"])].removeprefix("edsr-detect-")
        rules = "edsr-heartbeat" if source == "heartbeat" else f"edsr-{source}-*"
        assert item["SourceArn"].endswith(f":rule/{'edsr/' if item in own else ''}{rules}")
        assert item["SourceAccount"] == "000000000000"


def test_the_sweep_is_invoked_each_minute_and_by_nothing_else(dev: Assembly) -> None:
    functions = dev.compute.named("AWS::Lambda::Function", "FunctionName")
    (permission,) = [
        item
        for item in dev.compute.of("AWS::Lambda::Permission").values()
        if functions[queue_of(item["FunctionName"])] == "edsr-sweep"
    ]
    assert permission["SourceArn"].endswith(":rule/edsr-sweep")
    assert dev.compute.one(RULES, Name="edsr-sweep")["ScheduleExpression"] == "rate(1 minute)"


def test_the_kill_switch_has_its_items_before_anything_runs(dev: Assembly) -> None:
    switch = dev.compute.one("Custom::KillSwitch")
    functions = dev.compute.named("AWS::Lambda::Function", "FunctionName")
    assert functions[queue_of(switch["ServiceToken"])] == "edsr-control"
    assert switch["Items"] == 16


def test_logs_are_encrypted_and_end(dev: Assembly, prod: Assembly) -> None:
    for assembly, days in ((dev, 7), (prod, 365)):
        groups = assembly.compute.of("AWS::Logs::LogGroup").values()
        assert {group["RetentionInDays"] for group in groups} == {days}
        assert {group["KmsKeyId"] for group in groups} == {"<KeyArn>"}
        named = {
            f"/aws/lambda/{name}" for name in assembly.compute.named("AWS::Lambda::Function", "FunctionName").values()
        }
        assert named <= {group["LogGroupName"] for group in groups}


def test_functions_run_on_arm_with_json_logs_and_declared_limits(dev: Assembly) -> None:
    for function in dev.compute.of("AWS::Lambda::Function").values():
        assert function["Architectures"] == ["arm64"]
        assert function["Runtime"] == "python3.13"
        assert function["LoggingConfig"]["LogFormat"] == "JSON"
        assert as_list(function["Layers"])
        assert function["Timeout"] <= 900
