"""The boundary of every role of the suite: whatever a role is granted, it cannot take the suite itself apart."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from edsr.route import ASKED, PATHS
from infra.config import Configuration
from infra.parts.grants import append_only
from infra.parts.nag import acknowledge
from infra.parts.names import ROLES
from infra.parts.places import Places

DESTRUCTION = (
    "cloudformation:DeleteStack",
    "cloudformation:UpdateStack",
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DisableAlarmActions",
    "dynamodb:DeleteBackup",
    "dynamodb:DeleteTable",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateTable",
    "dynamodb:UpdateTimeToLive",
    "events:DeleteArchive",
    "events:DeleteEventBus",
    "events:DeleteRule",
    "events:DisableRule",
    "events:PutRule",
    "events:PutTargets",
    "events:RemoveTargets",
    "lambda:DeleteFunction",
    "lambda:PutFunctionConcurrency",
    "lambda:RemovePermission",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "logs:DeleteLogGroup",
    "logs:DeleteLogStream",
    "logs:PutRetentionPolicy",
    "sns:DeleteTopic",
    "sns:Unsubscribe",
    "sqs:DeleteQueue",
    "sqs:PurgeQueue",
    "sqs:SetQueueAttributes",
    "ssm:DeleteParameter",
    "ssm:PutParameter",
    "states:DeleteStateMachine",
    "states:UpdateStateMachine",
)
LOST_FOR_GOOD = (
    "kms:DisableKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutBucketPolicy",
    "s3:PutLifecycleConfiguration",
)


WIDE = (
    "AwsSolutions-IAM5[Action::*]",
    "AwsSolutions-IAM5[Resource::*]",
    "NIST.800.53.R5-IAMPolicyNoStatementsWithAdminAccess",
    "NIST.800.53.R5-IAMPolicyNoStatementsWithFullAccess",
)
"""Rules about policies that grant."""


def boundary(scope: Construct, config: Configuration, places: Places) -> iam.ManagedPolicy:
    """Everything a role is granted elsewhere, except what it denies."""
    policy = iam.ManagedPolicy(
        scope,
        "Boundary",
        path=ROLES,
        description="What no role of the suite may do, whatever it is granted",
        statements=[
            iam.PolicyStatement(sid="WhatTheRoleGrants", actions=["*"], resources=["*"]),
            _deny("SuiteStays", list(DESTRUCTION), _suite(places)),
            iam.PolicyStatement(
                sid="SuiteKeepsReading",
                effect=iam.Effect.DENY,
                actions=["lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"],
                resources=["*"],
                conditions={"ArnLike": {"lambda:FunctionArn": places.here("lambda", "function:edsr-*")}},
            ),
            append_only(places),
            _deny(
                "EvidenceStays",
                list(LOST_FOR_GOOD),
                [places.key, places.anchor_key, places.bucket, f"{places.bucket}/*"],
            ),
            _deny("PeopleDecide", ["execute-api:Invoke", "lambda:InvokeFunction"], _for_people(places)),
            _deny("NoOtherHands", ["iam:*", "sts:AssumeRole"], _roles(Stack.of(scope), config)),
        ],
    )
    why = "A boundary grants nothing: a role may do what its own policy and the boundary both allow"
    acknowledge(policy, dict.fromkeys(WIDE, why))
    return policy


def _for_people(places: Places) -> list[str]:
    """What only people ask for: the suite agrees to nothing itself, and cannot speak in anybody's name."""
    return [*for_people_only(places), *(places.here("execute-api", f"*/*/POST{path}") for path in PATHS)]


def for_people_only(places: Places) -> list[str]:
    """The functions that people's routes lead to: whoever invokes one directly could speak in anybody's name."""
    return [places.here("lambda", f"function:{name}") for name in dict.fromkeys([*PATHS.values(), ASKED])]


def _deny(sid: str, actions: list[str], resources: list[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(sid=sid, effect=iam.Effect.DENY, actions=actions, resources=resources)


def _suite(places: Places) -> list[str]:
    """Every resource whose name starts with `edsr`."""
    return [
        places.here(service, resource)
        for service, resource in (
            ("cloudformation", "stack/Edsr-*"),
            ("cloudwatch", "alarm:edsr-*"),
            ("dynamodb", "table/edsr-*"),
            ("events", "archive/edsr*"),
            ("events", "event-bus/edsr"),
            ("events", "rule/edsr*"),
            ("lambda", "function:edsr-*"),
            ("logs", "log-group:/aws/lambda/edsr-*"),
            ("logs", "log-group:/aws/vendedlogs/apis/edsr-*"),
            ("logs", "log-group:/aws/vendedlogs/states/edsr-*"),
            ("sns", "edsr-*"),
            ("sqs", "edsr-*"),
            ("ssm", "parameter/edsr/*"),
            ("states", "stateMachine:edsr-*"),
        )
    ]


def _roles(stack: Stack, config: Configuration) -> list[str]:
    account = f"arn:{stack.partition}:iam::{stack.account}"
    reserved = [f"{account}:{kind}/{name}" for name in config.reserved_roles for kind in ("role", "user")]
    return [f"{account}:role{ROLES}*", f"{account}:policy{ROLES}*", *reserved]
