"""Sweeping: each minute somebody looks after incidents that a crash left behind."""

from constructs import Construct

from edsr.metrics import NAMESPACE
from infra.catalogue import Entry
from infra.parts.clock import each
from infra.parts.function import Deployment
from infra.parts.nag import acknowledge
from infra.parts.names import MACHINE
from infra.parts.pages import Pages


class Sweeping(Construct):
    """The sweep, invoked by the clock; one that is missed or fails is made good by the next, and is told."""

    def __init__(self, scope: Construct, deployment: Deployment, entry: Entry, pages: Pages) -> None:
        super().__init__(scope, "Sweeping")
        about = "Looks after open incidents"
        self.sweep = each(self, deployment, entry, pages, name="sweep", every="1 minute", about=about)
        where = f"{deployment.config.region}:{deployment.config.account}"
        executions = f"arn:<AWS::Partition>:states:{where}:execution:{MACHINE}:*"
        why = "Executions are named by incidents, which nobody knows beforehand; to describe one changes nothing"
        acknowledge(self.sweep.role, {f"AwsSolutions-IAM5[Resource::{executions}]": why})
        self._watch(pages)

    def _watch(self, pages: Pages) -> None:
        pages.alarm(
            "sweep-failed",
            "An open incident could not be looked at: it stays open",
            namespace=NAMESPACE,
            metric_name="SweepFailed",
            dimensions={"service": "edsr"},
            statistic="Sum",
        )
        pages.silence(
            "sweep-silent",
            "No sweep came to its end for three minutes: what a crash leaves behind stays where it is",
            metric_name="Sweeps",
        )
