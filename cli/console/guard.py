"""Who is let in: this machine by its own name, and, to change anything, a form of the console's own."""

import hashlib
import hmac
import re
import secrets
from typing import NamedTuple

from werkzeug.exceptions import BadRequest, Forbidden
from werkzeug.wrappers import Request, Response

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with less, browsers say of a form only that it is from "null"
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}")
"""Who somebody says they are: what an IAM user may be called."""


class Guard(NamedTuple):
    """The port that the console listens on, what its tokens are made with, and who asks unless a form says otherwise.

    Cookies know no ports, so theirs are named by it.
    """

    port: int
    secret: bytes
    who: str

    @property
    def hosts(self) -> frozenset[str]:
        """How a browser on this machine calls the console; a page elsewhere whose name leads here says that name."""
        return frozenset({f"127.0.0.1:{self.port}", f"localhost:{self.port}"})

    def let_in(self, request: Request) -> None:
        """Raises BadRequest for another name, and Forbidden for a change that no form of ours asks for."""
        host = request.headers.get("Host", "")
        if host not in self.hosts:
            raise BadRequest("the console answers to http://127.0.0.1 of this machine alone")
        if request.method in ("GET", "HEAD"):
            return
        if request.headers.get("Origin") != f"http://{host}":
            raise Forbidden("this was not asked from a page of the console")
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise Forbidden("this was not asked from a page of the console")
        session = request.cookies.get(self._session, "")
        if not session or not hmac.compare_digest(self._token(session), request.form.get("token", "")):
            raise Forbidden("the form is from before the console was started: go back, reload, and ask again")

    def token(self, request: Request) -> tuple[str, str]:
        """The browser's session, which is made when it has none, and the token of its forms."""
        session = request.cookies.get(self._session) or secrets.token_urlsafe(24)
        return session, self._token(session)

    def name(self, request: Request) -> str:
        """Who asks: whom the form names, else who asked last, else who started the console."""
        said = request.form.get("who") or self.known(request)
        if not NAME.fullmatch(said):
            raise BadRequest("a name has at most 64 letters, digits, dots, dashes and underscores")
        return said

    def known(self, request: Request) -> str:
        """Who asked last in this browser, else who started the console."""
        said = request.cookies.get(f"{self._session}-who", "")
        return said if NAME.fullmatch(said) else self.who

    def finish(self, request: Request, response: Response, session: str) -> Response:
        """Let every answer carry what browsers are to keep to, and what the next request is known by."""
        response.headers.update(HEADERS)
        if request.cookies.get(self._session) != session:
            response.set_cookie(self._session, session, httponly=True, samesite="Strict")
        return response

    def remember(self, response: Response, who: str) -> Response:
        """Let the next form name whom this one did."""
        response.set_cookie(f"{self._session}-who", who, httponly=True, samesite="Strict")
        return response

    @property
    def _session(self) -> str:
        return f"edsr-console-{self.port}"

    def _token(self, session: str) -> str:
        return hmac.new(self.secret, session.encode(), hashlib.sha256).hexdigest()
