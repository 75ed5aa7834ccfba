"""One reader per resource type: what the engine holds, in the shape a template would write it."""

from collections.abc import Callable, Mapping
from typing import Any

from cli.sandbox.deploy import Clients
from cli.sandbox.readers import compute, messages, oversight, storage

Reader = Callable[[Clients, str, dict[str, Any]], Mapping[str, Any]]

READERS: Mapping[str, Reader] = {**compute.READERS, **storage.READERS, **messages.READERS, **oversight.READERS}

# What a type really asks for, where its properties say so only together.
ASKED: Mapping[str, Callable[[Clients, dict[str, Any]], dict[str, Any]]] = {
    "AWS::StepFunctions::StateMachine": compute.definition
}
