"""The engine judges what is asked of an ECS service by its cluster's ARN; AWS judges it by the service's own."""

import json
from typing import Any

from ministack.core import iam_actions

OF_SERVICES = ("DescribeServices", "UpdateService", "DeleteService")


def asked_of(operation: str, body: bytes) -> str | None:
    """The service's name or ARN that a call is about; None for a call about something else."""
    if operation not in OF_SERVICES:
        return None
    said = json.loads(body or b"{}")
    services = said.get("services") or [said.get("service")]
    return services[0] if len(services) == 1 else None


def install() -> None:
    extract = iam_actions.extract_resource_arn

    def extract_resource_arn(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:
        found: str = extract(service, method, path, headers, body, *rest)
        operation = str(headers.get("x-amz-target", "")).rpartition(".")[2]
        named = asked_of(operation, body) if service == "ecs" else None
        if named is None or named.startswith("arn:"):
            return named or found
        return found.replace(":cluster/", ":service/", 1) + f"/{named.rpartition('/')[2]}"

    iam_actions.extract_resource_arn = extract_resource_arn
