"""The console as a WSGI application: which address is which page, and what is said when it cannot be shown."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from cli.console import asked, pages
from cli.console.guard import Guard
from cli.console.source import Source
from cli.errors import Declined, Unavailable
from cli.page import TEMPLATES
from edsr.errors import EdsrError

PAGES: dict[str, Callable[..., pages.Page]] = {
    "/": pages.home,
    "/incidents/<incident>": pages.incident,
    "/policies": pages.policies,
    "/policies/<policy>": pages.policy,
    "/measures": pages.measures,
    "/switch": pages.switched,
}
FORMS: dict[str, tuple[Callable[..., asked.Done], str]] = {
    "/incidents/<incident>/answer": (asked.answered, "/incidents/<incident>"),
    "/incidents/<incident>/label": (asked.labelled, "/incidents/<incident>"),
    "/switch/off": (asked.stopped, "/switch"),
    "/switch/on": (asked.released, "/switch"),
}
"""What a form asks for, and the page that it stands on, which is shown again when it is not done."""
FILES = {"/console.css": "text/css", "/console.js": "text/javascript", "/icon.svg": "image/svg+xml"}
LARGEST = 16 * 1024


class Site:
    """Answers the browser. What an event says reaches a page only as text: templates escape all of it."""

    def __init__(self, source: Source, guard: Guard) -> None:
        self._source, self._guard = source, guard
        self._pages = Map([Rule(path, endpoint=path, methods=["GET"]) for path in (*PAGES, *FILES)])
        self._forms = Map([Rule(path, endpoint=path, methods=["POST"]) for path in FORMS])
        self._files = {path: TEMPLATES.get_template(f"console{path}").render().encode() for path in FILES}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """WSGI."""
        request = Request(environ)
        request.max_content_length = LARGEST
        session, token = self._guard.token(request)
        try:
            self._guard.let_in(request)
            answer = self._form(request, token) if request.method == "POST" else self._get(request, token)
        except HTTPException as exc:
            answer = self._problem(request, token, exc.code or 500, exc.name, exc.description or "")
        return self._guard.finish(request, answer, session)(environ, start_response)

    def _get(self, request: Request, token: str) -> Response:
        path, given = self._pages.bind_to_environ(request.environ).match()
        if path in FILES:
            return Response(self._files[path], content_type=FILES[path])
        return self._page(request, token, path, given)

    def _form(self, request: Request, token: str) -> Response:
        path, given = self._forms.bind_to_environ(request.environ).match()
        do, page = FORMS[path]
        who = self._guard.name(request)
        try:
            done = do(request, self._source, who, **given)
        except Declined as exc:
            return self._page(request, token, page, given, wrong=str(exc))
        except (EdsrError, ClientError, BotoCoreError) as exc:
            return self._problem(request, token, 503, "Not sure that it was done", f"{exc}. Look, then ask again.")
        answer = Response(status=303, headers={"Location": f"{done.path}?said={done.said}"})
        return self._guard.remember(answer, who)

    def _page(self, request: Request, token: str, path: str, given: Mapping[str, Any], wrong: str = "") -> Response:
        try:
            page = PAGES[path](request, self._source, **given)
            frame = self._frame(request, token) | {"stopped": self._source.stopped()}
            if wrong:
                frame |= {"wrong": wrong, "typed": request.form}
        except Unavailable as exc:
            return self._problem(request, token, 503, "Nothing to look at yet", str(exc))
        except (EdsrError, ClientError, BotoCoreError) as exc:
            return self._problem(request, token, 503, "The sandbox does not answer", str(exc))
        html = TEMPLATES.get_template(f"console/{page.template}.html.j2").render(
            **page.shown, **frame, every=0 if wrong else page.every
        )
        return Response(html, status=409 if wrong else 200, content_type="text/html; charset=utf-8")

    def _problem(self, request: Request, token: str, status: int, what: str, why: str) -> Response:
        shown = self._frame(request, token) | {"what": what, "why": why, "status": status, "stopped": None}
        html = TEMPLATES.get_template("console/problem.html.j2").render(**shown, every=3 if status == 503 else 0)
        return Response(html, status=status, content_type="text/html; charset=utf-8")

    def _frame(self, request: Request, token: str) -> dict[str, Any]:
        """What stands around every page."""
        return {
            "token": token,
            "who": self._guard.known(request),
            "said": asked.SAID.get(request.args.get("said", "")),
            "path": request.path,
            "typed": {},
            "wrong": "",
            "now": self._source.clock(),
        }
