"""Pages: one encrypted topic, the alarms on the suite itself, and the rules for incidents that need a person."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from edsr.metrics import NAMESPACE
from infra.parts import messages
from infra.parts.names import BUS, PAGES
from infra.parts.places import Places

SENDERS = ("cloudwatch.amazonaws.com", "events.amazonaws.com")
FINDING_AGE = 300
"""Seconds a finding may wait before somebody is told."""


class Pages(Construct):
    """Where people are told. The key is the topic's own, because two AWS services may use it."""

    def __init__(self, scope: Construct, places: Places, emails: Sequence[str]) -> None:
        super().__init__(scope, "Pages")
        self.key = self._key()
        self.topic = sns.Topic(
            self,
            "Topic",
            topic_name=PAGES,
            display_name="EDSR",
            enforce_ssl=True,
            master_key=self.key,
        )
        self._allow("Rules", "events.amazonaws.com", places.rule(f"{BUS}/edsr-page-*"))
        self._allow("Alarms", "cloudwatch.amazonaws.com", places.here("cloudwatch", "alarm:edsr-*"))
        for number, address in enumerate(emails):
            sns.Subscription(
                self,
                f"Email{number}",
                topic=self.topic,
                protocol=sns.SubscriptionProtocol.EMAIL,
                endpoint=address,
            )

    def watch_depth(self, queue: sqs.IQueue, name: str, meaning: str) -> None:
        """Page when anything lies in a queue that should be empty."""
        self.alarm(
            f"{name}-depth",
            f"{name} holds {meaning}",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": queue.queue_name},
        )

    def watch_age(self, queue: sqs.IQueue, name: str) -> None:
        """Page when the oldest message has waited too long."""
        self.alarm(
            f"{name}-age",
            f"The oldest message of {name} waits for more than {FINDING_AGE} seconds",
            namespace="AWS/SQS",
            metric_name="ApproximateAgeOfOldestMessage",
            dimensions={"QueueName": queue.queue_name},
            above=FINDING_AGE,
        )

    def alarm(
        self,
        name: str,
        meaning: str,
        *,
        namespace: str,
        metric_name: str,
        dimensions: Mapping[str, str],
        above: int = 0,
        statistic: str = "Maximum",
        stands: bool = False,
    ) -> None:
        """Page when a minute's figure goes above a limit, and again when it is back; no data is no trouble, or changes
        nothing where it `stands`."""
        name = name if name.startswith("edsr-") else f"edsr-{name}"
        cloudwatch.CfnAlarm(
            self,
            "Alarm" + "".join(part.title() for part in name.split("-")[1:]),
            alarm_name=name,
            alarm_description=meaning,
            namespace=namespace,
            metric_name=metric_name,
            dimensions=[
                cloudwatch.CfnAlarm.DimensionProperty(name=key, value=value) for key, value in dimensions.items()
            ],
            statistic=statistic,
            period=60,
            evaluation_periods=1,
            threshold=above,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="ignore" if stands else "notBreaching",
            alarm_actions=[self.topic.topic_arn],
            ok_actions=[self.topic.topic_arn],
        )

    def silence(
        self,
        name: str,
        meaning: str,
        *,
        metric_name: str,
        namespace: str = NAMESPACE,
        dimensions: Mapping[str, str] | None = None,
        period: int = 60,
        missed: int = 3,
    ) -> None:
        """Page when one of the suite's own signs of life was not there in `missed` periods (seconds) in a row."""
        cloudwatch.CfnAlarm(
            self,
            "Alarm" + "".join(part.title() for part in name.split("-")),
            alarm_name=f"edsr-{name}",
            alarm_description=meaning,
            namespace=namespace,
            metric_name=metric_name,
            dimensions=[
                cloudwatch.CfnAlarm.DimensionProperty(name=key, value=value)
                for key, value in (dimensions or {"service": "edsr"}).items()
            ],
            statistic="Sum",
            period=period,
            evaluation_periods=missed,
            threshold=1,
            comparison_operator="LessThanThreshold",
            treat_missing_data="breaching",
            alarm_actions=[self.topic.topic_arn],
            ok_actions=[self.topic.topic_arn],
        )

    def when(
        self, name: str, pattern: Mapping[str, Any], lines: Sequence[str], undelivered: sqs.IQueue
    ) -> events.CfnRule:
        """Page for an event on the suite's bus; `lines` name fields of its data as `<field>`."""
        return events.CfnRule(
            self,
            "When" + "".join(part.title() for part in name.split("-")),
            name=f"edsr-page-{name}",
            description="Tells a person",
            event_bus_name=BUS,
            event_pattern={"source": ["edsr"], **pattern},
            state="ENABLED",
            targets=[
                messages.delivered("pages", self.topic.topic_arn, undelivered.queue_arn, messages.lines(lines)),
            ],
        )

    def _key(self) -> kms.Key:
        """EventBridge sends no source account to an encrypted topic's key: the topic's own policy says which rules."""
        key = kms.Key(
            self,
            "Key",
            description="EDSR: pages on their way to people",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.DESTROY,
        )
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="PublishersOfPages",
                principals=[iam.ServicePrincipal(service) for service in SENDERS],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
            )
        )
        return key

    def _allow(self, sid: str, service: str, source: str) -> None:
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid=sid,
                principals=[iam.ServicePrincipal(service)],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={"ArnLike": {"aws:SourceArn": source}},
            )
        )
