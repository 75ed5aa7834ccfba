"""Findings of Access Analyzer that are open and changed lately, each as its event."""

from collections.abc import Iterator
from typing import Any

from edsr.declare import Permission, Poll
from sweep.ask import LATELY, Ask, Event, event, plain

EXTERNAL, UNUSED = "Access Analyzer Finding", "Unused Access Finding for IAM entities"
POLL = Poll(
    id="open-access",
    source="security",
    title="findings of Access Analyzer, of what others may reach and what nobody uses, that are open and changed "
    "within the hour",
    detail_types=(EXTERNAL, UNUSED),
    minutes=15,
    calls=60,
    level=False,
    aws_only="all of it",
    permissions=(
        Permission(
            actions=("access-analyzer:ListAnalyzers", "access-analyzer:ListFindings"),
            on="*",
            reason="An analyzer may have any name; it only reads. ListFindings lets ListFindingsV2 be called, too",
        ),
    ),
)
KINDS = {
    "ACCOUNT": (EXTERNAL, "list_findings"),
    "ORGANIZATION": (EXTERNAL, "list_findings"),
    "ACCOUNT_UNUSED_ACCESS": (UNUSED, "list_findings_v2"),
    "ORGANIZATION_UNUSED_ACCESS": (UNUSED, "list_findings_v2"),
}
"""What an analyzer of a type tells, and what gives it: only the first version says who may reach a resource."""


def standing(ask: Ask) -> Iterator[Event]:
    """The findings of each analyzer that is at work; Access Analyzer cannot be asked for the latest alone."""
    open_ones = {"status": {"eq": ["ACTIVE"]}}
    for some in ask.pages("accessanalyzer", "list_analyzers", "nextToken"):
        for analyzer in some["analyzers"]:
            if analyzer["status"] != "ACTIVE" or analyzer["type"] not in KINDS:
                continue
            kind, operation = KINDS[analyzer["type"]]
            for page in ask.pages(
                "accessanalyzer", operation, "nextToken", analyzerArn=analyzer["arn"], filter=open_ones, maxResults=100
            ):
                for one in page["findings"]:
                    if one["updatedAt"] > ask.now - LATELY:
                        yield _event(one, kind, analyzer["arn"])


def _event(one: dict[str, Any], kind: str, analyzer: str) -> Event:
    detail = {**plain(one), "accountId": one["resourceOwnerAccount"], "isDeleted": False}
    made = event("aws.access-analyzer", kind, analyzer, one["updatedAt"], detail)
    return {**made, "id": f"{one['id']} {made['time']}"}
