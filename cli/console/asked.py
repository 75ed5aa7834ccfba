"""What a form asks for: an answer, a label, the switch, in the same way as the commands give them."""

from typing import NamedTuple

import typer
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request

from cli import approvals, history, switch
from cli.console.source import Source
from cli.errors import Declined
from edsr.indicators.labels import Label
from edsr.protocol.approval import Answer

SAID = {
    "approved": "Agreed: it is being done now.",
    "pending": "Noted: it still waits for somebody else to agree.",
    "rejected": "Rejected: nothing is done.",
    "labelled": "Noted: the measures count it so from now on.",
    "off": "Stopped: nothing new is begun there. What is being sent this moment may still land within 30 seconds.",
    "on": "Released: automation goes on there.",
    "half": "Noted: everything stays stopped until a second person releases it, too.",
}
"""What came of it, by the word that the address of the page afterwards carries."""


class Done(NamedTuple):
    """Where to go afterwards, and what is said there."""

    path: str
    said: str


def answered(request: Request, source: Source, who: str, incident: str) -> Done:
    """Somebody agrees to the plan that they looked at, or says no. Raises Declined with the reason, Unavailable."""
    form = request.form
    word, why = form.get("answer", ""), form.get("reason", "").strip()
    if word not in ("approve", "reject"):
        raise BadRequest("an answer is approve or reject")
    if word == "reject" and not why:
        raise Declined("say why: a no is recorded with its reason")
    if not form.get("plan"):
        raise BadRequest("an answer names the plan that was looked at")
    found = approvals.answer(source.account, incident, (word, form["plan"], why), who)
    said = {Answer.APPROVED: "approved", Answer.REJECTED: "rejected"}.get(Answer(found["state"]), "pending")
    return Done(f"/incidents/{incident}", said)


def labelled(request: Request, source: Source, who: str, incident: str) -> Done:
    """Somebody says what an incident was. Raises Declined with the reason, Unavailable."""
    try:
        was = Label(request.form.get("label", ""))
    except ValueError as exc:
        raise BadRequest(f"an incident was one of {', '.join(Label)}") from exc
    history.give(source.account, incident, was, _why(request), who)
    return Done(f"/incidents/{incident}", "labelled")


def stopped(request: Request, source: Source, who: str) -> Done:
    """Somebody stops automation. Raises Declined with the reason, Unavailable."""
    form = request.form
    until, undo = form.get("until", "").strip() or None, "undo" in form
    try:
        switch.stop(source.account, form.get("scope", ""), _why(request), until, undo=undo, who=who)
    except typer.BadParameter as exc:
        raise Declined(exc.message) from exc
    return Done("/switch", "off")


def released(request: Request, source: Source, who: str) -> Done:
    """Somebody lets it go on. Raises Declined with the reason, Unavailable."""
    found = switch.release(source.account, request.form.get("scope", ""), _why(request), who)
    return Done("/switch", "on" if found["is"] == "on" else "half")


def _why(request: Request) -> str:
    why = request.form.get("reason", "").strip()
    if not why:
        raise Declined("say why: it is recorded with its reason")
    return why
