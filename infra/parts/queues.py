"""Queues: encrypted, TLS only, each with an alarm; the queue of findings only takes what detectors send."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.parts.nag import acknowledge
from infra.parts.names import FINDINGS, QUARANTINE
from infra.parts.pages import Pages

KEPT = Duration.days(14)
RECEIVES = 5


def last_stop(scope: Construct, identity: str, name: str, pages: Pages, meaning: str) -> sqs.Queue:
    """A queue that nothing reads by itself: whatever lies in it pages a person, with its `meaning`."""
    queue = sqs.Queue(
        scope,
        identity,
        queue_name=name,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=KEPT,
    )
    why = "It is itself where undeliverable messages end; an alarm watches it"
    acknowledge(queue, {"AwsSolutions-SQS3": why, "Serverless-SQSRedrivePolicy": why})
    pages.watch_depth(queue, name, meaning)
    return queue


def dead_letters(scope: Construct, name: str, pages: Pages, meaning: str, sources: Sequence[str] = ()) -> sqs.Queue:
    """A dead-letter queue; `sources` are patterns of the rules whose undelivered events it takes, in ONE statement."""
    queue = last_stop(scope, "DeadLetters", name, pages, meaning)
    if sources:
        queue.add_to_resource_policy(
            iam.PolicyStatement(
                sid="UndeliveredEvents",
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[queue.queue_arn],
                conditions={"ArnLike": {"aws:SourceArn": list(sources)}},
            )
        )
    return queue


class Findings(Construct):
    """From the detectors to decide: nobody else can send, so nobody can forge a finding."""

    def __init__(self, scope: Construct, pages: Pages, reader_timeout: int) -> None:
        super().__init__(scope, "Findings")
        dead = dead_letters(self, f"{FINDINGS}-dlq", pages, "findings that decide could not handle")
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=FINDINGS,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=Duration.seconds(6 * reader_timeout),
            retention_period=KEPT,
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead, max_receive_count=RECEIVES),
        )
        pages.watch_age(self.queue, FINDINGS)

    def only_from(self, senders: Sequence[iam.IRole]) -> None:
        """Deny everyone else, however much their own policies allow."""
        self.queue.add_to_resource_policy(
            iam.PolicyStatement(
                sid="OnlyDetectorsSend",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["sqs:SendMessage"],
                resources=[self.queue.queue_arn],
                conditions={"ArnNotEquals": {"aws:PrincipalArn": [role.role_arn for role in senders]}},
            )
        )


def quarantine(scope: Construct, pages: Pages) -> sqs.Queue:
    """Events and findings that no retry can mend, with the reason."""
    return last_stop(scope, "Quarantine", QUARANTINE, pages, "events or findings that could not be read")
