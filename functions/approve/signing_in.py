"""Signing in: OpenID Connect's code flow with PKCE, by a client without a secret; what comes of it is a cookie.

The token is fetched from the issuer itself, over TLS, and is believed by nobody here: API Gateway verifies it, its
signature above all, each time that it is used.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from edsr.errors import Refused, Transient
from edsr.settings import Page

SESSION, ATTEMPT = "__Host-edsr-session", "__Host-edsr-sign-in"
"""Cookies that no other host can set and no script can read. `Lax`: a link in a message finds the session, a form of
another site does not."""

GUARDED = "Path=/; Secure; HttpOnly; SameSite=Lax"
CALLBACK = "/signed-in"
MINUTES = 10
"""How long somebody may take to sign in."""

LONGEST = 3600
"""Seconds that a session lasts at most, whatever its token says."""

BYTES = 3800
"""Browsers keep no longer cookie."""

JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_ATTEMPT = re.compile(r"([\w-]{20,64})\.([\w-]{43,128})\.([\w-]{20,64})\.(i-[0-9a-f]{26})", re.ASCII)


class Said(NamedTuple):
    """What a server answered."""

    status: int
    body: bytes


class Send(NamedTuple):
    """A request to a server."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None = None


Http = Callable[[Send], Said]
Secret = Callable[[], str]


class Redirect(NamedTuple):
    """Where a browser is sent, and the cookies it is given."""

    to: str
    cookies: list[str]


class SignIn:
    """One issuer's code flow. `http` reaches it, `secret` makes what nobody guesses (43 characters)."""

    def __init__(self, settings: Page, http: Http, secret: Secret) -> None:
        self._settings, self._http, self._secret = settings, http, secret
        self._known: dict[str, str] = {}

    def begin(self, incident: str) -> Redirect:
        """To the issuer; what this browser began is in its cookie. Raises Transient."""
        state, verifier, nonce = self._secret(), self._secret(), self._secret()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asks = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.page_url + CALLBACK,
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        kept = f"{ATTEMPT}={state}.{verifier}.{nonce}.{incident}; Max-Age={60 * MINUTES}; {GUARDED}"
        return Redirect(f"{self._knows()['authorization_endpoint']}?{urlencode(asks)}", [kept])

    def end(self, query: dict[str, str], attempt: str) -> Redirect:
        """Back from the issuer, with the session's cookie. Raises Refused, Transient."""
        found = _ATTEMPT.fullmatch(attempt)
        if found is None or not hmac.compare_digest(found[1], query.get("state", "")):
            raise Refused("this browser did not begin this sign-in, or took too long: open the link again")
        if "code" not in query:
            raise Refused(f"the sign-in was not granted: {query.get('error', 'no reason was given')}")
        token = self._redeem(query["code"], found[2])
        seconds = _lasts(token, found[3])
        session = f"{SESSION}={token}; Max-Age={seconds}; {GUARDED}"
        return Redirect(
            f"{self._settings.page_url}/approvals/{found[4]}", [session, f"{ATTEMPT}=; Max-Age=0; {GUARDED}"]
        )

    def _redeem(self, code: str, verifier: str) -> str:
        said = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.page_url + CALLBACK,
            "client_id": self._settings.client_id,
            "code_verifier": verifier,
        }
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        answer = self._http(Send("POST", self._knows()["token_endpoint"], headers, urlencode(said).encode()))
        token = str(_read(answer.body).get("id_token", "")) if answer.status == 200 else ""
        if not JWT.fullmatch(token):
            raise Refused(f"the sign-in could not be ended: the issuer answered {answer.status} without a token")
        if len(token) > BYTES:
            raise Refused("the issuer's token is longer than a browser keeps: let it say less, such as no groups")
        return token

    def _knows(self) -> dict[str, str]:
        """The issuer's own endpoints, which have to be as well guarded as it is. Raises Transient."""
        if self._known:
            return self._known
        issuer = self._settings.issuer
        answer = self._http(Send("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration", {}))
        said = _read(answer.body)
        names = ("authorization_endpoint", "token_endpoint")
        safe = "https://" if issuer.startswith("https://") else issuer
        if answer.status != 200 or said.get("issuer") != issuer:
            raise Transient(f"{issuer} does not say where to sign in")
        if not all(str(said.get(name, "")).startswith(safe) for name in names):
            raise Transient(f"{issuer} names no safe place to sign in at")
        self._known = {name: str(said[name]) for name in names}
        return self._known


def csrf(session: str) -> str:
    """What only a page that was shown to this session can know: a form that says it was not made elsewhere."""
    return hashlib.sha256(b"edsr form\n" + session.encode()).hexdigest()


def _lasts(token: str, nonce: str) -> int:
    """For how many seconds the token is good; Refused for one of another sign-in."""
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        lasts, same = int(claims["exp"]) - int(claims["iat"]), hmac.compare_digest(str(claims["nonce"]), nonce)
    except (binascii.Error, ValueError, KeyError, TypeError) as exc:
        raise Refused("the issuer's token cannot be read") from exc
    if not same or lasts <= 0:
        raise Refused("the issuer's token is of another sign-in: open the link again")
    return min(lasts, LONGEST)


def _read(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
