"""The page: what a person sees who has followed a link. It may do nothing itself: it has no permission on anything.

What it shows and sends it asks through the route that API Gateway guards, with the token of whoever has signed in.
"""

import base64
import binascii
import hmac
import json
import re
import secrets
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import urllib3

from approve import view
from approve.signing_in import ATTEMPT, CALLBACK, JWT, SESSION, Http, Redirect, Said, Secret, Send, SignIn, csrf
from edsr.declare import Function
from edsr.errors import Malformed, Refused, Transient
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Page

APPROVALS = re.compile(r"/approvals/(i-[0-9a-f]{26})", re.ASCII)
SIGN_IN = re.compile(r"/sign-in/(i-[0-9a-f]{26})", re.ASCII)
BYTES = 8192
"""No form of ours is longer."""

FORM = "application/x-www-form-urlencoded"
FIELDS = ("token", "csrf", "answer", "reason")


class Came(NamedTuple):
    """A browser's request: headers in small letters, cookies by name."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    cookies: dict[str, str]
    body: str


class Pages:
    """Every path of the page. `http` reaches the issuer and the guarded route, `secret` makes what nobody guesses."""

    def __init__(self, http: Http, secret: Secret) -> None:
        self._http, self._secret = http, secret
        self._sign_ins: dict[Page, SignIn] = {}

    def __call__(self, event: Event, runtime: Runtime[Page]) -> dict[str, Any]:
        """The answer to a browser, whatever it asks for; GET changes nothing."""
        came = _came(event)
        try:
            return self._answer(came, runtime.settings)
        except (Malformed, Refused) as exc:
            runtime.log.warning("not shown", extra={"reason": str(exc)})
            return _html(403, view.message("That cannot be done", str(exc)))
        except Transient as exc:
            runtime.log.warning("not shown", extra={"reason": str(exc)})
            return _html(503, view.message("Try again in a moment", str(exc)))

    def _answer(self, came: Came, settings: Page) -> dict[str, Any]:
        if came.method == "GET" and came.path == CALLBACK:
            return _go(self._issuer(settings).end(came.query, came.cookies.get(ATTEMPT, "")))
        if came.method == "GET" and (begun := SIGN_IN.fullmatch(came.path)):
            return _go(self._issuer(settings).begin(begun[1]))
        if about := APPROVALS.fullmatch(came.path):
            return self._approval(about[1], came, settings)
        return _html(404, view.message("There is nothing here", "The link is not whole, or not one of ours."))

    def _approval(self, incident: str, came: Came, settings: Page) -> dict[str, Any]:
        """Who has not signed in is sent to do so; what they send is not taken."""
        session = came.cookies.get(SESSION, "")
        signed_in = JWT.fullmatch(session)
        match came.method:
            case "GET":
                return (
                    self._show(incident, session, settings)
                    if signed_in
                    else _go(self._issuer(settings).begin(incident))
                )
            case "POST":
                return self._send(came, incident, session, settings) if signed_in else _signed_out(incident)
        return _html(405, view.message("That cannot be done", "A page is only looked at, and a form sent."))

    def _issuer(self, settings: Page) -> SignIn:
        """Made once, so that the issuer is not asked by every scanner where one signs in."""
        return self._sign_ins.setdefault(settings, SignIn(settings, self._http, self._secret))

    def _show(self, incident: str, session: str, settings: Page) -> dict[str, Any]:
        answer = self._ask("GET", incident, session, settings)
        if answer.status != 200:
            return _failed(answer, incident)
        return _html(200, view.asked(json.loads(answer.body), csrf(session), f"/approvals/{incident}"))

    def _send(self, came: Came, incident: str, session: str, settings: Page) -> dict[str, Any]:
        form = _form(came, settings)
        if not hmac.compare_digest(form.pop("csrf", "").encode(), csrf(session).encode()):
            raise Refused("this form was not made for your session: open the page again")
        answer = self._ask("POST", incident, session, settings, json.dumps(form).encode())
        if answer.status != 200:
            return _failed(answer, incident)
        return _go(Redirect(f"{settings.page_url}/approvals/{incident}", []))

    def _ask(self, method: str, incident: str, session: str, settings: Page, body: bytes | None = None) -> Said:
        headers = {"authorization": f"Bearer {session}", "content-type": "application/json"}
        return self._http(Send(method, f"{settings.page_url}/asked/{incident}", headers, body))


def _came(event: Event) -> Came:
    said = event["requestContext"]["http"]
    headers = {name.casefold(): str(value) for name, value in (event.get("headers") or {}).items()}
    given = event.get("cookies") or headers.get("cookie", "").split(";")
    pairs = [cookie.strip().partition("=") for cookie in given]
    query = {name: str(value) for name, value in (event.get("queryStringParameters") or {}).items()}
    return Came(
        said["method"], str(event["rawPath"]), query, headers, {name: value for name, _, value in pairs}, _body(event)
    )


def _body(event: Event) -> str:
    """API Gateway hands forms on as base64. What is too long or no text is no form, and no token is in it."""
    body = str(event.get("body") or "")[: 2 * BYTES]
    if not event.get("isBase64Encoded"):
        return body
    try:
        return base64.b64decode(body, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _form(came: Came, settings: Page) -> dict[str, str]:
    """The fields of a form that this page has shown. Raises Refused."""
    site, origin = came.headers.get("sec-fetch-site", "same-origin"), came.headers.get("origin", "null")
    if site != "same-origin" or origin not in ("null", settings.page_url):
        raise Refused("this form came from another site")
    if came.headers.get("content-type", "").partition(";")[0].strip() != FORM or len(came.body) > BYTES:
        raise Refused("this is no form of this page")
    pairs = parse_qsl(came.body, keep_blank_values=True)
    if sorted(name for name, _ in pairs) != sorted(FIELDS):
        raise Refused("this is no form of this page")
    return dict(pairs)


def _failed(answer: Said, incident: str) -> dict[str, Any]:
    """What the guarded route said, in its own words where it has some."""
    if answer.status == 401:
        return _signed_out(incident)
    try:
        why = str(json.loads(answer.body)["error"])
    except (ValueError, KeyError, TypeError):
        why = f"the suite answered {answer.status}"
    again = f"/approvals/{incident}"
    return _html(answer.status if 400 <= answer.status < 600 else 502, view.message("Not done", why, again))


def _signed_out(incident: str) -> dict[str, Any]:
    said = view.message("You are not signed in", "Or your sign-in has ended: nothing was done.", f"/sign-in/{incident}")
    return _html(401, said)


def _html(status: int, body: str) -> dict[str, Any]:
    return {"statusCode": status, "headers": view.HEADERS, "body": body}


def _go(where: Redirect) -> dict[str, Any]:
    return {"statusCode": 303, "headers": {**view.HEADERS, "location": where.to}, "cookies": where.cookies, "body": ""}


@cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=3, read=15))


def send(asked: Send) -> Said:
    """As it is really sent: never redirected, never tried again, a few seconds at most. Raises Transient."""
    try:
        answer = _pool().request(asked.method, asked.url, body=asked.body, headers=asked.headers, redirect=False)
    except urllib3.exceptions.HTTPError as exc:
        raise Transient(f"{asked.url.partition('?')[0]} cannot be reached") from exc
    return Said(answer.status, answer.data)


def secret() -> str:
    """43 characters that nobody guesses, as PKCE wants them."""
    return secrets.token_urlsafe(32)


handler = Handler(Pages(send, secret), Function(settings=Page, permissions=(), sdk=True))
