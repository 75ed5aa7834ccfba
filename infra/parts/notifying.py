"""Notifying: announcements that concern people wait in a queue; what is told goes to every channel that wants it."""

import json

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from edsr.notices import KIND, SOURCE, SYNTHETIC
from infra.catalogue import Entry
from infra.parts import schedule
from infra.parts.channels import Endpoint
from infra.parts.function import Deployment, SuiteFunction
from infra.parts.nag import acknowledge
from infra.parts.names import BUS
from infra.parts.pages import Pages
from infra.parts.queues import KEPT, RECEIVES, dead_letters
from infra.parts.recording import Bus

QUEUE, RULE, WEEKLY = "edsr-notices", "edsr-notify", "edsr-channels-weekly"
BATCH, GATHERED = 100, 2
"""So many announcements are read at once; seconds that they are gathered for, so that a storm is told of once."""

CONCERNS = {
    "source": ["edsr"],
    "$or": [
        {"detail-type": ["Approval Requested", "Approval Answered", "Incident Closed", "Control Changed"]},
        {"detail-type": ["Decision Made"], "detail": {"data": {"verdict": ["escalate"]}}},
    ],
}


class Notifying(Construct):
    """Notify, fed by its queue; its notices go to the environment's channels. The topic of the pages does not wait for
    it: its rules tell of each incident by themselves, whatever becomes of this."""

    def __init__(self, scope: Construct, deployment: Deployment, entry: Entry, pages: Pages, bus: Bus) -> None:
        super().__init__(scope, "Notifying")
        dead = dead_letters(self, f"{QUEUE}-dlq", pages, "announcements of which nobody was told")
        queue = sqs.Queue(
            self,
            "Queue",
            queue_name=QUEUE,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=Duration.seconds(6 * entry.declared.timeout),
            retention_period=KEPT,
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead, max_receive_count=RECEIVES),
        )
        pages.watch_age(queue, QUEUE)
        self._rule(deployment, queue, bus)
        self._function(deployment, entry, queue)
        for name, channel in sorted(deployment.config.channels.items()):
            endpoint = Endpoint(self, name, channel, deployment, pages, bus.dead)
            endpoint.rule.add_resource_dependency(bus.bus)
        self._weekly(deployment)

    def _rule(self, deployment: Deployment, queue: sqs.Queue, bus: Bus) -> None:
        queue.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Announcements",
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[queue.queue_arn],
                conditions={"ArnLike": {"aws:SourceArn": deployment.places.rule(f"{BUS}/{RULE}")}},
            )
        )
        rule = events.CfnRule(
            self,
            "Announcements",
            name=RULE,
            description="What may concern people",
            event_bus_name=BUS,
            event_pattern=CONCERNS,
            state="ENABLED",
            targets=[
                events.CfnRule.TargetProperty(
                    id="notify",
                    arn=queue.queue_arn,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=bus.dead.queue_arn),
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=3600, maximum_retry_attempts=100
                    ),
                )
            ],
        )
        rule.add_resource_dependency(bus.bus)

    def _function(self, deployment: Deployment, entry: Entry, queue: sqs.Queue) -> None:
        read = iam.PolicyStatement(
            actions=["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], resources=[queue.queue_arn]
        )
        notify = SuiteFunction(self, deployment, entry, wiring=[read])
        mapping = lambda_.CfnEventSourceMapping(
            self,
            "Mapping",
            function_name=notify.function.function_arn,
            event_source_arn=queue.queue_arn,
            batch_size=BATCH,
            maximum_batching_window_in_seconds=GATHERED,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=lambda_.CfnEventSourceMapping.ScalingConfigProperty(maximum_concurrency=2),
        )
        why = "A queue as source has no destination: after five receives an announcement goes to the dead letters"
        acknowledge(mapping, {"Serverless-LambdaEventSourceMappingDestination": why})

    def _weekly(self, deployment: Deployment) -> None:
        """A notice that is about nothing proves every channel once a week."""
        bus = deployment.places.bus
        about = "What the weekly test of the channels may do: put it on the bus"
        role = schedule.role(self, deployment, about=about, may="events:PutEvents", on=bus)
        schedule.schedule(
            self,
            "Weekly",
            name=WEEKLY,
            about="Proves every channel",
            when="cron(0 10 ? * TUE *)",
            target=scheduler.CfnSchedule.TargetProperty(
                arn=bus,
                role_arn=role.role_arn,
                event_bridge_parameters=scheduler.CfnSchedule.EventBridgeParametersProperty(
                    source=SOURCE, detail_type=KIND
                ),
                input=json.dumps(SYNTHETIC),
                retry_policy=schedule.again(3600, 3),
            ),
        )
