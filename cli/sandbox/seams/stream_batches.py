"""The engine's stream mappings ignore batchItemFailures and retry limits: one bad record lost the rest of its batch.

On AWS the batch begins again at the first record that failed; what fails too often goes to the mapping's on-failure
destination and the stream moves on. A reported record is dropped alone, an unexplained failure drops its batch.
"""

from collections import Counter
from typing import Any

from ministack.services import dynamodb, lambda_svc

Records = list[dict[str, Any]]
ATTEMPTS: Counter[tuple[str, str]] = Counter()  # (mapping, first record not yet done)


def sequence(record: dict[str, Any]) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def mapping_of(func: dict[str, Any], records: Records) -> dict[str, Any] | None:
    name = (func.get("config") or func)["FunctionName"]
    for _account, _region, mapping in lambda_svc._iter_all_esms():
        if mapping["FunctionName"] == name and mapping["EventSourceArn"] == records[0].get("eventSourceARN"):
            return dict(mapping)
    return None


def first_failure(mapping: dict[str, Any], result: dict[str, Any], records: Records) -> int | None:
    """Where the batch must begin again, or nothing when all of it was done."""
    if result.get("error"):
        return 0
    body = result.get("body")
    if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or []) or not isinstance(body, dict):
        return None
    failed = {failure["itemIdentifier"] for failure in body.get("batchItemFailures") or []}
    if not failed:
        return None
    return next((place for place, record in enumerate(records) if sequence(record) in failed), 0)


def exhausted(mapping: dict[str, Any], record: dict[str, Any]) -> bool:
    """Count this failure; true once the mapping's retries are used up (-1 or none: never, as on AWS)."""
    key = (mapping["UUID"], sequence(record))
    ATTEMPTS[key] += 1
    limit = mapping.get("MaximumRetryAttempts")
    return limit is not None and 0 <= int(limit) < ATTEMPTS[key]


def move_to(mapping: dict[str, Any], record: dict[str, Any], after: bool) -> None:
    """Let the next batch begin at this record, or after it."""
    table = mapping["EventSourceArn"].split("/")[1]
    position = lambda_svc._dynamodb_stream_positions[mapping["UUID"]]
    numbers = [sequence(found) for found in dynamodb.stream_records_since(table, position, 10_000)]
    with lambda_svc._dynamodb_stream_positions_lock:
        lambda_svc._dynamodb_stream_positions[mapping["UUID"]] = position + numbers.index(sequence(record)) + after


def settle(func: dict[str, Any], mapping: dict[str, Any], result: dict[str, Any], records: Records) -> dict[str, Any]:
    if result.get("throttle"):  # it never reached the function, and AWS does not count it
        move_to(mapping, records[0], after=False)
        return {**result, "error": True}
    place = first_failure(mapping, result, records)
    if place is None:
        return result
    move_to(mapping, records[place], after=False)
    if exhausted(mapping, records[place]):
        poison = records if result.get("error") else records[place : place + 1]
        source = mapping["EventSourceArn"]
        lambda_svc._send_ddb_stream_failure_record(mapping, func, poison, source, result, "RetryAttemptsExhausted")
        move_to(mapping, poison[-1], after=True)
    return {**result, "error": True}  # the engine then leaves the position alone and comes back


def install() -> None:
    execute = lambda_svc._execute_function

    def execute_function(func: dict[str, Any], event: Any) -> dict[str, Any]:
        result: dict[str, Any] = execute(func, event)
        records = event.get("Records") if isinstance(event, dict) else None
        if not records or not isinstance(records[0], dict) or records[0].get("eventSource") != "aws:dynamodb":
            return result
        mapping = mapping_of(func, records)
        return settle(func, mapping, result, records) if mapping else result

    lambda_svc._execute_function = execute_function
