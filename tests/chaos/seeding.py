"""How a bug is seeded: one function of ours is swapped for a wrong one, for as long as a context lasts."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from edsr.ports import Write
from tests.chaos.scenario import ONCE, PAIRS, Bound

ALWAYS = "(attribute_exists(#pk) OR attribute_not_exists(#pk))"

Seed = Callable[[ExitStack], None]
"""Swaps something for as long as the stack lives."""


class Mutant(NamedTuple):
    """A bug: its number in RELIABILITY 5.2 (`+` what other walls were taken down), and where it should show."""

    number: str
    about: str
    scenarios: tuple[str, ...]
    seeds: tuple[Seed, ...]
    harmless: str = ""
    """Why it does not show: another wall, which a row of its own takes down."""
    bounds: tuple[Bound, ...] = (ONCE, PAIRS)


@contextmanager
def seeded(mutant: Mutant) -> Iterator[None]:
    """The code with the bug in it."""
    with ExitStack() as stack:
        for seed in mutant.seeds:
            seed(stack)
        yield


def swap(where: Any, name: str, wrong: Callable[[Any], Any]) -> Seed:
    """Swap an attribute for what `wrong` makes of it."""

    def seed(stack: ExitStack) -> None:
        right = getattr(where, name)
        setattr(where, name, wrong(right))
        stack.callback(setattr, where, name, right)

    return seed


def rewriting(where: Any, name: str, change: Callable[[list[Write]], list[Write]]) -> Seed:
    """Change the writes that a function of the protocol gives, alone or with a head."""

    def wrong(right: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            made = right(*args, **kwargs)
            return (change(made[0]), *made[1:]) if isinstance(made, tuple) else change(made)

        return run

    return swap(where, name, wrong)


def without(*labels: str) -> Callable[[list[Write]], list[Write]]:
    """Leave writes out."""
    return lambda writes: [write for write in writes if write.label not in labels]


def unconditional(*labels: str) -> Callable[[list[Write]], list[Write]]:
    """Write whatever stands there."""

    def change(writes: list[Write]) -> list[Write]:
        return [_under(write, ALWAYS) if write.label.split()[0] in labels else write for write in writes]

    return change


def _under(write: Write, condition: str) -> Write:
    """A write under another condition; values that only the old one used go with it."""
    words = set(re.findall(r"[:#]\w+", f"{write.update} {condition}"))
    values = {name: value for name, value in (write.values or {}).items() if name in words}
    return write._replace(condition=condition, values=values or None)


def conditional(label: str, condition: str) -> Callable[[list[Write]], list[Write]]:
    """Write under another condition."""
    return lambda writes: [_under(write, condition) if write.label == label else write for write in writes]
