"""The console's server: on this machine alone, in this process, for as long as somebody looks."""

import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Thread

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from cli.account import Account, sandbox_account
from cli.console.guard import Guard
from cli.console.site import Site
from cli.console.source import Source
from cli.errors import Unavailable
from cli.stack import sandbox
from edsr.ports import utc_now
from infra.catalogue import discover

HOST = "127.0.0.1"
FRESH = 2.0
"""Seconds for which it is not looked again whether the sandbox still runs."""
USED = ("dynamodb", "ssm", "lambda")
"""The services that the pages ask, whose clients are made before several requests want them at once."""


class Here:
    """The sandbox that runs, as one account for all requests; Unavailable says how to start one."""

    def __init__(self) -> None:
        self._sandbox, self._port, self._looked = sandbox(), 0, 0.0
        self._account: Account | None = None
        self._lock = Lock()

    def __call__(self) -> Account:
        with self._lock:
            if self._account is None or time.monotonic() - self._looked > FRESH:
                self._account = self._look(self._account)
                self._looked = time.monotonic()
            return self._account

    def _look(self, before: Account | None) -> Account:
        """The same as before while it still runs there: to make its clients takes longer than to use them."""
        self._account = None  # also when the next lines say that none runs any more
        status = self._sandbox.status()
        if not status.running:
            raise Unavailable("No sandbox is running here.")
        if before and status.port == self._port:
            return before
        found, self._port = sandbox_account(), status.port
        for service in USED:
            found.client(service)
        return found


class Quiet(WSGIRequestHandler):
    """Says nothing of each request, and not which software answers."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: the page looks every few seconds."""

    def version_string(self) -> str:
        """Who answers."""
        return "edsr"


def listen(port: int, who: str) -> BaseWSGIServer:
    """A server that is yet to be run, on a port or, with 0, on any; Unavailable when the port is in use."""
    try:
        taken = socket.create_server((HOST, port))
    except OSError as exc:
        raise Unavailable(f"port {port} is in use: `edsr console --port 0` takes another") from exc
    discover()  # else the first page waits for it
    with taken:
        guard = Guard(taken.getsockname()[1], secrets.token_bytes(32), who)
        site = Site(Source(Here(), utc_now), guard)
        return make_server(HOST, guard.port, site, threaded=True, request_handler=Quiet, fd=taken.fileno())


def address(server: BaseWSGIServer) -> str:
    """Where a browser finds it."""
    return f"http://{HOST}:{server.port}/"


@contextmanager
def beside(port: int, who: str) -> Iterator[str]:
    """A console beside what this process does; gives its address."""
    server = listen(port, who)
    thread = Thread(target=server.serve_forever, args=(0.1,), name="console", daemon=True)
    thread.start()
    try:
        yield address(server)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
