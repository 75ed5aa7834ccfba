"""What operators say of an incident once they have looked: whether there was anything, and whether good came of it."""

from enum import StrEnum
from typing import NamedTuple

from edsr.model import AuditRecord, Kind

LABELLED = "labelled"
"""What a control record says was switched when somebody labelled an incident."""


class Label(StrEnum):
    """What it was; `unclear` takes back what was said before."""

    TRUE_POSITIVE = "true-positive"
    FALSE_POSITIVE = "false-positive"
    HARMFUL = "harmful"
    UNCLEAR = "unclear"


class Labelled(NamedTuple):
    """An incident's label, and the one that it had before."""

    incident: str
    label: Label
    was: Label


def labelled(record: AuditRecord) -> Labelled | None:
    """What a record says of a label; None when it is about something else."""
    said = record.body
    if record.kind is not Kind.CONTROL or said.get("switch") != LABELLED:
        return None
    return Labelled(said["incident"], Label(said["label"]), Label(said["was"]))
