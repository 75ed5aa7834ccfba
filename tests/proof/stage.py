"""What the stories are told on: an account each, one recorder, and a CloudFormation that takes answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import HTTPServer
from itertools import count
from pathlib import Path
from threading import Thread

import pytest

from edsr.ports import utc_now
from edsr.times import iso
from infra.app import build
from tests import estate
from tests.browsing import ISSUER
from tests.flow.conftest import on_moto
from tests.infra.reading import Assembly
from tests.proof.calls import Call, Recorder
from tests.proof.flows import FLOWS
from tests.proof.roles import Account
from tests.proof.story import Answers, Story, places


@dataclass(frozen=True)
class Stage:
    """Everything that is called in its stories is heard."""

    recorder: Recorder
    url: str
    folder: Path
    numbers: Iterator[int]

    @contextmanager
    def telling(self, *, runs: bool = False) -> Iterator[Story]:
        """A story in a new account; `runs` lets the state machine itself run its executions."""
        folder = self.folder / f"story-{next(self.numbers)}"
        with (
            pytest.MonkeyPatch.context() as patch,
            on_moto(folder / "policies", patch, runs=runs) as suite,
            self.recorder.listening(),
        ):
            places()
            story = Story(suite, self.recorder, self.url)
            with story.worlds:
                yield story

    def flows(self) -> list[Call]:
        """Every call of every flow."""
        self.recorder.calls.clear()
        for flow in FLOWS:
            self.recorder.alarmed_at = iso(utc_now())
            with self.telling(runs=flow.runs) as story:
                flow.tell(story)
        return list(self.recorder.calls)


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """A stage that keeps its documents in a folder."""
    with Recorder().attached() as recorder, _answered() as url:
        yield Stage(recorder, url, folder, count())


def synthesized(folder: Path) -> Account:
    """The suite, the page of approvals with it, synthesized for the account that moto has."""
    given = {"sign-in": {"issuer": ISSUER, "client-id": "edsr"}}
    return Account(Assembly(build(folder, "dev", account=estate.ACCOUNT, region=estate.REGION, given=given)))


@contextmanager
def _answered() -> Iterator[str]:
    """Where CloudFormation takes an answer."""
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/answer"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
