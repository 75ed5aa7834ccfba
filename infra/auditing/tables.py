"""The tables under the views, column by column: the export's lines, and what CloudTrail wrote."""

from typing import NamedTuple

from infra.auditing.queries import Query, parse

DATABASE = "edsr_audit"
WORKGROUP = "edsr-audit"

FIRST_DAY = "2026-01-01"
"""No record is older than the suite."""


class Column(NamedTuple):
    """A column and its type, in Hive's words."""

    name: str
    type: str


LINES = (Column("line", "string"),)
"""A row is a line of the export, word for word: nothing on the way can drop or reorder what was hashed."""

IDENTITY = (
    "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,"
    "sessioncontext:struct<sessionissuer:struct<type:string,principalid:string,arn:string,accountid:string,username:string>>>"
)
TRAIL = (
    Column("eventtime", "string"),
    Column("eventid", "string"),
    Column("eventsource", "string"),
    Column("eventname", "string"),
    Column("useridentity", IDENTITY),
    Column("requestparameters", "string"),
    Column("errorcode", "string"),
    Column("readonly", "string"),
)
"""What the views read of an event; its other fields are left alone."""

VIEWED = {
    "records": {"seq": "integer"},
    "calls": {},
}
"""The columns of each view that are not text."""


def columns_of(view: Query) -> list[Column]:
    """A view's columns and their types, in Trino's words."""
    kinds = VIEWED[view.name]
    return [Column(name, kinds.get(name, "varchar")) for name in parse(view.sql).named_selects]
