"""Dashboards: three of them, and the function that shows what is live on them."""

import json
from collections.abc import Iterable

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from edsr.policy import Objective
from infra.catalogue import Entry
from infra.dashboards.cloudwatch import body
from infra.dashboards.definitions import dashboards
from infra.parts.function import Deployment, SuiteFunction


class Dashboards(Construct):
    """Each as it is defined. Whoever looks at what is live calls the function themselves, with their own rights."""

    def __init__(self, scope: Construct, deployment: Deployment, entry: Entry, objectives: Iterable[Objective]) -> None:
        super().__init__(scope, "Dashboards")
        self.shown = SuiteFunction(self, deployment, entry)
        for one in dashboards(objectives):
            cloudwatch.CfnDashboard(
                self,
                "".join(part.title() for part in one.name.split("-")[1:]),
                dashboard_name=one.name,
                dashboard_body=json.dumps(body(one, deployment.config.region, self.shown.function.function_arn)),
            )
