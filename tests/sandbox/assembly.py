"""Write a small cloud assembly with what the product's templates are made of; run in a process of its own."""

import sys
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as stepfunctions

HERE = Path(__file__).parent / "app"
ENVIRONMENT = cdk.Environment(account="000000000000", region="us-east-1")
STRING = dynamodb.AttributeType.STRING


class Stateful(cdk.Stack):
    """A table with a stream and a lifetime, a locked bucket, and their names as parameters."""

    def __init__(self, app: cdk.App) -> None:
        super().__init__(app, "Stateful", env=ENVIRONMENT)
        key = kms.Key(self, "Key", enable_key_rotation=True, pending_window=cdk.Duration.days(7))
        recovery = dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True)
        table = dynamodb.Table(
            self,
            "Audit",
            partition_key=dynamodb.Attribute(name="pk", type=STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            time_to_live_attribute="ttl",
            point_in_time_recovery_specification=recovery,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=key,
        )
        bucket = s3.Bucket(
            self,
            "Archive",
            versioned=True,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            object_lock_enabled=True,
            object_lock_default_retention=s3.ObjectLockRetention.governance(cdk.Duration.days(1)),
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            lifecycle_rules=[s3.LifecycleRule(expiration=cdk.Duration.days(400))],
        )
        for name, value in {
            "table": table.table_name,
            "stream": str(table.table_stream_arn),
            "bucket": bucket.bucket_name,
            "key": key.key_arn,
        }.items():
            ssm.StringParameter(self, f"Name-{name}", parameter_name=f"/small/{name}", string_value=value)


class Compute(cdk.Stack):
    """alarm -> rule -> detect -> queue -> decide -> machine -> act, and a consumer of the table's stream."""

    def __init__(self, app: cdk.App, stateful: Stateful) -> None:
        super().__init__(app, "Compute", env=ENVIRONMENT)
        self.add_stack_dependency(stateful)
        self.key = ssm.StringParameter.value_for_string_parameter(self, "/small/key")
        self.layer = lambda_.LayerVersion(self, "Layer", code=lambda_.Code.from_asset(str(HERE / "layer")))
        self.table = ssm.StringParameter.value_for_string_parameter(self, "/small/table")
        failed = sqs.Queue(self, "Failed", retention_period=cdk.Duration.days(14))
        findings = sqs.Queue(
            self, "Findings", dead_letter_queue=sqs.DeadLetterQueue(queue=failed, max_receive_count=3), enforce_ssl=True
        )
        act = self.function("act")
        machine = self.machine(act)
        detect = self.function("detect", {"QUEUE": findings.queue_url}, dead_letter_queue=failed)
        decide = self.function("decide", {"MACHINE": machine.state_machine_arn})
        findings.grant_send_messages(detect)
        machine.grant_start_execution(decide)
        decide.add_event_source(sources.SqsEventSource(findings, report_batch_item_failures=True, max_concurrency=2))
        self.watch(detect, failed)
        self.consume(self.function("record"), failed)
        self.tell(failed)
        boundary = iam.ManagedPolicy(self, "Boundary", statements=[iam.PolicyStatement(actions=["*"], resources=["*"])])
        iam.PermissionsBoundary.of(self).apply(boundary)

    def function(self, name: str, more: dict[str, str] | None = None, **rest: object) -> lambda_.Function:
        group = logs.LogGroup(self, f"{name}-log", retention=logs.RetentionDays.ONE_WEEK)
        function = lambda_.Function(
            self,
            name,
            function_name=f"small-{name}",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            code=lambda_.Code.from_asset(str(HERE / "code")),
            handler=f"stages.{name}",
            layers=[self.layer],
            environment={"TABLE": self.table, **(more or {})},
            log_group=group,
            logging_format=lambda_.LoggingFormat.JSON,
            retry_attempts=1,
            timeout=cdk.Duration.seconds(10),
            **rest,  # type: ignore[arg-type] # passed through to a constructor that checks it
        )
        writes = iam.PolicyStatement(
            actions=["dynamodb:PutItem"], resources=[f"arn:aws:dynamodb:*:*:table/{self.table}"]
        )
        function.add_to_role_policy(writes)
        return function

    def machine(self, act: lambda_.Function) -> stepfunctions.StateMachine:
        group = logs.LogGroup(self, "machine-log", log_group_name="/aws/vendedlogs/states/small")
        machine = stepfunctions.StateMachine(
            self,
            "Machine",
            state_machine_name="small-machine",
            definition_body=stepfunctions.DefinitionBody.from_file(str(HERE / "machine.asl.json")),
            definition_substitutions={"Act": act.function_arn},
            logs=stepfunctions.LogOptions(destination=group, level=stepfunctions.LogLevel.ALL),
            tracing_enabled=True,
        )
        act.grant_invoke(machine)
        return machine

    def watch(self, detect: lambda_.Function, failed: sqs.Queue) -> None:
        """The watched service, its alarm, and the rule as the product writes it."""
        checkout = self.function("checkout", {"BROKEN": "yes"})
        alarm = checkout.metric_errors(period=cdk.Duration.seconds(10), statistic="Sum").create_alarm(
            self, "Fails", alarm_name="canary-checkout", threshold=1, evaluation_periods=1
        )
        target = events.CfnRule.TargetProperty(
            id="detect",
            arn=detect.function_arn,
            dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=failed.queue_arn),
            retry_policy=events.CfnRule.RetryPolicyProperty(maximum_retry_attempts=10),
            input_transformer=events.CfnRule.InputTransformerProperty(
                input_template='{"v":1,"policy":"p","event":<aws.events.event.json>}'
            ),
        )
        pattern = {
            "source": ["aws.cloudwatch"],
            "detail": {"alarmName": [{"prefix": "canary-"}], "state": {"value": ["ALARM"]}},
            "replay-name": [{"exists": False}],
        }
        events.CfnRule(self, "Rule", name="small-rule", event_pattern=pattern, targets=[target])
        lambda_.CfnPermission(
            self,
            "MayDetect",
            action="lambda:InvokeFunction",
            function_name=detect.function_name,
            principal="events.amazonaws.com",
            source_arn=f"arn:aws:events:{self.region}:{self.account}:rule/small-*",
        )
        bus = events.EventBus(self, "Bus", event_bus_name="small", dead_letter_queue=failed)
        bus.archive("Kept", event_pattern=events.EventPattern(source=["small"]), retention=cdk.Duration.days(30))
        sns.Topic(cdk.NestedStack(self, "Nested"), "Pages", enforce_ssl=True)
        rule = cloudwatch.AlarmRule.from_alarm(alarm, cloudwatch.AlarmState.ALARM)
        cloudwatch.CompositeAlarm(self, "Any", composite_alarm_name="any", alarm_rule=rule)

    def tell(self, failed: sqs.Queue) -> None:
        """A sealed topic that a rule of the suite's own bus tells, and an alarm on the queue of what failed."""
        key = kms.Key.from_key_arn(self, "Sealing", self.key)
        topic = sns.Topic(self, "Told", topic_name="small-told", display_name="SMALL", master_key=key)
        target = events.CfnRule.TargetProperty(id="told", arn=topic.topic_arn)
        pattern = {"source": ["small"]}
        events.CfnRule(self, "Tell", name="small-tell", event_bus_name="small", event_pattern=pattern, targets=[target])
        deep = failed.metric_approximate_number_of_messages_visible()
        deep.create_alarm(self, "Deep", threshold=1, evaluation_periods=1)

    def consume(self, record: lambda_.Function, failed: sqs.Queue) -> None:
        lambda_.CfnEventSourceMapping(
            self,
            "Stream",
            function_name=record.function_name,
            event_source_arn=ssm.StringParameter.value_for_string_parameter(self, "/small/stream"),
            starting_position="TRIM_HORIZON",
            batch_size=10,
            function_response_types=["ReportBatchItemFailures"],
            maximum_retry_attempts=2,
            destination_config=lambda_.CfnEventSourceMapping.DestinationConfigProperty(
                on_failure=lambda_.CfnEventSourceMapping.OnFailureProperty(destination=failed.queue_arn)
            ),
        )


if __name__ == "__main__":
    root = cdk.App(outdir=sys.argv[1])
    Compute(root, Stateful(root))
    cdk.Tags.of(root).add("small:environment", "test")
    root.synth()
