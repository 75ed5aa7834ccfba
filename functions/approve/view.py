"""The page's HTML: no script, nothing from elsewhere, every word of others escaped."""

import base64
import hashlib
from collections.abc import Iterable
from typing import Any

from edsr.legible import escape

STYLE = """\
:root { color-scheme: light dark; --paper: #fbfaf7; --card: #fff; --ink: #1c2430; --soft: #5d6878; --line: #dfe3e8;
  --yes: #1c7c4a; --no: #b3261e; --wait: #8a5a00; --on: #fff; }
@media (prefers-color-scheme: dark) { :root { --paper: #12161c; --card: #1a2029; --ink: #e7ebf0; --soft: #9aa7b6;
  --line: #2c3541; --yes: #58c98b; --no: #ff8a80; --wait: #f0b45a; --on: #10151b; } }
* { box-sizing: border-box; overflow-wrap: anywhere; }
body { margin: 0 auto; max-width: 44rem; padding: 1rem 1rem 3rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.35rem; line-height: 1.3; margin: .2rem 0; } h2 { font-size: 1rem; margin: 1.8rem 0 .5rem; }
.note { color: var(--wait); font-weight: 600; margin: 0; } .soft { color: var(--soft); margin: .3rem 0; }
ol, dl, form, details { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; margin: 0; }
ol { list-style: none; padding: 0; } ol li { padding: .9rem 1rem; border-bottom: 1px solid var(--line); }
ol li:last-child { border-bottom: 0; } .change { font-size: 1.15rem; font-weight: 600; margin: .3rem 0; }
code { font: .85em ui-monospace, Consolas, monospace; }
dl { display: grid; grid-template-columns: 6.5rem 1fr; gap: .4rem 1rem; padding: 1rem; } dd { margin: 0; }
dt { color: var(--soft); } form { padding: 1rem; margin-top: 1rem; } label { display: block; }
input[type=text] { font: inherit; width: 100%; padding: .55rem; margin: .3rem 0 1rem; background: var(--paper);
  color: inherit; border: 1px solid var(--soft); border-radius: .4rem; }
button { font: inherit; font-weight: 600; padding: .8rem 1.2rem; border-radius: .5rem; border: 2px solid var(--yes);
  background: var(--yes); color: var(--on); margin: 0 .6rem .4rem 0; }
button[value=reject] { background: transparent; border-color: var(--no); color: var(--no); }
details { margin-top: 1rem; padding: .7rem 1rem; } details ul { padding-left: 1.1rem; } a { color: inherit; }
"""
"""On a phone, at night, what would be changed comes first and is the largest; the same colours as the console's."""

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

ARROW = "\N{RIGHTWARDS ARROW}"
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
    agreed = ", ".join(told["agreed"]) or "nobody yet"
    facts = [
        ("Why", f"{told['about']} (policy {told['policy']}). {told['evidence']}"),
        ("On", f"{told['subject']} (service {told['service'] or 'unknown'})"),
        ("Asked by", told["requester"]),
        ("Expires", f"{told['until']}; no answer in time means no"),
        ("Agreed so far", f"{agreed} ({len(told['agreed'])} of {told['need']})"),
        ("You are", told["you"]),
    ]
    record = [
        ("Plan", told["digest"]),
        ("Incident", f"{told['incident']}, {told['stands']}"),
        ("Runbook", told["runbook"]),
    ]
    body = [
        f'<p class="note">{escape(_stands(told))}</p>',
        f"<h1>{escape(told['title'])}</h1>",
        f'<p class="soft">{escape(told["severity"])}, {escape(told["service"] or "no known service")}</p>',
        f"<h2>What would be done, before {ARROW} after</h2><ol>{_steps(told['steps'])}</ol>",
        f"<h2>Why, and until when</h2><dl>{_pairs(facts)}</dl>",
        _form(told["token"], csrf, at) if told["token"] else "",
        f"<h2>For the record</h2><dl>{_pairs(record)}</dl>",
        f"<details><summary>What the plan was held against</summary><ul>{_gates(told['gates'])}</ul></details>",
    ]
    return frame(told["title"], "".join(body))


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
    ends = f", ends by itself after {step['expires']} s" if step["expires"] else ""
    back = f"{'can' if step['reversible'] else 'cannot'} be undone{ends}"
    return (
        f'{escape(step["does"])}<p class="change">{escape(_change(step))}</p>'
        f'<code>{escape(step["target"])}</code><p class="soft">{escape(step["action"])}, {escape(back)}</p>'
    )


def _change(step: dict[str, Any]) -> str:
    """Before and after; where that is not known beforehand, what is there now and what the action is told."""
    if step["changes"]:
        return str(step["changes"]).replace(" -> ", f" {ARROW} ")
    return f"now {step['before'] or 'unknown'}; it is told {step['with'] or 'nothing more'}"


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
        '<label for="reason">Reason, for the record</label>'
        '<input type="text" id="reason" name="reason" maxlength="256">'
        '<button name="answer" value="approve">Approve this plan</button>'
        '<button name="answer" value="reject">Reject it</button></form>'
    )
