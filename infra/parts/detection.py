"""Detection: one rule by policy, on the default bus; one function by source; one queue for what it could not handle."""

import json
from collections.abc import Sequence
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from edsr.policy import Policy
from infra.catalogue import Entry
from infra.parts.function import Deployment, SuiteFunction
from infra.parts.pages import Pages
from infra.parts.queues import dead_letters

NOT_REPLAYED = {"replay-name": [{"exists": False}]}
"""Replayed events reach no rule of ours: history is read by backtest, not by live handlers."""


def rule_name(policy: Policy) -> str:
    """`edsr-<source>-<policy>`."""
    return f"edsr-{policy.detect.source}-{policy.id}"


def pattern(policy: Policy) -> dict[str, Any]:
    """What EventBridge matches: the policy's own pattern, and no replays."""
    return {**policy.detect.pattern, **NOT_REPLAYED}


class Detection(Construct):
    """One source: its policies' rules, the detector they invoke, and where events end that it could not handle."""

    def __init__(
        self,
        scope: Construct,
        deployment: Deployment,
        source: str,
        detector: Entry,
        policies: Sequence[Policy],
        pages: Pages,
    ) -> None:
        super().__init__(scope, source.title().replace("-", ""))
        rules = deployment.places.rule(f"edsr-{source}-*")
        self._dead = dead_letters(
            self, f"edsr-detect-{source}-dlq", pages, f"events of {source} that were not looked at", [rules]
        )
        send = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[self._dead.queue_arn])
        self.detector = SuiteFunction(self, deployment, detector, wiring=[send])
        self.detector.fails_into(self._dead)
        lambda_.CfnPermission(
            self,
            "Rules",
            action="lambda:InvokeFunction",
            function_name=self.detector.function.function_arn,
            principal="events.amazonaws.com",
            source_arn=rules,
            source_account=Stack.of(self).account,
        )
        for policy in policies:
            self._rule(policy)

    def _rule(self, policy: Policy) -> None:
        said = f'"v":1,"policy":{json.dumps(policy.id)},"event":<aws.events.event.json>'
        events.CfnRule(
            self,
            policy.id,
            name=rule_name(policy),
            description=policy.title,
            event_pattern=pattern(policy),
            state="ENABLED",
            targets=[
                events.CfnRule.TargetProperty(
                    id="detector",
                    arn=self.detector.function.function_arn,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=self._dead.queue_arn),
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=3600, maximum_retry_attempts=100
                    ),
                    input_transformer=events.CfnRule.InputTransformerProperty(input_template="{" + said + "}"),
                )
            ],
        )
