"""Notices: what people are told, as events on the suite's bus."""

from typing import Any

SOURCE, KIND = "edsr.notify", "Notice"
"""Who puts them there, and their detail type: rules, commands and the test of the channels go by these."""


def where_to_answer(page: str, incident: str) -> str:
    """How a person answers about an incident: on the page, where there is one, or by the command."""
    return f"{page}/approvals/{incident}" if page else f"edsr approvals show {incident}"


SYNTHETIC: dict[str, Any] = {
    "v": 1,
    "correlation_id": "synthetic",
    "data": {
        "notice": "n-synthetic",
        "action": "resolve",
        "level": "page",
        "group": "synthetic",
        "incidents": 0,
        "title": "a test of this channel",
        "headline": "TEST: nothing is wrong; this channel works",
        "reason": "sent once a week, and by `edsr channels test`",
        "at": "",
        "owner": "",
        "service": "",
        "source": "edsr",
        "policy": "",
        "severity": "low",
        "urgency": "info",
        "subject": "none",
        "runbook": "docs/operating.md",
        "postmortem": "none",
        "incident_id": "",
        "correlation_id": "synthetic",
        "state": "",
        "audit": "nothing to audit",
        "side_effects": "nothing was done",
        "context": "nothing was looked up",
        "answer": "none is asked for",
        "synthetic": True,
    },
}
"""The notice that proves a channel. It goes to every channel, whatever it wants, and opens nothing."""
