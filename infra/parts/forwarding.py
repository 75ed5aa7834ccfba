"""Forwarding: the SNS topics and log groups that an environment names, and the function that puts them on the bus."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.catalogue import Entry
from infra.config import Feeds
from infra.parts.function import Deployment, SuiteFunction
from infra.parts.pages import Pages
from infra.parts.queues import dead_letters


class Forwarding(Construct):
    """The forwarder, subscribed to what `feeds` names; each topic and log group may invoke it, and nothing else."""

    def __init__(self, scope: Construct, deployment: Deployment, entry: Entry, feeds: Feeds, pages: Pages) -> None:
        super().__init__(scope, "Forwarding")
        dead = dead_letters(self, "edsr-forward-dlq", pages, "messages and log lines that were not forwarded")
        send = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[dead.queue_arn])
        self.forward = SuiteFunction(self, deployment, entry, wiring=[send])
        self.forward.fails_into(dead)
        for number, topic in enumerate(feeds.topics):
            self._topic(f"Topic{number}", topic)
        for number, (group, wanted) in enumerate(sorted(feeds.logs.items())):
            self._log(f"Log{number}", group, wanted, deployment)

    def _topic(self, identity: str, topic: str) -> None:
        allowed = self._allow(f"{identity}Permission", "sns.amazonaws.com", topic)
        subscription = sns.CfnSubscription(
            self, identity, topic_arn=topic, protocol="lambda", endpoint=self.forward.function.function_arn
        )
        subscription.add_resource_dependency(allowed)

    def _log(self, identity: str, group: str, wanted: str, deployment: Deployment) -> None:
        allowed = self._allow(
            f"{identity}Permission", "logs.amazonaws.com", deployment.places.here("logs", f"log-group:{group}:*")
        )
        subscription = logs.CfnSubscriptionFilter(
            self,
            identity,
            log_group_name=group,
            filter_name=f"edsr-{group.strip('/').replace('/', '-')}"[:512],
            filter_pattern=wanted,
            destination_arn=self.forward.function.function_arn,
        )
        subscription.add_resource_dependency(allowed)

    def _allow(self, identity: str, principal: str, source: str) -> lambda_.CfnPermission:
        return lambda_.CfnPermission(
            self,
            identity,
            action="lambda:InvokeFunction",
            function_name=self.forward.function.function_arn,
            principal=principal,
            source_arn=source,
            source_account=Stack.of(self).account if principal.startswith("logs.") else None,
        )
