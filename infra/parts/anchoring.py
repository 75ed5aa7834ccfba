"""The export, kept honest: every five minutes it is signed, every six hours it is compared with the audit."""

from constructs import Construct

from edsr.metrics import NAMESPACE
from infra.catalogue import Entry
from infra.parts.clock import each
from infra.parts.function import Deployment
from infra.parts.nag import acknowledge
from infra.parts.pages import Pages

HOURS = 6
EXPORTED, SIGNED = (f"arn:<AWS::Partition>:s3:::<ExportBucket>/{folder}/*" for folder in ("audit", "anchors"))
WHY = "What was exported, and what was signed, whatever the objects are called"


class Anchoring(Construct):
    """Signs what was exported; when that stops, somebody is told."""

    def __init__(self, scope: Construct, deployment: Deployment, entry: Entry, pages: Pages) -> None:
        super().__init__(scope, "Anchoring")
        about = "Signs what was exported"
        made = each(self, deployment, entry, pages, name="anchor", every="5 minutes", about=about)
        acknowledge(made.role, {f"AwsSolutions-IAM5[Resource::{where}]": WHY for where in (EXPORTED, SIGNED)})
        pages.silence(
            "anchors-silent",
            "Nothing was signed for ten minutes: what is rewritten meanwhile does not show",
            metric_name="Anchors",
            period=300,
            missed=2,
        )


class Comparing(Construct):
    """Compares the audit with its export; the alarm stands until a look finds every row there."""

    def __init__(self, scope: Construct, deployment: Deployment, entry: Entry, pages: Pages) -> None:
        super().__init__(scope, "Comparing")
        about = "Looks whether every row of the audit is exported"
        made = each(self, deployment, entry, pages, name="compare", every=f"{HOURS} hours", about=about)
        acknowledge(made.role, {f"AwsSolutions-IAM5[Resource::{EXPORTED}]": WHY})
        pages.alarm(
            "audit-not-exported",
            "A row of the audit is not in its export, half a day after it was written at the latest",
            namespace=NAMESPACE,
            metric_name="AuditNotExported",
            dimensions={"service": "edsr"},
            stands=True,
        )
        pages.silence(
            "export-uncompared",
            "Nobody looked for half a day whether the audit is exported",
            metric_name="ExportsCompared",
            period=HOURS * 3600,
            missed=2,
        )
