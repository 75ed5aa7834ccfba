"""Where the commands look: the sandbox on this machine, or an AWS account by its profile."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError

from cli.errors import Unavailable
from cli.stack import sandbox
from edsr.aws.store import DynamoStore
from edsr.ports import Client
from edsr.settings import Tables
from infra.parts.names import ANCHOR_KEY_PARAMETER, AUDIT_TABLE, EXPORT_BUCKET_PARAMETER, PEOPLE_PARAMETER, STATE_TABLE

TABLES = Tables(state_table=STATE_TABLE, audit_table=AUDIT_TABLE)


@dataclass(frozen=True)
class Account:
    """An account in which the suite is deployed; `credentials` sign what is not asked through a client."""

    name: str
    client: Callable[[str], Client]
    is_sandbox: bool
    credentials: Any = None

    @cached_property
    def store(self) -> DynamoStore:
        """The protocol's tables."""
        return DynamoStore(self.client("dynamodb"), TABLES)

    def scan(self, table: str, **query: Any) -> list[dict[str, Any]]:
        """Every item of one of the suite's tables that a filter lets through, as DynamoDB spells it."""
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True, **query)
        return [item for page in pages for item in page["Items"]]

    def export_bucket(self) -> str:
        """The bucket that the audit is exported to."""
        return self._told(EXPORT_BUCKET_PARAMETER)

    def anchor_key(self) -> str:
        """The ARN of the key that signs the anchors."""
        return self._told(ANCHOR_KEY_PARAMETER)

    def people_url(self) -> str:
        """Where people's answers and switches are sent to."""
        return self._told(PEOPLE_PARAMETER)

    def _told(self, parameter: str) -> str:
        return str(self.client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"])


def sandbox_account() -> Account:
    """The running sandbox; Unavailable says how to start one."""
    found = sandbox()
    if not found.status().running:
        raise Unavailable("no sandbox is running here: start one with `edsr up`, or name an AWS account with --profile")
    return Account("sandbox", found.client, is_sandbox=True)


def account(profile: str | None) -> Account:
    """The account of an AWS profile, or the sandbox when none is named."""
    if profile is None:
        return sandbox_account()
    import boto3

    try:
        session = boto3.Session(profile_name=profile)
    except BotoCoreError as exc:
        raise Unavailable(f"the profile {profile!r} cannot be used: {exc}") from exc
    return Account(profile, session.client, is_sandbox=False, credentials=session.get_credentials())
