"""Remediation: the one state machine that runs every plan, and the functions it may invoke."""

import json
from pathlib import Path

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra import ROOT
from infra.asl import Functions, lint
from infra.catalogue import Discovered
from infra.errors import SynthRefused
from infra.parts.function import INLINE, Deployment, SuiteFunction, explain_star, log_group
from infra.parts.nag import acknowledge
from infra.parts.names import MACHINE, ROLES
from infra.parts.pages import Pages

ASL = ROOT / "statemachines" / "remediate.asl.json"
NAMED = ("plan", "approve", "verify", "close")
"""Stages that the machine itself names; which hands act is said by the plan."""

DELIVERS_LOG = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
TRACES = (
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)


class Remediation(Construct):
    """The machine `edsr-remediate`, and the stages that it names itself: plan, approve, verify, close. Those that act
    have a stack of their own."""

    def __init__(self, scope: Construct, deployment: Deployment, found: Discovered, pages: Pages) -> None:
        super().__init__(scope, "Remediation")
        self.stages = {name: SuiteFunction(self, deployment, found.stage(name)) for name in NAMED}
        self.machine = sfn.CfnStateMachine(
            self,
            "Machine",
            state_machine_name=MACHINE,
            state_machine_type="STANDARD",
            definition_string=definition(found),
            definition_substitutions={
                f"{name.title()}Function": stage.function.function_arn for name, stage in self.stages.items()
            },
            role_arn=self._role(deployment, found).role_arn,
            tracing_configuration=sfn.CfnStateMachine.TracingConfigurationProperty(enabled=True),
            logging_configuration=self._logging(deployment),
        )
        for metric in ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"):
            pages.alarm(
                f"remediate-{metric.removeprefix('Executions').lower()}",
                f"A run of {MACHINE} did not end by itself: {metric}",
                namespace="AWS/States",
                metric_name=metric,
                dimensions={"StateMachineArn": deployment.places.machine},
                statistic="Sum",
            )

    def _logging(self, deployment: Deployment) -> sfn.CfnStateMachine.LoggingConfigurationProperty:
        group = log_group(self, deployment, f"/aws/vendedlogs/states/{MACHINE}")
        return sfn.CfnStateMachine.LoggingConfigurationProperty(
            level="ALL",
            include_execution_data=True,
            destinations=[
                sfn.CfnStateMachine.LogDestinationProperty(
                    cloud_watch_logs_log_group=sfn.CfnStateMachine.CloudWatchLogsLogGroupProperty(
                        log_group_arn=group.log_group_arn
                    )
                )
            ],
        )

    def _role(self, deployment: Deployment, found: Discovered) -> iam.Role:
        stages = [stage.function.function_arn for stage in self.stages.values()]
        hands = [deployment.places.here("lambda", f"function:{entry.name}") for entry in found.family("act")]
        role = iam.Role(
            self,
            "MachineRole",
            path=ROLES,
            description=f"What {MACHINE} may do: invoke its functions, write its log and its traces",
            assumed_by=iam.ServicePrincipal(
                "states.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": deployment.config.account}},
            ),
            permissions_boundary=deployment.boundary,
            inline_policies={
                "runs": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            actions=["lambda:InvokeFunction"],
                            resources=[*stages, *hands],
                        ),
                        iam.PolicyStatement(actions=[*DELIVERS_LOG, *TRACES], resources=["*"]),
                    ]
                )
            },
        )
        explain_star(role, "Log delivery and traces know no resources")
        acknowledge(role, {"NIST.800.53.R5-IAMNoInlinePolicy": INLINE})
        return role


def definition(found: Discovered, file: Path = ASL) -> str:
    """The machine's text; SynthRefused names every fault of it."""
    text = file.read_text("utf-8")
    if faults := lint(json.loads(text), Functions.of(found)):
        raise SynthRefused("\n".join(f"{file.name}: {fault}" for fault in faults))
    return text
