"""Which tests go to one worker: those that share what takes long to make, so that it is made once."""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadGroupScheduling

settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")
"""No test fails because the machine is busy."""

SANDBOX = "the suite in the sandbox"
TOGETHER = {
    "tests/flow/test_in_the_sandbox.py": SANDBOX,
    "tests/flow/test_only_what_is_permitted_is_done.py": SANDBOX,
    "tests/flow/test_people_at_the_commands.py": SANDBOX,
    "tests/flow/test_what_people_decide_in_the_sandbox.py": SANDBOX,
    "tests/infra/": "what is synthesized once",
    "tests/proof/": "what is recorded once",
    "tests/tamper/": "what is tried once",
}
"""Files and folders by what they share. Marks do not reach the scheduler: of a test it knows its id alone."""


class Together(LoadGroupScheduling):  # type: ignore[misc] # xdist says no types
    """Sends what belongs together to one worker, and everything else test by test."""

    def _split_scope(self, nodeid: str) -> str:
        return next((group for path, group in TOGETHER.items() if nodeid.startswith(path)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """The scheduler of every run with workers."""
    return Together(config, log)
