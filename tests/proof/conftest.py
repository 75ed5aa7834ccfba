"""The suite's roles, and what its handlers asked of AWS while the flows were run, both made once."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from infra.app import build
from tests import estate
from tests.flow.conftest import on_moto
from tests.infra.reading import Assembly
from tests.proof.calls import Call, Recorder
from tests.proof.flows import FLOWS
from tests.proof.roles import Account
from tests.proof.story import Answers, Story, places

Telling = Callable[[], AbstractContextManager[Story]]


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    """The suite, synthesized for the account that moto has."""
    folder = tmp_path_factory.mktemp("account")
    return Account(Assembly(build(folder, "dev", account=estate.ACCOUNT, region=estate.REGION)))


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """Where CloudFormation takes an answer."""
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/answer"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def recorder() -> Iterator[Recorder]:
    """Hears everything that is called in these stories."""
    with Recorder().attached() as attached:
        yield attached


@pytest.fixture(scope="session")
def calls(recorder: Recorder, url: str, tmp_path_factory: pytest.TempPathFactory) -> list[Call]:
    """Every call of every flow."""
    recorder.calls.clear()
    for flow in FLOWS:
        with telling(recorder, url, tmp_path_factory.mktemp(flow.name), runs=flow.runs) as story:
            flow.tell(story)
    return list(recorder.calls)


@pytest.fixture
def story(recorder: Recorder, url: str, tmp_path_factory: pytest.TempPathFactory) -> Telling:
    """A new incident in a new account, for each time it is asked for."""
    return lambda: telling(recorder, url, tmp_path_factory.mktemp("story"))


@contextmanager
def telling(recorder: Recorder, url: str, folder: Path, *, runs: bool = False) -> Iterator[Story]:
    """A story in an account of its own."""
    with (
        pytest.MonkeyPatch.context() as patch,
        on_moto(folder / "policies", patch, runs=runs) as suite,
        recorder.listening(),
    ):
        places()
        yield Story(suite, recorder, url)
