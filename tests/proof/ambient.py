"""Grants that no handler uses itself, each with its reason: AWS uses them in the function's or the machine's name."""

from fnmatch import fnmatchcase
from typing import NamedTuple

from infra.parts.names import MACHINE
from tests.proof.needs import DYNAMODB
from tests.proof.statements import Grant


class Ambient(NamedTuple):
    """Grants that no handler uses itself, and who does. `*` stands for any text, `via` for the asking service."""

    actor: str
    action: str
    resource: str
    reason: str
    via: str = ""


POLLED = "Lambda polls with the function's role, before the function is invoked"
GIVEN_UP = "Lambda itself sends what the function could not handle, with the function's role"
SEALED = "AWS documents it as what a table under a customer's key needs at the least, and not which call asks for it"
TRACED = "Step Functions writes its traces itself, with the machine's role; X-Ray knows no resources"
BY_NAME = "One state invokes whichever hand the plan names; the flows run one through the machine, the others beside it"
AMBIENT = (
    Ambient("edsr-*", "logs:CreateLogStream", "*:log-group:/aws/lambda/*", "Lambda itself writes what is printed"),
    Ambient("edsr-*", "logs:PutLogEvents", "*:log-group:/aws/lambda/*", "Lambda itself writes what is printed"),
    Ambient("edsr-*", "kms:DescribeKey", "*", SEALED, DYNAMODB),
    Ambient("edsr-*", "kms:Encrypt", "*", SEALED, DYNAMODB),
    Ambient("edsr-*", "kms:GenerateDataKey", "*", SEALED, DYNAMODB),
    Ambient("edsr-decide", "sqs:DeleteMessage", "*:edsr-findings", POLLED),
    Ambient("edsr-decide", "sqs:GetQueueAttributes", "*:edsr-findings", POLLED),
    Ambient("edsr-decide", "sqs:ReceiveMessage", "*:edsr-findings", POLLED),
    Ambient("edsr-notify", "sqs:DeleteMessage", "*:edsr-notices", POLLED),
    Ambient("edsr-notify", "sqs:GetQueueAttributes", "*:edsr-notices", POLLED),
    Ambient("edsr-notify", "sqs:ReceiveMessage", "*:edsr-notices", POLLED),
    Ambient("edsr-record", "dynamodb:DescribeStream", "*/stream/*", POLLED),
    Ambient("edsr-record", "dynamodb:GetRecords", "*/stream/*", POLLED),
    Ambient("edsr-record", "dynamodb:GetShardIterator", "*/stream/*", POLLED),
    Ambient("edsr-record", "dynamodb:ListStreams", "*", POLLED),
    Ambient("edsr-*", "sqs:SendMessage", "*-dlq", GIVEN_UP),
    Ambient(MACHINE, "lambda:InvokeFunction", "*:function:edsr-act-*", BY_NAME),
    Ambient(MACHINE, "logs:*Log*", "*", "Step Functions delivers the machine's log itself, with the machine's role"),
    Ambient(MACHINE, "logs:*Resource*", "*", "Step Functions lets its log be delivered, with the machine's role"),
    Ambient(MACHINE, "xray:*", "*", TRACED),
)


def explained(actor: str, grant: Grant) -> Ambient | None:
    """Why an actor has a grant that it never used, if anybody says so."""
    for ambient in AMBIENT:
        said = (ambient.actor, ambient.action, ambient.resource)
        if ambient.via == grant.via and all(map(fnmatchcase, (actor, grant.action, grant.resource), said)):
            return ambient
    return None
