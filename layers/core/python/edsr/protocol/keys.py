"""Where each item of the protocol is kept."""

import hashlib

from edsr.model import Direction
from edsr.ports import Key

SOLE = "-"
HEAD = "HEAD"
SWITCHES = 16
OPEN_SHARDS = 4


def claim(finding_id: str) -> Key:
    """The dedupe item of a finding."""
    return Key("state", f"SIG#{finding_id}", SOLE)


def guard(subject_arn: str) -> Key:
    """The guard of a subject: one running remediation, whichever policy."""
    return Key("state", f"GRD#{subject_arn}", SOLE)


def incident(incident_id: str) -> Key:
    """An incident's head."""
    return Key("state", f"INC#{incident_id}", HEAD)


def plan(incident_id: str) -> Key:
    """An incident's plan."""
    return Key("state", f"INC#{incident_id}", "PLAN")


def step(incident_id: str, n: int, direction: Direction) -> Key:
    """What was intended and done for one step in one direction."""
    return Key("state", f"INC#{incident_id}", f"STEP#{n}#{direction}")


def lock(target: str) -> Key:
    """The fenced lease on a target."""
    return Key("state", f"LCK#{target}", SOLE)


def switch(number: int) -> Key:
    """One of the kill switch's sixteen copies."""
    return Key("state", f"KIL#{number:02d}", SOLE)


def switch_of(incident_id: str) -> Key:
    """The copy of the kill switch that this incident checks; sixteen spread the transactions' conflicts."""
    return switch(_spread(incident_id, SWITCHES))


OPEN_INDEX = tuple(f"open#{number}" for number in range(OPEN_SHARDS))
"""The partitions of the index of open incidents."""


def open_shard(incident_id: str) -> str:
    """The partition of the index that an open incident is in."""
    return OPEN_INDEX[_spread(incident_id, OPEN_SHARDS)]


def record(incident_id: str, seq: int) -> Key:
    """A record of an incident's audit chain."""
    return Key("audit", f"INC#{incident_id}", seq)


def _spread(text: str, parts: int) -> int:
    return hashlib.sha256(text.encode()).digest()[0] % parts
