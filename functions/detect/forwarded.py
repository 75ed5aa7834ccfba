"""Forwarded: what comes over no bus of its own, as the suite's forwarder puts it on the bus `edsr`."""

from datetime import datetime
from typing import Any, NamedTuple

from detect.envelope import said
from detect.intake import Ignored, section, text
from detect.kinds import Event, instant

SUITES_LOGS = ("/aws/lambda/edsr-", "/aws/vendedlogs/states/edsr-")
"""How the names of the suite's own log groups begin."""


class Line(NamedTuple):
    """One log event: its id, by which CloudWatch Logs knows it, when it was written, where, and its text; `value` is
    what the text says, where it is a JSON object."""

    id: str
    at: datetime
    group: str
    stream: str
    filters: list[str]
    text: str
    value: dict[str, Any]


def line(event: Event) -> Line | Ignored:
    """The log event that was forwarded. Nobody vouches for who sent it: it counts for the account it was sent from."""
    owner = text(event, "detail", "owner")
    if owner != text(event, "account"):
        return Ignored(f"it is of account {owner[:64]}, which did not send it")
    group = text(event, "detail", "logGroup")
    if group.startswith(SUITES_LOGS):
        return Ignored("the suite wrote it itself")
    detail, stamp = section(event, "detail"), section(event, "detail").get("timestamp")
    number = stamp / 1000 if isinstance(stamp, int) and not isinstance(stamp, bool) and abs(stamp) < 1 << 60 else None
    filters = detail.get("subscriptionFilters")
    return Line(
        id=text(event, "detail", "id"),
        at=instant(number, "detail.timestamp / 1000"),
        group=group,
        stream=said(detail, "logStream"),
        filters=[name for name in (filters if isinstance(filters, list) else []) if isinstance(name, str)],
        text=said(detail, "message"),
        value=section(detail, "value"),
    )
