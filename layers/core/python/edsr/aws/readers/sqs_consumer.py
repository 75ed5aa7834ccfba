"""sqs:queue - the function that reads a queue: whether it does, and how often it may run at once."""

from typing import Any

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.errors import Refused
from edsr.ports import Clients, Observed

READER = Reader(
    resource="sqs:queue",
    permissions=(
        Permission(
            actions=("lambda:ListEventSourceMappings",),
            on="*",
            reason="Lambda lets nobody limit who lists event source mappings to those of some queues",
        ),
    ),
)
READING = ("Enabled", "Enabling")


def observe(clients: Clients, arn: str) -> Observed:
    """`{mapping, function, enabled, most?}`; `most` is left out where only the account's limit holds.

    Refused unless exactly one function reads the queue: which of several is too slow, nobody knows.
    """
    resource_of(arn, "sqs")
    with named(f"looking for who reads {arn}", target=True):
        pages = clients("lambda").get_paginator("list_event_source_mappings").paginate(EventSourceArn=arn)
        readers = [one for page in pages for one in page["EventSourceMappings"]]
    if len(readers) != 1:
        raise Refused(f"{len(readers)} functions read {arn}: there has to be one")
    mapping = readers[0]
    state: dict[str, Any] = {
        "mapping": mapping["UUID"],
        "function": mapping["FunctionArn"],
        "enabled": mapping["State"] in READING,
    }
    if most := (mapping.get("ScalingConfig") or {}).get("MaximumConcurrency"):
        state["most"] = most
    return Observed(state, mapping["UUID"])
