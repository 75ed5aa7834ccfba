"""What the bus may have dropped: each poll is asked by the clock, and hands what stands to its detector."""

import json
from collections.abc import Iterable

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from edsr.declare import Poll
from edsr.metrics import NAMESPACE
from infra.catalogue import Entry
from infra.parts.function import Deployment, SuiteFunction
from infra.parts.nag import acknowledge
from infra.parts.pages import Pages
from infra.parts.queues import dead_letters


class Missing(Construct):
    """One function for all polls, and a rule of the clock for each."""

    def __init__(
        self, scope: Construct, deployment: Deployment, entry: Entry, polls: Iterable[Poll], pages: Pages
    ) -> None:
        super().__init__(scope, "Missing")
        rules = deployment.places.rule("edsr-poll-*")
        self._dead = dead_letters(self, "edsr-poll-dlq", pages, "polls that failed", [rules])
        send = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[self._dead.queue_arn])
        self.function = SuiteFunction(self, deployment, entry, wiring=[send])
        self.function.fails_into(self._dead)
        where = f"{deployment.config.region}:{deployment.config.account}"
        detectors = f"arn:<AWS::Partition>:lambda:{where}:function:edsr-detect-*"
        why = "A detector of whatever source: what it is shown, it makes a finding of, and nothing else"
        acknowledge(self.function.role, {f"AwsSolutions-IAM5[Resource::{detectors}]": why})
        self.function.invoked_by("Clock", rules, deployment.config.account)
        for poll in polls:
            self._rule(poll)
        self._watch(pages)

    def _rule(self, poll: Poll) -> None:
        events.CfnRule(
            self,
            poll.id,
            name=f"edsr-poll-{poll.id}",
            description=f"Looks at {poll.title}"[:512],
            schedule_expression=f"rate({poll.minutes} minute{'s' if poll.minutes > 1 else ''})",
            state="ENABLED",
            targets=[
                events.CfnRule.TargetProperty(
                    id="poll",
                    arn=self.function.function.function_arn,
                    input=json.dumps({"v": 1, "poll": poll.id}),
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=self._dead.queue_arn),
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=60, maximum_retry_attempts=1
                    ),
                )
            ],
        )

    def _watch(self, pages: Pages) -> None:
        pages.alarm(
            "poll-failed",
            "What stands could not be handed to its detector: what the bus dropped may stay lost",
            namespace=NAMESPACE,
            metric_name="PollFailed",
            dimensions={"service": "edsr"},
            statistic="Sum",
        )
        pages.silence(
            "polls-silent",
            "Nobody looked at alarms for three minutes: what the bus drops stays lost",
            metric_name="Polls",
        )
