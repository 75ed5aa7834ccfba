"""Each environment is synthesized once for all tests."""

from collections.abc import Callable
from functools import cache

import pytest

from infra.app import build
from tests.infra.reading import Assembly

Synth = Callable[[str], Assembly]


@pytest.fixture(scope="session")
def synth(tmp_path_factory: pytest.TempPathFactory) -> Synth:
    @cache
    def of(environment: str) -> Assembly:
        return Assembly(build(tmp_path_factory.mktemp(environment), environment))

    return of


@pytest.fixture(scope="session")
def dev(synth: Synth) -> Assembly:
    return synth("dev")


@pytest.fixture(scope="session")
def prod(synth: Synth) -> Assembly:
    return synth("prod")
