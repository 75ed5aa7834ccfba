"""The boundary between the suite's functions and AWS: every call passes, is written down, and may meet a fault."""

import http.client
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from cli.gameday.faults import Faults
from cli.gameday.place import Seen
from cli.gameday.stand_ins import StandIns
from cli.gameday.trail import Event, event
from cli.gameday.wire import Asked, Call, Said, call
from cli.sandbox.engine import HOST
from edsr.ports import utc_now

SLOW_SECONDS = 5.0
POLL = 0.05
"""Seconds after which it sees that it is to stop."""

UNSAID = {"connection", "content-length", "transfer-encoding", "date", "server", "keep-alive"}
"""Headers that each hop says for itself."""


class Boundary:
    """A proxy in front of the engine, on a port of its own. `engine` gives the engine's port.

    `seen` are the calls of a day, `trail` what CloudTrail would have of them, day after day.
    """

    def __init__(self, engine: Callable[[], int], faults: Faults, stand_ins: StandIns) -> None:
        self._engine, self.faults, self._stand_ins = engine, faults, stand_ins
        self.seen: list[Seen] = []
        self.trail: list[Event] = []
        self._server = ThreadingHTTPServer((HOST, 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL,), name="boundary", daemon=True)

    @property
    def address(self) -> str:
        """Where functions find it."""
        return f"http://{HOST}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def effects(self) -> list[Seen]:
        """What hands changed, in order."""
        return [seen for seen in self.seen if seen.is_effect]

    def pass_on(self, asked: Asked) -> Said | None:
        """What the caller gets; None when the connection breaks in its place."""
        asks, began = call(asked), time.monotonic()
        fault = self.faults.meets(asks)
        if fault and fault.kind == "crash-before":
            self.faults.kill(asks.caller)
            return None
        said = (fault.answer(asks) if fault else None) or self._answer(asks, asked)
        seen = Seen(utc_now(), asks, said.status, time.monotonic() - began)
        self.seen.append(seen)
        if noted := event(seen, asked, said):
            self.trail.append(noted)
        if fault and fault.kind == "slow":
            time.sleep(SLOW_SECONDS)
        if fault and fault.kind == "crash-after":
            self.faults.kill(asks.caller)
        return None if fault and fault.kind in ("lost", "crash-after") else said

    def _answer(self, asks: Call, asked: Asked) -> Said:
        return self._stand_ins.answer(asks, asked.body) or self._forward(asked)

    def _forward(self, asked: Asked) -> Said:
        connection = http.client.HTTPConnection(HOST, self._engine(), timeout=60)
        try:
            connection.request(asked.method, asked.path, asked.body, dict(asked.headers))
            answer = connection.getresponse()
            return Said(answer.status, _said(dict(answer.getheaders())), answer.read())
        finally:
            connection.close()


def _said(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in UNSAID}


def _handler(boundary: Boundary) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """One connection of a function."""

        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            """A caller that died in the middle is no trouble of ours."""
            with suppress(ConnectionError):
                super().handle_one_request()

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items() if name.lower() != "connection"}
            said = self._ask(Asked(self.command, self.path, headers, body))
            if said is None:
                self.close_connection = True
                return
            self.send_response_only(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(said.body)

        @staticmethod
        def _ask(asked: Asked) -> Said | None:
            try:
                return boundary.pass_on(asked)
            except (OSError, http.client.HTTPException):
                return None  # the engine is being restarted: as with AWS, the connection breaks

        def log_message(self, *_: Any) -> None:
            """What passes is written down as calls, not as lines."""

    for verb in ("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"):
        setattr(Handler, f"do_{verb}", Handler._pass)  # noqa: SLF001 - the name that the library asks for
    return Handler
