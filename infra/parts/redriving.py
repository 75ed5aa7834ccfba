"""Redriving: the role that a person takes on to send what could not be handled on its way again."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.parts.function import INLINE, Deployment
from infra.parts.nag import acknowledge
from infra.parts.names import BUS, FINDINGS, REDRIVE, ROLES


def redriver(scope: Construct, deployment: Deployment) -> iam.Role:
    """People of this account whose own policies let them; beside the detectors, only it may send a finding."""
    places = deployment.places
    takes = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl")
    allowed = (
        (takes, places.queue("edsr-*-dlq")),
        (("sqs:StartMessageMoveTask",), places.queue(f"{FINDINGS}-dlq")),
        (("sqs:SendMessage", "sqs:GetQueueUrl"), places.queue(FINDINGS)),
        (("lambda:InvokeFunction",), places.here("lambda", "function:edsr-detect-*")),
        (("events:PutEvents",), places.here("events", f"event-bus/{BUS}")),
    )
    statements = [iam.PolicyStatement(actions=list(actions), resources=[where]) for actions, where in allowed]
    role = iam.Role(
        scope,
        "Redrive",
        path=ROLES,
        role_name=REDRIVE,
        description="What a person may do who redrives: EDSR's own queues, detectors and bus",
        assumed_by=iam.AccountPrincipal(deployment.config.account),
        permissions_boundary=deployment.boundary,
        inline_policies={"redrives": iam.PolicyDocument(statements=statements)},
    )
    where = f"{deployment.config.region}:{deployment.config.account}"
    why = "The suite's own queues of dead letters and detectors, of whatever source"
    wide = (f"sqs:{where}:edsr-*-dlq", f"lambda:{where}:function:edsr-detect-*")
    reasons = {f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:{arn}]": why for arn in wide}
    acknowledge(role, {"NIST.800.53.R5-IAMNoInlinePolicy": INLINE, **reasons})
    return role
