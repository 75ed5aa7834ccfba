"""People: the one way in for their answers and switches, open to nobody whom IAM does not let in."""

import json

from aws_cdk import aws_apigatewayv2 as api
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from edsr.route import PATHS
from infra.catalogue import Discovered
from infra.parts.function import Deployment, SuiteFunction, log_group
from infra.parts.names import PEOPLE_PARAMETER
from infra.parts.pages import Pages

NAME = "edsr-people"
RATE, BURST = 5, 10
"""Requests a second: people are slow, and the tables are needed for remediation."""

LOGGED = {
    "request": "$context.requestId",
    "at": "$context.requestTimeEpoch",
    "caller": "$context.identity.userArn",
    "ip": "$context.identity.sourceIp",
    "route": "$context.routeKey",
    "status": "$context.status",
    "error": "$context.error.message",
}


class Route(Construct):
    """An HTTP API: every route asks IAM, no browser of another site may call it, and it is throttled."""

    def __init__(self, scope: Construct) -> None:
        super().__init__(scope, "People")
        self.api = api.CfnApi(
            self,
            "Api",
            name=NAME,
            protocol_type="HTTP",
            description="EDSR: what people answer and switch; IAM says who they are",
        )

    def open(self, deployment: Deployment, found: Discovered, pages: Pages) -> None:
        """Lead each path to its function, and say where the paths begin."""
        entries = [entry for entry in found.functions.values() if entry.name in PATHS.values()]
        functions = {entry.name: SuiteFunction(self, deployment, entry) for entry in entries}
        integrations = {name: self._integration(function) for name, function in functions.items()}
        for path, name in PATHS.items():
            self._lead(path, functions[name], integrations[name], deployment)
        self._stage(deployment)
        ssm.CfnParameter(
            self,
            "Url",
            name=PEOPLE_PARAMETER,
            type="String",
            value=self.api.attr_api_endpoint,
            description="Where the commands send people's answers and switches",
        )
        pages.alarm(
            "people-failed",
            "What a person answered or switched could not be done: look at the log of the function",
            namespace="AWS/ApiGateway",
            metric_name="5xx",
            dimensions={"ApiId": self.api.ref},
            statistic="Sum",
        )

    def _integration(self, worker: SuiteFunction) -> api.CfnIntegration:
        return api.CfnIntegration(
            self,
            f"{worker.node.id}Integration",
            api_id=self.api.ref,
            integration_type="AWS_PROXY",
            integration_uri=worker.function.function_arn,
            payload_format_version="2.0",
            timeout_in_millis=30_000,
        )

    def _lead(self, path: str, worker: SuiteFunction, integration: api.CfnIntegration, deployment: Deployment) -> None:
        name = path.removeprefix("/").title()
        api.CfnRoute(
            self,
            f"{name}Route",
            api_id=self.api.ref,
            route_key=f"POST {path}",
            authorization_type="AWS_IAM",
            target=f"integrations/{integration.ref}",
        )
        lambda_.CfnPermission(
            self,
            f"{name}Permission",
            action="lambda:InvokeFunction",
            function_name=worker.function.function_arn,
            principal="apigateway.amazonaws.com",
            source_arn=deployment.places.here("execute-api", f"{self.api.ref}/*/POST{path}"),
            source_account=deployment.config.account,
        )

    def _stage(self, deployment: Deployment) -> None:
        group = log_group(self, deployment, f"/aws/vendedlogs/apis/{NAME}")
        api.CfnStage(
            self,
            "Stage",
            api_id=self.api.ref,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=api.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=RATE, throttling_burst_limit=BURST, detailed_metrics_enabled=True
            ),
            access_log_settings=api.CfnStage.AccessLogSettingsProperty(
                destination_arn=group.log_group_arn, format=json.dumps(LOGGED)
            ),
        )
