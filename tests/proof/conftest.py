"""The suite's roles, and what its handlers asked of AWS while the flows were run, both made once."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from tests.proof.calls import Call, Recorder
from tests.proof.denials import Denials
from tests.proof.explored import explored
from tests.proof.roles import Account
from tests.proof.shown import Shown
from tests.proof.shown import shown as proven
from tests.proof.stage import Stage, staged, synthesized
from tests.proof.story import Story

Telling = Callable[[], AbstractContextManager[Story]]


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    """The suite, synthesized for the account that moto has."""
    return synthesized(tmp_path_factory.mktemp("account"))


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Where stories are told."""
    with staged(tmp_path_factory.mktemp("stage")) as made:
        yield made


@pytest.fixture(scope="session")
def recorder(stage: Stage) -> Recorder:
    """Hears everything that is called in these stories."""
    return stage.recorder


@pytest.fixture(scope="session")
def calls(stage: Stage) -> list[Call]:
    """Every call of every flow."""
    return stage.flows()


@pytest.fixture(scope="session")
def asked() -> list[Call]:
    """Every call that the explorer saw a real handler make."""
    return explored()


@pytest.fixture(scope="session")
def shown(account: Account, calls: list[Call], asked: list[Call]) -> dict[str, Shown]:
    """What every role was needed for."""
    return proven(account, [*calls, *asked])


@pytest.fixture(scope="session")
def denials(stage: Stage) -> Denials:
    """Each permission taken away once."""
    return Denials(stage)


@pytest.fixture
def story(stage: Stage) -> Telling:
    """A new incident in a new account, for each time it is asked for."""
    return stage.telling
