"""The scalars of a series' memory: what is neither season nor histogram."""

from dataclasses import dataclass


@dataclass(slots=True)
class Numbers:
    """All times are epoch seconds, all values relative to `origin`, the first value (of a counter: its rate)."""

    counter: bool = False
    open: bool = False
    loud: bool = False
    stamps: int = 0
    points: int = 0
    inside: int = 0
    beyond: int = 0
    relearn: int = 0
    began: float = 0.0
    last: float = 0.0
    step: float = 0.0
    total: float = 0.0
    origin: float = 0.0
    onset: float = 0.0
    slow: float = 0.0
    quick: float = 0.0
    slower: float = 0.0
    spread: float = 0.0
    smooth: float = 0.0
    usual: float = 0.0
    before: float = 0.0
    change: float = 0.0
    changes: float = 0.0
    peak: float = 0.0
    drift: float = 0.0
