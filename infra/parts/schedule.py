"""Schedules: what the Scheduler does at its times, and the role that lets it do that and nothing else."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.parts.function import INLINE, Deployment
from infra.parts.nag import acknowledge
from infra.parts.names import ROLES


def role(scope: Construct, deployment: Deployment, *, about: str, may: str, on: str) -> iam.Role:
    """What a construct's schedules do it with: one action, on one resource."""
    group = deployment.places.here("scheduler", "schedule-group/default")
    here = {"StringEquals": {"aws:SourceArn": group, "aws:SourceAccount": deployment.config.account}}
    made = iam.Role(
        scope,
        "Scheduler",
        path=ROLES,
        description=about,
        assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com", conditions=here),
        permissions_boundary=deployment.boundary,
        inline_policies={
            "does": iam.PolicyDocument(statements=[iam.PolicyStatement(actions=[may], resources=[on])]),
        },
    )
    acknowledge(made, {"NIST.800.53.R5-IAMNoInlinePolicy": INLINE})
    return made


def schedule(
    scope: Construct, identity: str, *, name: str, about: str, when: str, target: scheduler.CfnSchedule.TargetProperty
) -> scheduler.CfnSchedule:
    """One schedule, at exactly its times."""
    return scheduler.CfnSchedule(
        scope,
        identity,
        name=name,
        description=about,
        schedule_expression=when,
        state="ENABLED",
        flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
        target=target,
    )


def again(seconds: int, times: int) -> scheduler.CfnSchedule.RetryPolicyProperty:
    """For how long, and how often, what did not work is tried again."""
    return scheduler.CfnSchedule.RetryPolicyProperty(maximum_event_age_in_seconds=seconds, maximum_retry_attempts=times)
