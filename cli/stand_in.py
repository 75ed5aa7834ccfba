"""The page of approvals in the sandbox: a STAND-IN says who people are, and believes whatever it is told.

The page, its functions, their roles and the authorizer run in the engine as they were deployed. In front of them stands
what an environment brings itself: an address that a browser finds, and an issuer, which here asks for a name alone.
"""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import urllib3
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from cli.account import Account
from cli.errors import Unavailable
from infra.parts.names import PAGE_API

HOST, PORT = "localhost", 4567
ISSUER, CLIENT = "/stand-in", "edsr-sandbox"
DOMAIN = "sandbox.invalid"
"""Of the addresses it gives: of a domain that nobody can have, so that they are nobody in any account."""

SECONDS, KEY_ID = 3600, "stand-in"
PASSED_ON = ("content-type", "cookie", "authorization", "origin", "sec-fetch-site", "user-agent")
KEPT_BACK = ("transfer-encoding", "connection", "content-length", "date", "server")

ASKS = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>STAND-IN</title></head><body>
<h1>STAND-IN: who are you?</h1><p>This is the sandbox. Nobody checks what you say here; on AWS your own issuer does.</p>
<form action="{where}">{hidden}<label>Name <input name="name" value="me" pattern="[a-z0-9.-]+"></label>
<button>Go on</button></form></body></html>"""


def sign_in(port: int = PORT) -> dict[str, str]:
    """What an environment's configuration says of it."""
    return {"issuer": f"http://{HOST}:{port}{ISSUER}", "client-id": CLIENT, "url": f"http://{HOST}:{port}"}


@dataclass
class Issuer:
    """It signs what it is told, as an issuer signs what it knows; `codes` are those it has given out."""

    address: str
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def known(self) -> dict[str, Any]:
        """Its endpoints."""
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}  # nosec B105 - a path
        return {"issuer": self.address, **{name: f"{self.address}/{path}" for name, path in places.items()}}

    def keys(self) -> dict[str, Any]:
        """Its public key."""
        said = self.key.public_key().public_numbers()
        numbers = {"n": _text(said.n.to_bytes(256, "big")), "e": _text(said.e.to_bytes(3, "big"))}
        return {"keys": [{"kty": "RSA", "kid": KEY_ID, "use": "sig", "alg": "RS256", **numbers}]}

    def asks(self, query: dict[str, str]) -> str:
        """The page that asks for a name."""
        hidden = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in query.items())
        return ASKS.format(where=escape(f"{ISSUER}/enter"), hidden=hidden)

    def enter(self, query: dict[str, str]) -> str:
        """Where a browser goes on to that has said a name."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, given: dict[str, str], now: int) -> dict[str, str]:
        """The token for a code, once, for who knows what its challenge was made of; nothing for anybody else."""
        said = self.codes.pop(given.get("code", ""), {})
        challenge = _text(hashlib.sha256(given.get("code_verifier", "").encode()).digest())
        if not said or challenge != said.get("code_challenge"):
            return {"error": "invalid_grant"}
        address = f"{said.get('name', '')}@{DOMAIN}"
        claims = {"iss": self.address, "aud": CLIENT, "sub": address, "email": address, "email_verified": True}
        claims |= {"nonce": said.get("nonce"), "iat": now, "exp": now + SECONDS}
        head = {"alg": "RS256", "typ": "JWT", "kid": KEY_ID}
        signed = ".".join(_text(json.dumps(part).encode()) for part in (head, claims))
        code = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return {"id_token": f"{signed}.{_text(code)}", "token_type": "Bearer"}  # nosec B105 - RFC 6750's word


class Front(BaseHTTPRequestHandler):
    """What a browser finds: the issuer below its own path, the deployed API everywhere else."""

    issuer: ClassVar[Issuer]
    behind: ClassVar[str]
    pool: ClassVar[urllib3.PoolManager]

    def do_GET(self) -> None:
        """Look."""
        self._answer("GET", None)

    def do_POST(self) -> None:
        """Send."""
        self._answer("POST", self.rfile.read(int(self.headers.get("content-length") or 0)))

    def log_message(self, *_: Any) -> None:
        """Say nothing: what is asked is in the engine's log."""

    def _answer(self, method: str, body: bytes | None) -> None:
        parts = urlsplit(self.path)
        if not parts.path.startswith(f"{ISSUER}/"):
            self._pass_on(method, body)
            return
        query = dict(parse_qsl(parts.query))
        match method, parts.path.removeprefix(f"{ISSUER}/"):
            case "GET", ".well-known/openid-configuration":
                self._json(self.issuer.known())
            case "GET", "jwks":
                self._json(self.issuer.keys())
            case "GET", "authorize":
                self._say(200, {"content-type": "text/html; charset=utf-8"}, self.issuer.asks(query).encode())
            case "GET", "enter" if {"redirect_uri", "state"} <= query.keys():
                self._say(303, {"location": self.issuer.enter(query)}, b"")
            case "POST", "token":
                self._json(self.issuer.token(dict(parse_qsl((body or b"").decode())), int(time.time())))
            case _:
                self._say(404, {}, b"")

    def _pass_on(self, method: str, body: bytes | None) -> None:
        headers = {name: value for name, value in self.headers.items() if name.casefold() in PASSED_ON}
        answer = self.pool.request(method, self.behind + self.path, body=body, headers=headers, redirect=False)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.casefold() not in KEPT_BACK:
                self.send_header(name, value)
        self.send_header("content-length", str(len(answer.data)))
        self.end_headers()
        self.wfile.write(answer.data)

    def _json(self, said: dict[str, Any]) -> None:
        self._say(400 if "error" in said else 200, {"content-type": "application/json"}, json.dumps(said).encode())

    def _say(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def front(account: Account, engine: str, port: int = PORT) -> ThreadingHTTPServer:
    """A server on this machine, not yet serving, for the page that is deployed behind `engine` (`http://127.0.0.1:4566`).

    Raises Unavailable when the page is not deployed, or the port is taken.
    """
    apis = account.client("apigatewayv2").get_apis()["Items"]
    found = [api["ApiId"] for api in apis if api["Name"] == PAGE_API]
    if not found:
        raise Unavailable("the page of approvals is not deployed here: `edsr down`, then `edsr up`")
    said = {
        "issuer": Issuer(f"http://{HOST}:{port}{ISSUER}"),
        "behind": f"{engine}/_aws/execute-api/{found[0]}/$default",
        "pool": urllib3.PoolManager(retries=False, timeout=30, maxsize=8),
    }
    try:
        return ThreadingHTTPServer((HOST, port), type("ThisFront", (Front,), said))
    except OSError as exc:
        raise Unavailable(f"port {port} is taken, and the page is deployed for it: {exc}") from exc


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
