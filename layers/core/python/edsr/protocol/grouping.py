"""Which incidents belong together: those of one cause as its producer says, else those of a service at one time."""

import re

from edsr.model import Finding
from edsr.times import epoch, iso, parse_epoch

BUCKET = 15 * 60
"""Seconds of a day that are one time."""

NO_SERVICE = "none"
"""What a subject without a service counts as."""

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


def group_of(found: Finding) -> str:
    """The group of a finding's incident, worked out of the finding alone, so that every copy gives the same.

    The producer's correlation id when it gave one (of a W3C traceparent its trace, which all its spans share), else
    `checkout/lambda:alias/2026-03-02T03:00:00.000Z`: the service, the kind, and the quarter of an hour it was seen in.
    """
    given = found.correlation_id
    if given != found.incident_id:
        traced = _TRACEPARENT.fullmatch(given)
        return traced[1] if traced else given
    seen = epoch(found.observed_at)
    since = iso(parse_epoch(seen - seen % BUCKET))
    return f"{found.subject.service or NO_SERVICE}/{found.subject.kind}/{since}"
