"""The engine judges what is asked of an ECS service by its cluster's ARN, what is asked about the readiness of a Lambda
alias by its function's, and the tags of an alarm by none; AWS judges each by its own."""

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


def of_ecs(found: str, headers: Any, body: bytes) -> str:
    named = asked_of(str(headers.get("x-amz-target", "")).rpartition(".")[2], body)
    if named is None or named.startswith("arn:"):
        return named or found
    return found.replace(":cluster/", ":service/", 1) + f"/{named.rpartition('/')[2]}"


def of_lambda(found: str, path: str, query: Any) -> str:
    said = query.get("Qualifier") if path.endswith("/provisioned-concurrency") else None
    qualifier = said[0] if isinstance(said, list) else said
    return f"{found}:{qualifier}" if qualifier and not found.endswith(f":{qualifier}") else found


def install() -> None:
    extract = iam_actions.extract_resource_arn

    def extract_resource_arn(
        service: str, method: str, path: str, headers: Any, body: bytes, query: Any, *rest: Any
    ) -> str:
        found: str = extract(service, method, path, headers, body, query, *rest)
        if service == "ecs":
            return of_ecs(found, headers, body)
        if service == "monitoring":
            return str(iam_actions._safe_json_field(body, "ResourceARN") or found)
        return of_lambda(found, path, query) if service == "lambda" else found

    iam_actions.extract_resource_arn = extract_resource_arn
