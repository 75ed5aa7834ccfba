"""No property a template asks for is passed over: whatever the engine did not do as asked would be named."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from cli.sandbox.readback import UNREADABLE, compared, held, read, wanted
from cli.sandbox.readers import READERS
from cli.sandbox.resolve import UNKNOWN
from cli.sandbox.resources import Resource, resources_of
from cli.sandbox.sandbox import Sandbox


class Remembered:
    """A client that asks each thing once, for the same resource is compared hundreds of times."""

    def __init__(self, client: Any) -> None:
        self._client, self._answers = client, dict[str, Any]()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**asked: Any) -> Any:
            key = f"{name} {json.dumps(asked, sort_keys=True)}"
            if key not in self._answers:
                self._answers[key] = getattr(self._client, name)(**asked)
            return self._answers[key]

        return getattr(self._client, name) if name == "get_object" else call  # a body can be read only once


@pytest.fixture(scope="module")
def clients(small: Sandbox) -> Callable[[str], Any]:
    return cache(lambda service: Remembered(small.client(service)))


@pytest.fixture(scope="module")
def deployed(small: Sandbox) -> list[Resource]:
    stacks = small.client("cloudformation").describe_stacks()["Stacks"]
    return [resource for stack in stacks for resource in resources_of(stack, small.client)]


def otherwise(value: Any) -> Iterator[Any]:
    """The value with one thing in it asked for differently, for each thing in it."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from ({**value, name: other} for other in otherwise(inner))
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from ([*value[:place], other, *value[place + 1 :]] for other in otherwise(inner))
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
    else:
        yield f"{value}x" if isinstance(value, str) else "x"


@pytest.mark.sandbox
def test_all_that_is_asked_for_is_known(deployed: list[Resource]) -> None:
    assert [resource.name for resource in deployed if UNKNOWN in str(resource.asked)] == []
    assert {resource.type for resource in deployed} <= READERS.keys()


@pytest.mark.sandbox
def test_what_is_taken_away_from_the_answer_is_named(deployed: list[Resource], clients: Callable[[str], Any]) -> None:
    for resource in deployed:
        asked, got = wanted(resource, clients), held(resource, clients)
        for name in (name for name, value in asked.items() if value or (value == 0 and value is not False)):
            rest = {key: value for key, value in got.items() if key.lower() != name.lower()}
            named = {found.property.split(".")[0] for found in compared(resource, asked, rest)}
            assert name in named, f"{resource.type} {name}"


@pytest.mark.sandbox
def test_whatever_had_been_asked_for_otherwise_is_named(
    deployed: list[Resource], clients: Callable[[str], Any]
) -> None:
    """So no reader answers with what was asked: each thing in each property, changed on its own, is noticed."""
    for resource in deployed:
        for name in resource.asked:
            if (resource.type, name) not in UNREADABLE:
                for other in otherwise(resource.asked[name]):
                    changed = replace(resource, asked={**resource.asked, name: other})
                    assert read(changed, clients), f"{resource.type} {name}: {other}"
