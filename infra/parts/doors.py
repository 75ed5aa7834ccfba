"""Doors: what every HTTP API of the suite has, the one that asks IAM and the one that asks the issuer alike."""

import json
from collections.abc import Mapping

from aws_cdk import aws_apigatewayv2 as api
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.parts.function import Deployment, SuiteFunction, log_group

RATE, BURST = 5, 10
"""Requests a second: people are slow, and the tables are needed for remediation."""

LOGGED = {
    "request": "$context.requestId",
    "at": "$context.requestTimeEpoch",
    "ip": "$context.identity.sourceIp",
    "route": "$context.routeKey",
    "status": "$context.status",
    "error": "$context.error.message",
}


def integration(scope: Construct, door: api.CfnApi, worker: SuiteFunction) -> api.CfnIntegration:
    """What leads to a function."""
    return api.CfnIntegration(
        scope,
        f"{worker.node.id}Integration",
        api_id=door.ref,
        integration_type="AWS_PROXY",
        integration_uri=worker.function.function_arn,
        payload_format_version="2.0",
        timeout_in_millis=30_000,
    )


def permission(
    scope: Construct, name: str, door: api.CfnApi, worker: SuiteFunction, path: str, deployment: Deployment
) -> None:
    """The function may be invoked for one method and path, such as `POST/answers`, and for nothing else: of whatever
    stage, since there is one, and of whatever incident, where `*` stands for one in the path."""
    lambda_.CfnPermission(
        scope,
        f"{name}Permission",
        action="lambda:InvokeFunction",
        function_name=worker.function.function_arn,
        principal="apigateway.amazonaws.com",
        source_arn=deployment.places.here("execute-api", f"{door.ref}/*/{path}"),
        source_account=deployment.config.account,
    )


def stage(scope: Construct, door: api.CfnApi, deployment: Deployment, logged: Mapping[str, str]) -> None:
    """The one stage, throttled and logged; `logged` is what is logged besides, such as who calls."""
    group = log_group(scope, deployment, f"/aws/vendedlogs/apis/{door.name}")
    api.CfnStage(
        scope,
        "Stage",
        api_id=door.ref,
        stage_name="$default",
        auto_deploy=True,
        default_route_settings=api.CfnStage.RouteSettingsProperty(
            throttling_rate_limit=RATE, throttling_burst_limit=BURST, detailed_metrics_enabled=True
        ),
        access_log_settings=api.CfnStage.AccessLogSettingsProperty(
            destination_arn=group.log_group_arn, format=json.dumps({**LOGGED, **logged})
        ),
    )
