"""Logs: a line that a subscription filter of CloudWatch Logs lets through is a finding about who wrote it."""

from datetime import datetime
from typing import Any

from detect.envelope import Seen, arn, said, told
from detect.forwarded import Line, line
from detect.intake import Ignored, intake
from detect.kinds import TEAMS, Event, Kind, read
from edsr.declare import Detector
from edsr.errors import Malformed
from edsr.model import Finding
from edsr.policy import Policy
from edsr.signal import LOG_EVENT

WRITERS = {
    "/aws/lambda/": ("lambda", "function:{}", "lambda:function"),
    "/aws/codebuild/": ("codebuild", "project/{}", "codebuild:project"),
    "/aws/vendedlogs/states/": ("states", "stateMachine:{}", "states:stateMachine"),
}
"""Whose name a log group's name ends with."""


def detect(event: dict[str, Any], policy: Policy, now: datetime) -> Finding | Ignored:
    """A Finding for one line; the id that CloudWatch Logs gave it is the episode, however often it is delivered."""
    return told(read(event, KINDS), event, policy, now, DETECTOR.source)


def _line(event: Event) -> Seen | Ignored:
    found = line(event)
    if isinstance(found, Ignored):
        return found
    if not found.filters:
        raise Malformed("the line names no filter that let it through")
    about, kind = _writer(found, event)
    words = next(filter(None, (said(found.value, name) for name in ("message", "msg", "type"))), found.text)
    return Seen(
        arn=about,
        kind=kind,
        condition=found.filters[0],
        episode=found.id,
        at=found.at,
        title=f"{found.filters[0]}: {next(iter(words.splitlines()), '')[:256]}",
        evidence={
            "group": found.group,
            "stream": found.stream,
            "message": found.text,
            "level": said(found.value, "level"),
        },
    )


def _writer(found: Line, event: Event) -> tuple[str, str]:
    """The function, project or machine whose log it is; else the log group."""
    for begin, (service, resource, kind) in WRITERS.items():
        name = found.group.removeprefix(begin)
        if name != found.group and name and "/" not in name:
            return arn(event, service, resource.format(name)), kind
    return arn(event, "logs", f"log-group:{found.group}"), "logs:log-group"


KINDS = {LOG_EVENT: Kind(TEAMS, _line)}

DETECTOR = Detector(
    source="logs",
    title="Lines of CloudWatch Logs that a subscription filter lets through, each forwarded as an event",
    detail_types=tuple(KINDS),
    delivery="durable",
    forwarded=tuple(KINDS),
)
handler = intake(DETECTOR, detect)
