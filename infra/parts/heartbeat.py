"""The heartbeat: each minute an event goes the way of every other; one that is lost pages within two minutes."""

import json

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from edsr.metrics import NAMESPACE
from infra.catalogue import Entry
from infra.parts import schedule
from infra.parts.function import Deployment, SuiteFunction
from infra.parts.names import HEARTBEAT, HEARTBEAT_SOURCE
from infra.parts.pages import Pages
from infra.parts.queues import dead_letters

HOURS = 2
SCHEDULE = f"{HEARTBEAT}-each-minute"
KIND = "EDSR Heartbeat"


class Heartbeat(Construct):
    """The Scheduler puts an event on the default bus; a rule takes it to a detector's function, a queue to decide."""

    def __init__(self, scope: Construct, deployment: Deployment, entry: Entry, pages: Pages) -> None:
        super().__init__(scope, "Heartbeat")
        places = deployment.places
        rule = places.rule(HEARTBEAT)
        dead = dead_letters(self, f"{HEARTBEAT}-dlq", pages, "heartbeats that did not get through", [rule])
        send = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[dead.queue_arn])
        self.detector = SuiteFunction(self, deployment, entry, wiring=[send])
        self.detector.fails_into(dead)
        self.detector.invoked_by("Rule", rule, deployment.config.account)
        self._rule(dead)
        self._schedule(deployment)
        self._watch(pages, places.machine)

    def _rule(self, dead: sqs.IQueue) -> None:
        events.CfnRule(
            self,
            "Beats",
            name=HEARTBEAT,
            description="Takes the heartbeat the way of every event",
            event_pattern={"source": [HEARTBEAT_SOURCE], "replay-name": [{"exists": False}]},
            state="ENABLED",
            targets=[
                events.CfnRule.TargetProperty(
                    id="detector",
                    arn=self.detector.function.function_arn,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=dead.queue_arn),
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=60, maximum_retry_attempts=1
                    ),
                )
            ],
        )

    def _schedule(self, deployment: Deployment) -> None:
        bus = deployment.places.here("events", "event-bus/default")
        about = "What the schedule of the heartbeat may do: put it on the bus"
        role = schedule.role(self, deployment, about=about, may="events:PutEvents", on=bus)
        schedule.schedule(
            self,
            "EveryMinute",
            name=SCHEDULE,
            about="Puts a heartbeat on the bus",
            when="rate(1 minute)",
            target=scheduler.CfnSchedule.TargetProperty(
                arn=bus,
                role_arn=role.role_arn,
                event_bridge_parameters=scheduler.CfnSchedule.EventBridgeParametersProperty(
                    source=HEARTBEAT_SOURCE, detail_type=KIND
                ),
                input=json.dumps({"v": 1}),
                retry_policy=schedule.again(60, 1),
            ),
        )

    def _watch(self, pages: Pages, machine: str) -> None:
        pages.alarm(
            "heartbeat-missing",
            "The last heartbeat came more than 90 seconds ago: events may be lost or late",
            namespace=NAMESPACE,
            metric_name="HeartbeatMissing",
            dimensions={"service": "edsr"},
            statistic="Sum",
        )
        pages.silence(
            "heartbeat-silent",
            "No heartbeat came through the bus, a detector and decide: events may be lost or late",
            metric_name="Heartbeats",
            missed=1,
        )
        pages.silence(
            "machine-silent",
            f"No execution of the machine ended well for {HOURS} hours, though a heartbeat goes through it hourly",
            metric_name="ExecutionsSucceeded",
            namespace="AWS/States",
            dimensions={"StateMachineArn": machine},
            period=3600,
            missed=HOURS,
        )
