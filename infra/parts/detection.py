"""Detection: each policy's rules on the default bus; one function by source; one queue for what it could not handle."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.catalogue import Entry
from infra.parts.function import Deployment, SuiteFunction
from infra.parts.pages import Pages
from infra.parts.queues import dead_letters
from infra.parts.rules import Rule, able


class Detection(Construct):
    """One source: its policies' rules, the detector they invoke, and where events end that it could not handle."""

    def __init__(
        self,
        scope: Construct,
        deployment: Deployment,
        source: str,
        detector: Entry,
        owned: Sequence[Rule],
        pages: Pages,
    ) -> None:
        super().__init__(scope, source.title().replace("-", ""))
        rules = deployment.places.rule(f"edsr-{source}-*")
        self._dead = dead_letters(
            self, f"edsr-detect-{source}-dlq", pages, f"events of {source} that were not looked at", [rules]
        )
        send = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[self._dead.queue_arn])
        self.detector = SuiteFunction(self, deployment, able(detector, owned), wiring=[send])
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
        for rule in owned:
            self._rule(rule)

    def _rule(self, rule: Rule) -> None:
        events.CfnRule(
            self,
            rule.name.removeprefix(f"edsr-{rule.source}-"),
            name=rule.name,
            description=rule.policy.title,
            event_pattern=rule.pattern,
            state=rule.state,
            targets=[
                events.CfnRule.TargetProperty(
                    id="detector",
                    arn=self.detector.function.function_arn,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=self._dead.queue_arn),
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=3600, maximum_retry_attempts=100
                    ),
                    input_transformer=events.CfnRule.InputTransformerProperty(input_template=rule.input),
                )
            ],
        )
