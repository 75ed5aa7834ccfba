"""AWS clients: one for each use in the life of a process, and one attempt only where a second could double an act."""

import pytest

from edsr.aws.clients import client

pytestmark = pytest.mark.usefixtures("aws")


def test_a_client_that_mutates_makes_one_attempt_with_short_timeouts() -> None:
    config = client("lambda", mutating=True).meta.config
    assert config.retries["total_max_attempts"] == 1
    assert (config.connect_timeout, config.read_timeout) == (2, 5)


def test_a_client_that_reads_tries_three_times() -> None:
    config = client("lambda").meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 3}


def test_a_client_is_made_once_for_each_use() -> None:
    assert client("lambda") is client("lambda")
    assert client("lambda") is not client("lambda", mutating=True)
