"""What people need, as policies to attach to their own roles: viewers, auditors, approvers, operators."""

from collections.abc import Iterable

from aws_cdk import aws_iam as iam
from constructs import Construct

from edsr.route import PATHS
from infra.auditing.tables import DATABASE, WORKGROUP
from infra.config import Trail
from infra.parts.boundary import for_people_only
from infra.parts.nag import acknowledge
from infra.parts.names import (
    ANCHOR_KEY_PARAMETER,
    AUDIT_TABLE,
    EXPORT_BUCKET_PARAMETER,
    PEOPLE_PARAMETER,
    ROLES,
    STATE_TABLE,
)
from infra.parts.places import Places

ASKS = {
    "viewer": (),
    "auditor": (),
    "approver": ("/answers", "/rehearsals"),
    "operator": tuple(path for path in PATHS if path != "/answers"),
}
"""Which paths each role may ask for. For which services, the catalogue's `people` say: IAM does not know services."""


class Roles(Construct):
    """Four managed policies, `edsr-<role>`: each may look, and nobody who has one speaks in another's name."""

    def __init__(self, scope: Construct, places: Places, api: str, trail: Trail | None) -> None:
        super().__init__(scope, "Roles")
        for role, paths in ASKS.items():
            asks = [places.here("execute-api", f"{api}/$default/POST{path}") for path in paths]
            said = [*_looks(places), *(_audits(places, trail) if role == "auditor" else ()), _itself_only(places)]
            policy = iam.ManagedPolicy(
                self,
                role.title(),
                managed_policy_name=f"edsr-{role}",
                path=ROLES,
                description=f"EDSR: what a person needs as {role}; attach it to their permission set",
                statements=[*said, *_grant("Asks", ["execute-api:Invoke"], asks)],
            )
            acknowledge(policy, {f"AwsSolutions-IAM5[Resource::{where}]": why for where, why in WHOLE.items()})


EXPORTED = "arn:<AWS::Partition>:s3:::<ExportBucket>/*"
QUERY_RESULTS = "arn:<AWS::Partition>:s3:::<ResultsBucket>/*"
WHOLE = {
    EXPORTED: "An auditor reads every exported record",
    QUERY_RESULTS: "Athena names the objects of its results",
}
KNOWN = (EXPORT_BUCKET_PARAMETER, ANCHOR_KEY_PARAMETER)
ASKING = (
    "athena:BatchGetNamedQuery",
    "athena:GetNamedQuery",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetWorkGroup",
    "athena:ListNamedQueries",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
)


def _grant(sid: str, actions: list[str], resources: Iterable[str]) -> list[iam.PolicyStatement]:
    where = list(resources)
    return [iam.PolicyStatement(sid=sid, actions=actions, resources=where)] if where else []


def _looks(places: Places) -> list[iam.PolicyStatement]:
    tables = [places.table(STATE_TABLE), places.table(AUDIT_TABLE)]
    reads = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"]
    return [
        *_grant("Tables", reads, [*tables, f"{tables[0]}/index/GSI1"]),
        *_grant("TheirDashboards", ["lambda:InvokeFunction"], [places.here("lambda", "function:edsr-record-shown")]),
        *_grant("TheirKey", ["kms:Decrypt"], [places.key]),
        *_grant("WhereToAsk", ["ssm:GetParameter"], [places.here("ssm", f"parameter{PEOPLE_PARAMETER}")]),
    ]


def _audits(places: Places, trail: Trail | None) -> list[iam.PolicyStatement]:
    """To read the export, and to ask about it in the workgroup, which says where results go and how they are kept."""
    tables = ("audit_lines", "records", *(("trail", "calls") if trail else ()))
    results = f"arn:{places.stack.partition}:s3:::{places.results_bucket}"
    catalog = ("catalog", f"database/{DATABASE}", *(f"table/{DATABASE}/{name}" for name in tables))
    sees = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketVersions"]
    return [
        *_grant("Export", sees, [places.bucket]),
        *_grant("ItsObjects", ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectRetention"], [f"{places.bucket}/*"]),
        *_grant("WhereItIs", ["ssm:GetParameter"], [places.here("ssm", f"parameter{name}") for name in KNOWN]),
        *_grant("WhoSigned", ["kms:GetPublicKey"], [places.anchor_key]),
        *_grant("AsksInSql", list(ASKING), [places.here("athena", f"workgroup/{WORKGROUP}")]),
        *_grant(
            "Catalog",
            ["glue:GetDatabase", "glue:GetTable", "glue:GetPartitions"],
            [places.here("glue", one) for one in catalog],
        ),
        *_grant("Results", ["s3:GetBucketLocation", "s3:ListBucket"], [results]),
        *_grant("TheirObjects", ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], [f"{results}/*"]),
        *_grant("UnderTheKey", ["kms:GenerateDataKey"], [places.key]),
        *(_reads_trail(places, trail) if trail else ()),
    ]


def _reads_trail(places: Places, trail: Trail) -> list[iam.PolicyStatement]:
    bucket = f"arn:{places.stack.partition}:s3:::{trail.bucket}"
    return [
        *_grant("Trail", ["s3:GetBucketLocation", "s3:ListBucket"], [bucket]),
        *_grant("ItsFiles", ["s3:GetObject"], [f"{bucket}/{trail.prefix}/*"]),
    ]


def _itself_only(places: Places) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="OnlyThroughTheRoute",
        effect=iam.Effect.DENY,
        actions=["lambda:InvokeFunction"],
        resources=for_people_only(places),
    )
