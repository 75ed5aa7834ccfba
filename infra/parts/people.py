"""People: the one way in for their answers and switches, open to nobody whom IAM does not let in."""

from aws_cdk import aws_apigatewayv2 as api
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from edsr.route import PATHS
from infra.catalogue import Discovered
from infra.parts import doors
from infra.parts.function import Deployment, SuiteFunction
from infra.parts.names import PEOPLE_PARAMETER
from infra.parts.pages import Pages

NAME = "edsr-people"


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
        integrations = {name: doors.integration(self, self.api, function) for name, function in functions.items()}
        for path, name in PATHS.items():
            self._lead(path, functions[name], integrations[name], deployment)
        doors.stage(self, self.api, deployment, {"caller": "$context.identity.userArn"})
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
        doors.permission(self, name, self.api, worker, f"POST{path}", deployment)
