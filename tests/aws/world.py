"""A hand's small world: a target that is unwell, how a step is to mend it, and how the world may get in its way."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any


@dataclass
class World:
    """`target` as it is before the step; `drift` changes it by another hand, `recover` is what time does afterwards.

    `call` is the operation that changes it; `probe` and its arguments judge it; `already` makes it as it is wanted.
    """

    action: str
    target: str
    call: tuple[str, str]
    args: dict[str, Any] = field(default_factory=dict)
    drift: Callable[[], object] | None = None
    recover: Callable[[], object] = lambda: None
    probe: tuple[str, dict[str, Any]] | None = None
    already: Callable[[], object] | None = None
    lasts: bool = False
    answers: AbstractContextManager[Any] = field(default_factory=nullcontext)
