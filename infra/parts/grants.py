"""Declared permissions as IAM statements: what a function says it needs, nothing more, and never `*` unexplained."""

import re
from collections.abc import Iterable

from aws_cdk import aws_iam as iam

from edsr.declare import Permission
from edsr.policy import Service
from infra.catalogue import Entry
from infra.errors import DeclarationInvalid
from infra.parts.names import AUDIT_TABLE, DIGESTS, FINDINGS, QUARANTINE, STATE_TABLE
from infra.parts.places import Places

CATALOGUE = "catalogue:"
ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")
READS = re.compile(r"[a-z0-9-]+:((Batch)?(Get|List|Lookup|Describe|Query|Scan)|GET$)")
ON_ALIASES = re.compile(r"lambda:\w+ProvisionedConcurrencyConfig")
"""What AWS asks for on an alias itself; for all else that is done to an alias it asks on the function."""

STORES = {
    "dynamodb": ("state-table", "state-index", "audit-table", "audit-stream"),
    "s3": ("export-records", "export-anchors", "export-drafts"),
}
READING = {"dynamodb": ("kms:Decrypt", "kms:DescribeKey"), "s3": ("kms:Decrypt",)}
WRITING = {"dynamodb": ("kms:Encrypt", "kms:GenerateDataKey"), "s3": ("kms:GenerateDataKey",)}
"""For a table it is what AWS documents as the least; to write under a bucket key is also to verify it: Decrypt."""

EXECUTIONS = {
    "ssm:automation-execution": ("ssm:automation", ":automation-definition/.*", ":automation-execution/*"),
    "states:execution": ("states:runnable-machine", ":stateMachine:(.*)", r":execution:\1:*"),
}
"""Executions of what is catalogued, by the kind of that, and how their ARNs are made of its ARN."""

UNCHANGING = (
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
)
"""What would change or remove a row of the audit."""


def statements(entry: Entry, places: Places, services: Iterable[Service]) -> list[iam.PolicyStatement]:
    """What a function's role may do. Raises DeclarationInvalid for a permission that is too wide or unknown."""
    services = list(services)
    granted = [_statement(entry, permission, places, services) for permission in entry.permissions]
    return [
        *(statement for statement in granted if statement),
        *_through_services(entry, places),
        append_only(places),
    ]


def append_only(places: Places) -> iam.PolicyStatement:
    """Rows of the audit are put, never changed or removed, whatever else a role is granted."""
    return iam.PolicyStatement(
        sid="AuditIsAppendOnly",
        effect=iam.Effect.DENY,
        actions=list(UNCHANGING),
        resources=[places.table(AUDIT_TABLE)],
    )


def unlimited(entry: Entry) -> str | None:
    """Why some of the function's permissions are on `*`; None when none is."""
    return "; ".join(permission.reason or "" for permission in entry.permissions if permission.on == "*") or None


def numbered(entry: Entry, services: Iterable[Service]) -> list[str]:
    """The ARNs with a `*` that the catalogue itself names for what a function may do: what AWS numbers as it comes."""
    services = list(services)
    granted = [said for said in entry.permissions if said.on.startswith(CATALOGUE)]
    return sorted({arn for said in granted for arn in _catalogued(said, services) if "*" in arn})


def _statement(
    entry: Entry, permission: Permission, places: Places, services: list[Service]
) -> iam.PolicyStatement | None:
    for action in permission.actions:
        if not ACTION.fullmatch(action):
            raise DeclarationInvalid(f"{entry.module}: {action!r} is not one action of one service")
    resources = _resources(entry, permission, places, services)
    limits = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(permission.keys)}} if permission.keys else None
    if not resources:
        return None
    return iam.PolicyStatement(actions=list(permission.actions), resources=resources, conditions=limits)


def _resources(entry: Entry, permission: Permission, places: Places, services: list[Service]) -> list[str]:
    if permission.on == "*":
        if not permission.reason:
            raise DeclarationInvalid(f"{entry.module}: {', '.join(permission.actions)} on * needs a reason")
        return ["*"]
    if permission.on.startswith(CATALOGUE):
        return _catalogued(permission, services)
    known = _own(places)
    if permission.on not in known:
        raise DeclarationInvalid(f"{entry.module}: there is no {permission.on!r}; there are {', '.join(known)}")
    return known[permission.on]


def _own(places: Places) -> dict[str, list[str]]:
    """The suite's own resources as `edsr.declare.Resource` names them; a bucket is granted by its parts."""
    return {
        "state-table": [places.table(STATE_TABLE)],
        "state-index": [f"{places.table(STATE_TABLE)}/index/GSI1"],
        "audit-table": [places.table(AUDIT_TABLE)],
        "audit-stream": [places.audit_stream],
        "findings-queue": [places.queue(FINDINGS)],
        "quarantine-queue": [places.queue(QUARANTINE)],
        "remediate-machine": [places.machine],
        "remediate-executions": [places.executions],
        "suite-bus": [places.bus],
        "digest-topic": [places.here("sns", DIGESTS)],
        "export-listing": [places.bucket],
        "export-records": [f"{places.bucket}/audit/*"],
        "export-anchors": [f"{places.bucket}/anchors/*"],
        "export-drafts": [f"{places.bucket}/postmortems/*"],
        "anchor-key": [places.anchor_key],
        "page-key": [places.page_key],
        "detectors": [places.here("lambda", "function:edsr-detect-*")],
    }


def _catalogued(permission: Permission, services: list[Service]) -> list[str]:
    """The ARNs of every resource of a kind, or of its executions, as AWS asks for them; runs are catalogued by what
    their ARNs begin with."""
    kind = permission.on.removeprefix(CATALOGUE)
    of, pattern, execution = EXECUTIONS.get(kind, (kind, "", ""))
    arns = {item.arn for service in services for item in service.resources if item.kind == of}
    if pattern:
        return sorted({re.sub(pattern, execution, arn) for arn in arns})
    if kind == "states:run":
        return sorted(f"{arn}:*" for arn in arns)
    on_function = kind == "lambda:alias" and not all(map(ON_ALIASES.fullmatch, permission.actions))
    return sorted({arn.rsplit(":", 1)[0] if on_function else arn for arn in arns})


def _through_services(entry: Entry, places: Places) -> list[iam.PolicyStatement]:
    """The use of the key that its encrypted stores need, through the store's own service and no other way."""
    return [
        iam.PolicyStatement(
            actions=list(actions),
            resources=[places.key],
            conditions={"StringEquals": {"kms:ViaService": [f"{service}.{places.stack.region}.amazonaws.com"]}},
        )
        for service, actions in _key_uses(entry).items()
    ]


def _key_uses(entry: Entry) -> dict[str, tuple[str, ...]]:
    """What each store's service asks of the key in the function's name, by whether it reads or also writes."""
    uses: dict[str, tuple[str, ...]] = {}
    for service, stores in STORES.items():
        touched = [permission for permission in entry.permissions if permission.on in stores]
        if touched:
            writes = any(not READS.match(action) for permission in touched for action in permission.actions)
            uses[service] = (*READING[service], *(WRITING[service] if writes else ()))
    return uses
