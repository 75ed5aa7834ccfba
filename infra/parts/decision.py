"""Decision: findings are read from their queue, a few at a time, and each is decided once."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.catalogue import Entry
from infra.parts.function import Deployment, SuiteFunction
from infra.parts.nag import acknowledge
from infra.parts.names import AT_ONCE

BATCH = 10


class Decision(Construct):
    """Decide, fed by the queue of findings; a finding that fails comes back alone."""

    def __init__(self, scope: Construct, deployment: Deployment, entry: Entry, findings: sqs.IQueue) -> None:
        super().__init__(scope, "Decision")
        read = iam.PolicyStatement(
            actions=["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
            resources=[findings.queue_arn],
        )
        self.decide = SuiteFunction(self, deployment, entry, wiring=[read])
        mapping = lambda_.CfnEventSourceMapping(
            self,
            "Findings",
            function_name=self.decide.function.function_arn,
            event_source_arn=findings.queue_arn,
            batch_size=BATCH,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=lambda_.CfnEventSourceMapping.ScalingConfigProperty(maximum_concurrency=AT_ONCE),
        )
        why = "A queue as source has no destination: after five receives a finding goes to the queue's dead letters"
        acknowledge(mapping, {"Serverless-LambdaEventSourceMappingDestination": why})
