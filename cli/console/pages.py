"""What the pages show: each reads what the matching command reads, and changes nothing."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request

from cli import POLICIES, demotions, incidents, page, stack
from cli.chains import every as chains
from cli.console.source import Source
from cli.errors import Unavailable
from cli.policy import chosen, show
from cli.policy.effective import values
from cli.report import begin, word
from cli.scorecard import Part, scorecard
from edsr.errors import DocumentInvalid
from edsr.indicators.labels import Label
from edsr.indicators.totals import target, text
from edsr.model import UNDER_WAY, State
from edsr.policy import Library, Policy
from edsr.protocol.controls import ALL
from edsr.protocol.incident import Incident
from edsr.times import iso

SHOWN = 60
"""So many incidents are listed; `edsr incidents list` has all."""
SPANS = {"24h": "a day", "7d": "a week", "30d": "30 days"}
PERSON = (State.ASKED, State.ESCALATED, State.REVERTED, State.ABORTED)
SHOWS: dict[str, tuple[str, Callable[[Incident], bool]]] = {
    "all": ("All", lambda _: True),
    "open": ("Under way", lambda incident: page.tone(incident.state) in ("live", "wait")),
    "people": ("For people", lambda incident: incident.state in PERSON),
    "resolved": ("Resolved", lambda incident: incident.state is State.RESOLVED),
}


MEANS = {
    Label.TRUE_POSITIVE: "right: there was something to do",
    Label.FALSE_POSITIVE: "wrong: nothing was the matter",
    Label.HARMFUL: "harmful: the automation made it worse",
    Label.UNCLEAR: "unclear: nobody can say",
}


class Page(NamedTuple):
    """A template with what it shows, and after how many seconds it is looked at again."""

    template: str
    shown: dict[str, Any]
    every: int


def home(request: Request, source: Source) -> Page:
    """The incidents, the newest first, and what waits for an answer before all."""
    show_ = request.args.get("show", "all")
    if show_ not in SHOWS:
        raise NotFound
    found = incidents.every(source.account)
    kept = [one for one in found if SHOWS[show_][1](one)]
    asked = (source.question(one) for one in found if one.state is State.ASKED)
    waiting = [one for one in asked if one and one.pending]
    day = [one for one in found if one.finding.detected_at > source.clock() - timedelta(days=1)]
    shown = {
        "lines": source.lines(kept[:SHOWN]),
        "more": len(kept) - SHOWN,
        "total": len(found),
        "waiting": sorted(waiting, key=lambda one: one.until),
        "show": show_,
        "shows": [(name, title, sum(map(fits, found))) for name, (title, fits) in SHOWS.items()],
        "tones": Counter(page.tone(one.state) for one in day),
        "day": len(day),
    }
    return Page("incidents", shown, 2)


def incident(request: Request, source: Source, incident: str) -> Page:  # noqa: ARG001 - every page is asked alike
    """One incident: what happened, why, what is to be done about it, and the audit's record of all that."""
    account = source.account
    try:
        told = incidents.one(account, incident)
    except Unavailable as exc:
        raise NotFound(str(exc)) from exc
    shown = page.shown(told) | {"question": source.question(told.incident)}
    rows = (shown["decision"] or {}).get("decision", {}).get("rows", [])
    ended = told.incident.state not in UNDER_WAY
    shown["labels"] = [(one, MEANS[one]) for one in Label] if ended else []
    shown["label"] = source.label(told.incident) if ended else Label.UNCLEAR
    shown["refused"] = [row for row in rows if not row["allowed"]]
    return Page("incident", shown, 2)


def switched(request: Request, source: Source) -> Page:  # noqa: ARG001
    """The kill switch: what is stopped, and what can be."""
    return Page("switch", {"scopes": _scopes(), "ALL": ALL}, 3)


def policies(request: Request, source: Source) -> Page:  # noqa: ARG001
    """Every policy: how far it may go, and how well it has done in the last 30 days."""
    account, now = source.account, source.clock()
    card = scorecard(chains(account), now - timedelta(days=30), now)
    parts: dict[str, Part] = {part.name: part for part in card.policies}
    lowered: dict[str, list[dict[str, Any]]] = {}
    for one in demotions.every(account):
        if not one["over"]:
            lowered.setdefault(one["policy"], []).append(one)
    rows = [(one, _mode(one), lowered.get(one.id, []), parts.get(one.id)) for one in chosen.policies(POLICIES)]
    rows.sort(key=lambda row: (("automatic", "approve", "observe").index(row[1]), row[0].id))
    return Page("policies", {"rows": rows, "text": text, "environment": stack.ENVIRONMENT}, 10)


def policy(request: Request, source: Source, policy: str) -> Page:
    """One policy with everything in effect, its playbook, its figures and its latest incidents."""
    try:
        one = chosen.policy(POLICIES, policy)
    except Unavailable as exc:
        raise NotFound(str(exc)) from exc
    rows = policies(request, source).shown["rows"]
    _, mode, lowered, part = next(row for row in rows if row[0].id == one.id)
    own = [found for found in incidents.every(source.account) if found.policy.id == one.id]
    shown = {
        "policy": one,
        "mode": mode,
        "modes": show.modes(one),
        "lowered": lowered,
        "part": part,
        "values": list(values(one, without=show.APART | {"id", "title", "owner", "runbook"})),
        "playbook": chosen.playbook(POLICIES, one.respond.playbook),
        "lines": source.lines(own[:10]),
        "text": text,
    }
    return Page("policy", shown, 10)


def measures(request: Request, source: Source) -> Page:
    """M1 to M10 of a period, against their targets."""
    since = request.args.get("since", "30d")
    if since not in SPANS:
        raise NotFound
    now = source.clock()
    card = scorecard(chains(source.account), begin(since, now), now)
    shown = {"card": card, "since": since, "spans": SPANS, "text": text, "target": target, "word": word, "iso": iso}
    return Page("measures", shown, 10)


def _mode(policy: Policy) -> str:
    """How far it goes in the environment that the sandbox is."""
    return show.modes(policy)[stack.ENVIRONMENT]


def _scopes() -> list[tuple[str, list[str]]]:
    """What can be stopped, but for everything: services and policies, as they stand in the folder."""
    library = Library.at(POLICIES)
    try:
        services, known = library.services(), library.policies()
    except DocumentInvalid as exc:
        raise Unavailable(f"the policies cannot be read: {exc}") from exc
    return [
        ("One service", sorted(f"service:{one.id}" for one in services)),
        ("One policy", sorted(f"policy:{one.id}" for one in known)),
        ("Where", [f"account:{stack.ACCOUNT}", f"region:{stack.REGION}"]),
    ]
