"""Executions of SSM Automation: those of a definition that live, the newest of them, and asking one to stop.

A definition is catalogued with the version that may run: `arn:aws:ssm:<region>:<account>:automation-definition/name:3`.
"""

import re
from typing import Any, NamedTuple

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.errors import Refused
from edsr.ports import Client

LIVE = ("Pending", "InProgress", "Waiting")
MOST = 50
"""So many SSM gives at once, and so many of the latest are looked at; of what lives none is missed."""

_DEFINITION = re.compile(r"([\w.-]{3,128}):([0-9]+)", re.ASCII)


class Definition(NamedTuple):
    """A document and the one version of it that may run."""

    name: str
    version: str


def definition(arn: str) -> Definition:
    """What a definition's ARN names; Refused for one without a version: what runs has to be what was catalogued."""
    match = _DEFINITION.fullmatch(resource_of(arn, "ssm", "automation-definition/"))
    if not match:
        raise Refused(f"{arn} names no automation with its version, such as automation-definition/restart:3")
    return Definition(*match.groups())


def executions(ssm: Client, arn: str, *states: str) -> list[dict[str, Any]]:
    """The executions of a definition in these states, all of them, the newest first; the latest, when none is given."""
    name = definition(arn).name
    wanted = [{"Key": "DocumentNamePrefix", "Values": [name]}]
    wanted += [{"Key": "ExecutionStatus", "Values": list(states)}] if states else []
    with named(f"reading the executions of {name}", target=True):
        pages = ssm.get_paginator("describe_automation_executions").paginate(
            Filters=wanted, PaginationConfig={"PageSize": MOST, **({} if states else {"MaxItems": MOST})}
        )
        found = [one for page in pages for one in page["AutomationExecutionMetadataList"]]
    ours = [one for one in found if one["DocumentName"] == name]
    return sorted(ours, key=lambda one: one["ExecutionStartTime"], reverse=True)


def stop(ssm: Client, execution: str) -> None:
    """Ask an execution to stop; one that is over has stopped."""
    with named(f"stopping {execution}"):
        try:
            ssm.stop_automation_execution(AutomationExecutionId=execution, Type="Cancel")
        except (
            ssm.exceptions.AutomationExecutionNotFoundException,
            ssm.exceptions.InvalidAutomationStatusUpdateException,
        ):
            return
