"""A function that the clock invokes: what one run misses the next one makes good, and what fails is told."""

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.catalogue import Entry
from infra.parts.function import Deployment, SuiteFunction
from infra.parts.pages import Pages
from infra.parts.queues import dead_letters


def each(
    scope: Construct, deployment: Deployment, entry: Entry, pages: Pages, *, name: str, every: str, about: str
) -> SuiteFunction:
    """The function, a rule `edsr-<name>` that invokes it `every` so often (`5 minutes`), and its dead letters."""
    rule_arn = deployment.places.rule(f"edsr-{name}")
    dead = dead_letters(scope, f"edsr-{name}-dlq", pages, f"runs of {entry.name} that failed", [rule_arn])
    send = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[dead.queue_arn])
    made = SuiteFunction(scope, deployment, entry, wiring=[send])
    made.fails_into(dead)
    made.invoked_by("Clock", rule_arn, deployment.config.account)
    events.CfnRule(
        scope,
        "Every",
        name=f"edsr-{name}",
        description=about,
        schedule_expression=f"rate({every})",
        state="ENABLED",
        targets=[
            events.CfnRule.TargetProperty(
                id=name,
                arn=made.function.function_arn,
                dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=dead.queue_arn),
                retry_policy=events.CfnRule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=60, maximum_retry_attempts=1
                ),
            )
        ],
    )
    return made
