"""Notices: what people are told, as events on the suite's bus."""

SOURCE, KIND = "edsr.notify", "Notice"
"""Who puts them there, and their detail type: rules, commands and the test of the channels go by these."""


def where_to_answer(page: str, incident: str) -> str:
    """How a person answers about an incident: on the page, where there is one, or by the command."""
    return f"{page}/approvals/{incident}" if page else f"edsr approvals show {incident}"
