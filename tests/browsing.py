"""A browser, an issuer who knows everybody, and API Gateway between: what the page of approvals is tested with."""

import base64
import hashlib
import hmac
import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from approve.asked import Asks
from approve.page import Pages
from approve.signing_in import Said, Send
from edsr.declare import Function
from edsr.ports import Client
from edsr.route import through_page
from edsr.serve import Handler, Runtime
from edsr.settings import Asked, Page
from tests import estate

PAGE = "https://approvals.example.com"
ISSUER = "https://id.example.com"
SETTINGS = Page(issuer=ISSUER, client_id="edsr", page_url=PAGE)
SESSIONS = f"arn:aws:sts::{estate.ACCOUNT}"
ASKED = Asked(
    **estate.TABLES.model_dump(), route="edsr-page", page_key="edsr-page-key", claim="email", sessions=SESSIONS
)
Event = dict[str, Any]


class InvalidMac(Exception):
    """As KMS says that a code is not its own."""


class Macs:
    """KMS, as far as it signs with a key that nobody has."""

    class exceptions:  # noqa: N801 - botocore's name
        """As botocore names them."""

        KMSInvalidMacException = InvalidMac

    def generate_mac(self, *, KeyId: str, MacAlgorithm: str, Message: bytes) -> dict[str, bytes]:  # noqa: N803 - AWS's
        """As AWS answers."""
        assert (KeyId, MacAlgorithm) == (ASKED.page_key, "HMAC_SHA_256")
        return {"Mac": self._code(Message)}

    def verify_mac(self, *, KeyId: str, MacAlgorithm: str, Message: bytes, Mac: bytes) -> dict[str, bool]:  # noqa: N803
        """As AWS answers."""
        assert (KeyId, MacAlgorithm) == (ASKED.page_key, "HMAC_SHA_256")
        if not hmac.compare_digest(self._code(Message), Mac):
            raise InvalidMac
        return {"MacValid": True}

    @staticmethod
    def _code(message: bytes) -> bytes:
        return hmac.new(b"a key that nobody has", message, hashlib.sha256).digest()


def asks() -> Handler[Asked]:
    """The guarded function, whose nonces are counted."""
    numbers = count(1)
    return Handler(through_page(Asks(lambda: f"{next(numbers):032x}")), Function(settings=Asked, permissions=()))


Guarded = Callable[[Event], dict[str, Any]]
"""The function behind the authorizer, with a store and a clock."""


@dataclass
class World:
    """Everything that the page reaches: the issuer, and the guarded route; `asked` counts what came to the latter."""

    guarded: Guarded
    who: str = "ann@example.com"
    verified: bool = True
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __call__(self, sent: Send) -> Said:
        """A request of the page's, as it is answered."""
        if sent.url == f"{ISSUER}/.well-known/openid-configuration":
            known = {name: f"{ISSUER}/{name}" for name in ("authorization_endpoint", "token_endpoint")}
            return Said(200, json.dumps({"issuer": ISSUER, **known}).encode())
        if sent.url == f"{ISSUER}/token_endpoint":
            return self._token(dict(parse_qsl((sent.body or b"").decode())))
        assert sent.url.startswith(f"{PAGE}/asked/"), sent.url
        return self._gateway(sent)

    def authorize(self, url: str) -> str:
        """Whoever is at the browser signs in; gives where the browser is sent back to."""
        said = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert (said["client_id"], said["code_challenge_method"]) == ("edsr", "S256")
        code = f"code-{len(self.codes)}"
        self.codes[code] = said
        return f"{said['redirect_uri']}?{urlencode({'code': code, 'state': said['state']})}"

    def _token(self, given: dict[str, str]) -> Said:
        """Once for each code, and only to who knows what its challenge was made of."""
        said = self.codes.pop(given["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest())
        if said is None or challenge.rstrip(b"=").decode() != said["code_challenge"]:
            return Said(400, b'{"error": "invalid_grant"}')
        claims = {"iss": ISSUER, "aud": "edsr", "sub": f"sub-{self.who}", "email": self.who, "nonce": said["nonce"]}
        claims |= {"email_verified": str(self.verified).lower(), "iat": "1000", "exp": "4600"}
        part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
        token = f"head.{part}.signature-{len(self.tokens)}"
        self.tokens[token] = claims
        return Said(200, json.dumps({"id_token": token}).encode())

    def _gateway(self, sent: Send) -> Said:
        """The JWT authorizer lets in who has a token that it knows, and hands on its claims."""
        claims = self.tokens.get(sent.headers["authorization"].removeprefix("Bearer "))
        if claims is None:
            return Said(401, b'{"message":"Unauthorized"}')
        self.asked.append(sent.method)
        incident, body = sent.url.rsplit("/", 1)[1], sent.body.decode() if sent.body else None
        answer = self.guarded(guarded(sent.method, incident, claims, body))
        return Said(answer["statusCode"], answer["body"].encode())


@dataclass
class Browser:
    """One person's browser: it keeps cookies, follows links, and sends forms."""

    world: World
    cookies: dict[str, str] = field(default_factory=dict)
    pages: Pages = field(init=False)
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        numbers = count(1)
        self.pages = Pages(self.world, lambda: f"{next(numbers):043d}")

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> dict[str, Any]:
        """One request; cookies that come are kept."""
        said: dict[str, Any] = self.pages(event(method, path, body, self.cookies, self.headers | headers), RUNTIME)
        for cookie in said.get("cookies", []):
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return said

    def open(self, path: str) -> dict[str, Any]:
        """Follow a link, signing in where that is asked for."""
        answer = self.ask("GET", path)
        for _ in range(4):
            if answer["statusCode"] != 303:
                return answer
            to = answer["headers"]["location"]
            back = self.world.authorize(to) if to.startswith(ISSUER) else to
            answer = self.ask("GET", back.removeprefix(PAGE))
        raise AssertionError("it is sent in circles")

    def send(self, path: str, shown: str, answer: str = "approve", **changed: str) -> dict[str, Any]:
        """Press a button of the form that a page shows."""
        return self.ask("POST", path, urlencode({**fields(shown), "reason": "", "answer": answer, **changed}), **FORM)


def guarded(method: str, incident: str, claims: dict[str, Any], body: str | None = None) -> Event:
    """A request as API Gateway hands it on, once its authorizer has let in who asks."""
    return {
        "rawPath": f"/asked/{incident}",
        "pathParameters": {"incident": incident},
        "requestContext": {
            "apiId": ASKED.route,
            "http": {"method": method},
            "authorizer": {"jwt": {"claims": claims, "scopes": None}},
        },
        "body": body,
        "isBase64Encoded": False,
    }


FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin", "origin": "null"}


def event(method: str, path: str, body: str, cookies: dict[str, str], headers: dict[str, str]) -> Event:
    """A request as API Gateway hands it on: forms as base64."""
    parts = urlsplit(path)
    return {
        "version": "2.0",
        "rawPath": parts.path,
        "headers": headers,
        "cookies": [f"{name}={value}" for name, value in cookies.items()],
        "queryStringParameters": dict(parse_qsl(parts.query)),
        "requestContext": {"http": {"method": method, "path": parts.path}},
        "body": base64.b64encode(body.encode()).decode() if body else None,
        "isBase64Encoded": bool(body),
    }


def fields(shown: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', shown)
    return {name: html.unescape(value) for name, value in found}


def flipped(text: str) -> Iterator[str]:
    """Every text that differs in one bit, as far as it is text at all."""
    for at, character in enumerate(text):
        for bit in range(8):
            yield text[:at] + chr(ord(character) ^ (1 << bit)) + text[at + 1 :]


def clients(client: Callable[..., Client]) -> Callable[..., Client]:
    """Those of a test, and KMS of ours."""

    def made(service: str, *, mutating: bool = False) -> Client:
        return Macs() if service == "kms" else client(service, mutating=mutating)

    return made


def nothing(service: str, *, mutating: bool = False) -> Client:
    """The page may reach nothing of AWS."""
    raise AssertionError(f"the page asked for {service}, mutating={mutating}")


RUNTIME: Runtime[Page] = Runtime(SETTINGS, nothing)
