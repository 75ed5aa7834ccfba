"""The page of approvals in the sandbox: the deployed functions, roles and authorizer, and a stand-in for an issuer."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import urllib3

from cli.account import Account
from cli.sandbox import Sandbox
from cli.stand_in import front
from edsr.model import Kind
from tests.browsing import fields
from tests.flow.deployed import PAGE_PORT, edsr, ended, until
from tests.flow.test_people_at_the_commands import asked

pytestmark = pytest.mark.sandbox

SERVICE = "coupons"


class Browser:
    """Somebody's: it keeps cookies and signs in as whoever it is told to."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._cookies: dict[str, str] = {}
        self._pool = urllib3.PoolManager(retries=False, timeout=60)

    def ask(self, method: str, to: str, form: dict[str, str] | None = None) -> urllib3.BaseHTTPResponse:
        """One request; cookies that come are kept."""
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        body = urlencode(form).encode() if form else None
        if form:
            headers |= {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
        answer = self._pool.request(method, to, body=body, headers=headers, redirect=False)
        for cookie in answer.headers.getlist("set-cookie"):
            name, _, rest = cookie.partition("=")
            self._cookies[name] = rest.partition(";")[0]
        return answer

    def open(self, to: str) -> str:
        """Follow a link, and sign in where that is asked for."""
        for _ in range(5):
            answer = self.ask("GET", to)
            if answer.status != 303:
                assert answer.status == 200, answer.data
                return answer.data.decode()
            to = str(answer.headers["location"])
            if "/stand-in/authorize" in to:
                asks = dict(parse_qsl(urlsplit(to).query)) | {"name": self._name}
                to = f"http://localhost:{PAGE_PORT}/stand-in/enter?{urlencode(asks)}"
        raise AssertionError("it is sent in circles")


@pytest.fixture(scope="module")
def page(account: Account, sandbox: Sandbox) -> Iterator[str]:
    """Where the page is, as long as it is served."""
    with front(account, f"http://127.0.0.1:{sandbox.port}", PAGE_PORT) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://localhost:{PAGE_PORT}/approvals"
        server.shutdown()
        thread.join()


def test_a_link_a_look_and_one_form_and_the_step_is_taken_once(page: str, account: Account, home: Path) -> None:
    estate, found = asked(account, home, SERVICE)
    link = f"{page}/{found['id']}"
    browser = Browser("ann")
    shown = browser.open(link)
    assert found["digest"] in shown
    assert estate.version() == "2", "to look changes nothing"
    form = {**fields(shown), "answer": "approve", "reason": "by the page"}
    stranger = Browser("bob").ask("POST", link, form)
    assert stranger.status == 401
    assert browser.ask("POST", link, form).status == 303
    second = browser.ask("POST", link, form)
    assert (second.status, b"was sent before" in second.data) == (403, True)
    until(lambda: estate.version() == "1")
    account.client("cloudwatch").set_alarm_state(AlarmName=estate.alarm_name, StateValue="OK", StateReason="test")
    records = ended(account, SERVICE).records
    assert [record.kind for record in records].count(Kind.INTENT) == 1
    (answer,) = (record for record in records if record.body.get("answer") == "approved")
    assert answer.body["caller"] == "oidc:ann@sandbox.invalid"
    listed = json.loads(edsr(home, "approvals", "list", "--json").stdout)
    assert found["id"] not in [one["id"] for one in listed]


def test_what_the_authorizer_does_not_take_reaches_nobody(page: str) -> None:
    guarded = page.replace("/approvals", "/asked/i-" + "0" * 26)
    pool = urllib3.PoolManager(retries=False)
    for headers in ({}, {"authorization": "Bearer a.b.c"}, {"authorization": "a.b.c"}):
        answer = pool.request("GET", guarded, headers=headers)
        assert answer.status == 401, answer.data
