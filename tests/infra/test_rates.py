"""The rates of an environment reach the hands that count by them, and decide, which says so before; nobody else."""

from edsr.settings import Rated
from infra.catalogue import discover
from infra.config import load
from tests.infra.reading import Assembly

HANDS = {entry.name for entry in discover().family("act")} | {discover().stage("decide").name}
NAMES = {"EDSR_SUBJECT_RATE", "EDSR_SERVICE_RATE", "EDSR_API_RATE", "EDSR_GLOBAL_RATE"}


def environments_of(assembly: Assembly) -> dict[str, dict[str, str]]:
    functions = assembly.compute.of("AWS::Lambda::Function").values()
    return {item["FunctionName"]: item.get("Environment", {}).get("Variables", {}) for item in functions}


def test_every_hand_and_decide_read_back_the_rates_that_its_environment_is_configured_with(dev: Assembly) -> None:
    said = load("dev").rates
    assert HANDS
    for name, variables in environments_of(dev).items():
        if name in HANDS:
            read = Rated.read(variables)
            assert (read.subject_rate, read.service_rate, read.api_rate, read.global_rate) == (
                said.subject, said.service, said.api, said.everywhere,
            )  # fmt: skip


def test_nobody_else_is_told_the_rates(dev: Assembly) -> None:
    told = {name for name, variables in environments_of(dev).items() if NAMES & set(variables)}
    assert told == HANDS
