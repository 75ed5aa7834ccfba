"""IAM statements: what they cover, and when their conditions hold; what is not modelled here stops the proof."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from tests.infra.reading import as_list
from tests.proof.needs import Need

VIA = "kms:ViaService"
Context = Mapping[str, str | None]
"""The condition keys that are known for a call; None when the call does not carry the key."""


class NotModelled(Exception):
    """Something in a policy that the proof does not know how to judge: it must not pass for allowed."""


class Grant(NamedTuple):
    """One action on one resource that a statement allows, through one service when it says which."""

    action: str
    resource: str
    via: str = ""


@dataclass(frozen=True)
class Statement:
    """A statement with its references resolved."""

    said: Mapping[str, Any]

    def __post_init__(self) -> None:
        if strange := set(self.said) - {"Sid", "Effect", "Action", "Resource", "Condition", "Principal"}:
            raise NotModelled(f"{', '.join(sorted(strange))} in {self.said}")

    @property
    def allows(self) -> bool:
        """Whether it allows; else it denies."""
        return bool(self.said["Effect"] == "Allow")

    @property
    def for_everyone(self) -> bool:
        """Whether a resource's statement is about every principal."""
        return self.said.get("Principal") in ("*", {"AWS": "*"})

    def matching(self, need: Need, context: Context) -> list[Grant]:
        """The grants of this statement that cover a need; empty when it does not apply."""
        found = [
            Grant(action, resource, need.via if self._limits_via else "")
            for action in as_list(self.said["Action"])
            if like(action.lower(), need.action.lower())
            for resource in as_list(self.said["Resource"])
            if like(resource, need.resource)
        ]
        return found if found and self._holds(context) else []

    def grants(self) -> Iterator[Grant]:
        """Everything that it allows."""
        for action in as_list(self.said["Action"]):
            for resource in as_list(self.said["Resource"]):
                for via in self._limits_via or [""]:
                    yield Grant(action, resource, via)

    @property
    def _limits_via(self) -> list[str]:
        return as_list(self.said.get("Condition", {}).get("StringEquals", {}).get(VIA, []))

    def _holds(self, context: Context) -> bool:
        return all(
            _operator(operator)(_known(key, context), as_list(wanted))
            for operator, keys in self.said.get("Condition", {}).items()
            for key, wanted in keys.items()
        )


def like(pattern: str, text: str) -> bool:
    """IAM's wildcards: `*` is any text, `?` any character."""
    return _pattern(pattern).fullmatch(text) is not None


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def _known(key: str, context: Context) -> str | None:
    if key not in context:
        raise NotModelled(f"the condition key {key}")
    return context[key]


def _operator(name: str) -> Callable[[str | None, list[str]], bool]:
    if name not in OPERATORS:
        raise NotModelled(f"the condition operator {name}")
    return OPERATORS[name]


def _equals(have: str | None, wanted: list[str]) -> bool:
    return have in wanted


def _alike(have: str | None, wanted: list[str]) -> bool:
    return have is not None and any(like(pattern, have) for pattern in wanted)


def _unlike(have: str | None, wanted: list[str]) -> bool:
    """A negated operator also holds when the key is not there."""
    return not _alike(have, wanted)


def _less(have: str | None, wanted: list[str]) -> bool:
    return have is not None and any(float(have) < float(limit) for limit in wanted)


def _all_alike(have: str | None, wanted: list[str]) -> bool:
    """Of a key that the call does not carry there is nothing that could differ."""
    return have is None or _alike(have, wanted)


OPERATORS: dict[str, Callable[[str | None, list[str]], bool]] = {
    "ArnLike": _alike,
    "ArnNotEquals": _unlike,  # AWS treats ArnEquals as ArnLike, and so their negations
    "Bool": _equals,
    "ForAllValues:StringLike": _all_alike,
    "NumericLessThan": _less,
    "StringEquals": _equals,
}
