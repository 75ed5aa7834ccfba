"""The page's HTML: no script, nothing from elsewhere, every word of others escaped."""

import base64
import hashlib
from collections.abc import Iterable
from typing import Any

from edsr.legible import escape

STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.3rem}h2{font-size:1rem;margin:1.4rem 0 .3rem}dt{font-weight:600}dd{margin:0 0 .5rem}"
    "dd,td,p{overflow-wrap:anywhere}li{margin:0 0 .7rem;overflow-wrap:anywhere}code{font-size:.9em}"
    "button{font:inherit;padding:.6rem 1.4rem;margin:.6rem .8rem 0 0}input[type=text]{font:inherit;width:100%;"
    "box-sizing:border-box;padding:.5rem}.note{border-left:.3rem solid #c60;padding:.3rem .8rem}"
)
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
    "permissions-policy": "interest-cohort=()",
}
"""Of every answer of the page, a redirection included."""

STANDS = {
    "PENDING": "It waits for an answer",
    "APPROVED": "It was agreed to",
    "REJECTED": "It was rejected",
    "EXPIRED": "Nobody answered in time, which means no",
    "RECOVERED": "It recovered by itself: nothing is done",
}


def frame(title: str, body: str) -> str:
    """A whole page; `body` is markup already."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body>{body}</body></html>\n"
    )


def message(title: str, text: str, again: str = "") -> str:
    """A page that only says something; `again` is a path to go on from."""
    link = f'<p><a href="{escape(again)}">Go on</a></p>' if again else ""
    return frame(title, f"<h1>{escape(title)}</h1><p>{escape(text)}</p>{link}")


def asked(told: dict[str, Any], csrf: str, at: str) -> str:
    """What a person is asked about, and the form to answer it with when it waits for them; `at` is the form's path."""
    title = f"{told['title']} ({told['severity']})"
    agreed = ", ".join(told["agreed"]) or "nobody yet"
    facts = [
        ("On", f"{told['subject']} (service {told['service'] or 'unknown'})"),
        ("Why", f"{told['about']} (policy {told['policy']}). {told['evidence']}"),
        ("Asked by", told["requester"]),
        ("Expires", f"{told['until']}; no answer in time means no"),
        ("Agreed so far", f"{agreed} ({len(told['agreed'])} of {told['need']})"),
        ("Plan", told["digest"]),
        ("Runbook", told["runbook"]),
        ("Incident", f"{told['incident']}, {told['stands']}"),
        ("You are", told["you"]),
    ]
    body = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="note">{escape(_stands(told))}</p>',
        f"<dl>{_pairs(facts)}</dl>",
        f"<h2>What would be done, before \N{RIGHTWARDS ARROW} after</h2><ol>{_steps(told['steps'])}</ol>",
        f"<h2>What the plan was held against</h2><ul>{_gates(told['gates'])}</ul>",
    ]
    return frame(title, "".join(body) + (_form(told["token"], csrf, at) if told["token"] else ""))


def _stands(told: dict[str, Any]) -> str:
    said = STANDS.get(told["state"], str(told["state"]))
    if told["rejected_by"]:
        return f"{said} by {told['rejected_by']}"
    if told["state"] == "PENDING" and not told["token"]:
        return f"{said}, but not for yours: you have answered, or the time is over"
    return said


def _pairs(facts: Iterable[tuple[str, str]]) -> str:
    return "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts)


def _steps(steps: Iterable[dict[str, Any]]) -> str:
    return "".join(f"<li>{_step(step)}</li>" for step in steps)


def _step(step: dict[str, Any]) -> str:
    back = "can be undone" if step["reversible"] else "cannot be undone"
    ends = f", ends by itself after {step['expires']} s" if step["expires"] else ""
    after = step["changes"] or f"{step['does']}{': ' if step['with'] else ''}{step['with']}"
    return (
        f"<strong>{escape(step['does'])}</strong> ({escape(step['action'])}, {escape(back + ends)})<br>"
        f"on <code>{escape(step['target'])}</code><br>"
        f"before: {escape(step['before'] or 'nothing is known')}<br>after: {escape(after)}"
    )


def _gates(gates: Iterable[dict[str, Any]]) -> str:
    return "".join(
        f"<li>{escape(row['gate'])}: {'allowed' if row['allowed'] else 'refused'}, {escape(row['reason'])}</li>"
        for row in gates
    )


def _form(token: str, csrf: str, at: str) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in (("token", token), ("csrf", csrf))
    )
    return (
        f'<form method="post" action="{escape(at)}" autocomplete="off">{hidden}'
        '<p><label for="reason">Reason, for the record</label>'
        '<input type="text" id="reason" name="reason" maxlength="256"></p>'
        '<button name="answer" value="approve">Approve this plan</button>'
        '<button name="answer" value="reject">Reject it</button></form>'
    )
