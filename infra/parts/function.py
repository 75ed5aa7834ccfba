"""One Lambda function of the suite: its own role, its own log group, and the environment its settings ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from edsr.metrics import NAMESPACE
from edsr.policy import Service
from infra.catalogue import Entry
from infra.config import Configuration
from infra.errors import DeclarationInvalid
from infra.parts.code import ARCHITECTURE, RUNTIME, Bundles
from infra.parts.grants import numbered, statements, unlimited
from infra.parts.nag import acknowledge
from infra.parts.names import ROLES
from infra.parts.places import Places

ENVIRONMENT = {
    "POWERTOOLS_SERVICE_NAME": "edsr",
    "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE,
    "POWERTOOLS_LOG_LEVEL": "INFO",
}

INLINE = "The policy is derived from what this one function declares, and must never outlive or leave its role"

NUMBERED = "AWS numbers these as they come, so that the service's catalogue entry names them by what they are part of"

UNFITTING = {
    "AwsSolutions-L1": "Python 3.13 is what the layers are locked and tested for",
    "Serverless-LambdaLatestVersion": "Python 3.13 is what the layers are locked and tested for",
    "Serverless-LambdaTracing": "The state machine is traced, and every log line and record carries the incident; "
    "segments of each function would cost more than all it does otherwise and say nothing new",
    "Serverless-LambdaDLQ": "Detectors have an on-failure destination, which also says why; everything else is "
    "invoked synchronously, or by CloudFormation, which reports the failure itself",
    "NIST.800.53.R5-LambdaDLQ": "Detectors have an on-failure destination, which also says why; everything else is "
    "invoked synchronously, or by CloudFormation, which reports the failure itself",
    "NIST.800.53.R5-LambdaConcurrency": "Reserved concurrency fails on accounts with a limit of 10; the mapping of "
    "findings and the plan's own bound limit how much runs at once",
    "NIST.800.53.R5-LambdaInsideVPC": "It calls AWS APIs over TLS and nothing in a VPC",
}


@dataclass(frozen=True)
class Deployment:
    """What every function is deployed with. `settings` are the values by the names that stages' settings have."""

    config: Configuration
    places: Places
    key: kms.IKey
    boundary: iam.IManagedPolicy
    bundles: Bundles
    services: Sequence[Service]
    settings: Mapping[str, str]


class SuiteFunction(Construct):
    """A function as its module declares it; `wiring` is what its triggers and destinations need on top."""

    def __init__(
        self, scope: Construct, deployment: Deployment, entry: Entry, wiring: Sequence[iam.PolicyStatement] = ()
    ) -> None:
        super().__init__(scope, "".join(part.title() for part in entry.name.split("-")[1:]))
        self.entry = entry
        self.log_group = log_group(self, deployment, f"/aws/lambda/{entry.name}")
        self.role = self._role(deployment, [*statements(entry, deployment.places, deployment.services), *wiring])
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=entry.name,
            description=f"EDSR: {entry.module}",
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            handler=f"{entry.module}.handler",
            code=deployment.bundles.stage(entry),
            layers=deployment.bundles.layers(entry),
            role=self.role,
            log_group=self.log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            memory_size=entry.declared.memory,
            timeout=Duration.seconds(entry.declared.timeout),
            environment=environment(entry, deployment.settings) | ENVIRONMENT,
        )
        acknowledge(self.function, UNFITTING)

    def fails_into(self, queue: sqs.IQueue) -> None:
        """Where an event goes that was accepted but, after two more tries, could not be handled."""
        lambda_.CfnEventInvokeConfig(
            self,
            "Async",
            function_name=self.function.function_name,
            qualifier="$LATEST",
            maximum_retry_attempts=2,
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=queue.queue_arn)
            ),
        )

    def invoked_by(self, identity: str, rules: str, account: str) -> None:
        """Let EventBridge's rules with this ARN invoke it; a `*` in it stands for several of one name."""
        lambda_.CfnPermission(
            self,
            identity,
            action="lambda:InvokeFunction",
            function_name=self.function.function_arn,
            principal="events.amazonaws.com",
            source_arn=rules,
            source_account=account,
        )

    def _role(self, deployment: Deployment, granted: Sequence[iam.PolicyStatement]) -> iam.Role:
        writes_log = iam.PolicyStatement(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[self.log_group.log_group_arn]
        )
        role = iam.Role(
            self,
            "Role",
            path=ROLES,
            description=f"What {self.entry.name} may do: what {self.entry.module} declares",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            permissions_boundary=deployment.boundary,
            inline_policies={"declared": iam.PolicyDocument(statements=[*granted, writes_log])},
        )
        acknowledge(role, {"NIST.800.53.R5-IAMNoInlinePolicy": INLINE})
        if reason := unlimited(self.entry):
            explain_star(role, reason)
        acknowledge(
            role, {f"AwsSolutions-IAM5[Resource::{arn}]": NUMBERED for arn in numbered(self.entry, deployment.services)}
        )
        return role


def explain_star(role: iam.Role, reason: str) -> None:
    """Why a role has actions on `*`, for the packs that ask."""
    acknowledge(role, {"AwsSolutions-IAM5[Resource::*]": reason, "Serverless-LambdaStarPermissions": reason})


def environment(entry: Entry, known: Mapping[str, str]) -> dict[str, str]:
    """The variables of the function's settings; DeclarationInvalid names a setting that nobody knows."""
    wanted = entry.declared.settings
    if unknown := [name for name in wanted.model_fields if name not in known]:
        raise DeclarationInvalid(
            f"{entry.module}: nobody knows the setting {', '.join(unknown)} of {wanted.__name__}; "
            f"known are {', '.join(sorted(known))}"
        )
    return wanted.model_validate({name: known[name] for name in wanted.model_fields}).write()


def log_group(scope: Construct, deployment: Deployment, name: str) -> logs.LogGroup:
    """A log group with the environment's retention, under the suite's key."""
    config = deployment.config
    return logs.LogGroup(
        scope,
        "Log",
        log_group_name=name,
        retention=logs.RetentionDays[config.log_retention],
        encryption_key=deployment.key,
        removal_policy=RemovalPolicy.DESTROY if config.destroyable else RemovalPolicy.RETAIN,
    )
