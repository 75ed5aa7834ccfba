"""Digests: two schedules, one function, and a topic of its own, so that nobody is woken by a summary."""

import json

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.catalogue import Entry
from infra.parts import schedule
from infra.parts.function import Deployment, SuiteFunction
from infra.parts.names import DIGESTS
from infra.parts.pages import Pages
from infra.parts.queues import dead_letters

SCHEDULES = {"weekly": ("cron(0 7 ? * MON *)", 7), "monthly": ("cron(0 7 1 * ? *)", 30)}
"""When each is told, in UTC, and of how many days."""


class Digests(Construct):
    """Each Monday and on the first of each month the measures are told to whoever is subscribed."""

    def __init__(self, scope: Construct, deployment: Deployment, entry: Entry, pages: Pages) -> None:
        super().__init__(scope, "Digests")
        self._topic(deployment)
        dead = dead_letters(self, f"{DIGESTS}-dlq", pages, "digests that could not be told")
        send = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[dead.queue_arn])
        self.digest = SuiteFunction(self, deployment, entry, wiring=[send])
        self.digest.fails_into(dead)
        arn, about = self.digest.function.function_arn, "What the schedules of the digests may do: call their function"
        role = schedule.role(self, deployment, about=about, may="lambda:InvokeFunction", on=arn)
        for name, (when, days) in SCHEDULES.items():
            schedule.schedule(
                self,
                name.title(),
                name=f"{DIGESTS}-{name}",
                about=f"Tells the measures of {days} days",
                when=when,
                target=scheduler.CfnSchedule.TargetProperty(
                    arn=arn,
                    role_arn=role.role_arn,
                    input=json.dumps({"v": 1, "days": days}),
                    retry_policy=schedule.again(3600, 3),
                ),
            )

    def _topic(self, deployment: Deployment) -> None:
        """Under SNS's own key: its policy lets every principal of the account use it through SNS who may publish."""
        topic = sns.Topic(
            self,
            "Topic",
            topic_name=DIGESTS,
            display_name="EDSR digests",
            enforce_ssl=True,
            master_key=kms.Alias.from_alias_name(self, "Key", "alias/aws/sns"),
        )
        for number, address in enumerate(deployment.config.digest_emails):
            protocol = sns.SubscriptionProtocol.EMAIL
            sns.Subscription(self, f"Email{number}", topic=topic, protocol=protocol, endpoint=address)
