"""Sweeping: each minute somebody looks after incidents that a crash left behind."""

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from edsr.metrics import NAMESPACE
from infra.catalogue import Entry
from infra.parts.function import Deployment, SuiteFunction
from infra.parts.nag import acknowledge
from infra.parts.names import MACHINE
from infra.parts.pages import Pages
from infra.parts.queues import dead_letters

RULE = "edsr-sweep"


class Sweeping(Construct):
    """The sweep, invoked by the clock; one that is missed or fails is made good by the next, and is told."""

    def __init__(self, scope: Construct, deployment: Deployment, entry: Entry, pages: Pages) -> None:
        super().__init__(scope, "Sweeping")
        rule_arn = deployment.places.rule(RULE)
        dead = dead_letters(self, "edsr-sweep-dlq", pages, "sweeps that failed", [rule_arn])
        send = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[dead.queue_arn])
        self.sweep = SuiteFunction(self, deployment, entry, wiring=[send])
        self.sweep.fails_into(dead)
        where = f"{deployment.config.region}:{deployment.config.account}"
        executions = f"arn:<AWS::Partition>:states:{where}:execution:{MACHINE}:*"
        why = "Executions are named by incidents, which nobody knows beforehand; to describe one changes nothing"
        acknowledge(self.sweep.role, {f"AwsSolutions-IAM5[Resource::{executions}]": why})
        self.sweep.invoked_by("Clock", rule_arn, deployment.config.account)
        events.CfnRule(
            self,
            "EveryMinute",
            name=RULE,
            description="Looks after open incidents",
            schedule_expression="rate(1 minute)",
            state="ENABLED",
            targets=[
                events.CfnRule.TargetProperty(
                    id="sweep",
                    arn=self.sweep.function.function_arn,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=dead.queue_arn),
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=60, maximum_retry_attempts=1
                    ),
                )
            ],
        )
        self._watch(pages)

    def _watch(self, pages: Pages) -> None:
        pages.alarm(
            "sweep-failed",
            "An open incident could not be looked at: it stays open",
            namespace=NAMESPACE,
            metric_name="SweepFailed",
            dimensions={"service": "edsr"},
            statistic="Sum",
        )
        pages.silence(
            "sweep-silent",
            "No sweep came to its end for three minutes: what a crash leaves behind stays where it is",
            metric_name="Sweeps",
        )
