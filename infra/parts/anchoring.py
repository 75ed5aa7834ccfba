"""Anchoring: every five minutes what was exported is signed; when that stops, somebody is told."""

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.catalogue import Entry
from infra.parts.function import Deployment, SuiteFunction
from infra.parts.nag import acknowledge
from infra.parts.pages import Pages
from infra.parts.queues import dead_letters

RULE = "edsr-anchor"
PERIOD = 300
SIGNED = tuple(f"arn:<AWS::Partition>:s3:::<ExportBucket>/{folder}/*" for folder in ("audit", "anchors"))


class Anchoring(Construct):
    """The function, invoked by the clock; what it missed the next one signs."""

    def __init__(self, scope: Construct, deployment: Deployment, entry: Entry, pages: Pages) -> None:
        super().__init__(scope, "Anchoring")
        rule_arn = deployment.places.rule(RULE)
        dead = dead_letters(self, "edsr-anchor-dlq", pages, "anchors that were not signed", [rule_arn])
        send = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[dead.queue_arn])
        self.anchor = SuiteFunction(self, deployment, entry, wiring=[send])
        self.anchor.fails_into(dead)
        why = "What was exported, and what was signed, whatever the objects are called"
        acknowledge(self.anchor.role, {f"AwsSolutions-IAM5[Resource::{where}]": why for where in SIGNED})
        self.anchor.invoked_by("Clock", rule_arn, deployment.config.account)
        events.CfnRule(
            self,
            "EveryFiveMinutes",
            name=RULE,
            description="Signs what was exported",
            schedule_expression=f"rate({PERIOD // 60} minutes)",
            state="ENABLED",
            targets=[
                events.CfnRule.TargetProperty(
                    id="anchor",
                    arn=self.anchor.function.function_arn,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=dead.queue_arn),
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=60, maximum_retry_attempts=1
                    ),
                )
            ],
        )
        pages.silence(
            "anchors-silent",
            "Nothing was signed for ten minutes: what is rewritten meanwhile does not show",
            metric_name="Anchors",
            period=PERIOD,
            missed=2,
        )
