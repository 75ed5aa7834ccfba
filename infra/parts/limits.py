"""What EventBridge would refuse or silently cut off: found at synth instead of at deploy."""

import json
from collections.abc import Mapping
from typing import Any

from infra.errors import LimitExceeded

PATTERN_CHARACTERS = 2_000
NAME_CHARACTERS = 64
RULES = 250
WILDCARD_RULES = 25


def check(patterns: Mapping[str, Mapping[str, Any]]) -> None:
    """Rule name -> pattern of one bus; raises LimitExceeded."""
    for name, pattern in patterns.items():
        if len(name) > NAME_CHARACTERS:
            raise LimitExceeded(
                f"rule {name}: its name has {len(name)} characters; EventBridge takes {NAME_CHARACTERS}. "
                "Give the policy a shorter id"
            )
        if (size := len(json.dumps(pattern, separators=(",", ":")))) > PATTERN_CHARACTERS:
            raise LimitExceeded(
                f"rule {name}: its pattern has {size} characters; EventBridge takes {PATTERN_CHARACTERS}. "
                "Split the policy, or match less in `detect` and more in `where`"
            )
    if len(patterns) > RULES:
        raise LimitExceeded(f"{len(patterns)} policies need as many rules; EventBridge takes {RULES} on a bus")
    wild = [name for name, pattern in patterns.items() if uses_wildcards(pattern)]
    if len(wild) > WILDCARD_RULES:
        raise LimitExceeded(
            f"{len(wild)} rules match with `wildcard`; at most {WILDCARD_RULES} on a bus stay fast: "
            f"use prefix or suffix in some of {', '.join(wild)}"
        )


def uses_wildcards(node: Any) -> bool:
    """Whether a pattern matches with `wildcard` anywhere."""
    if isinstance(node, Mapping):
        return "wildcard" in node or any(uses_wildcards(inner) for inner in node.values())
    return isinstance(node, list) and any(uses_wildcards(inner) for inner in node)
