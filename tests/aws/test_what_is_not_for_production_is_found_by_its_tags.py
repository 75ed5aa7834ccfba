"""What is found by its tags is stopped only when the catalogue, too, says that it is not for production."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edsr.errors import Refused
from edsr.policy import Library
from plan.selectors import tagged_nonproduction
from tests import estate, policies
from tests.aws.spare import DATABASE, SPARE, a_group, stop_database, stop_instance
from tests.policies import SHIPPED

ARGS = {"kind": "rds:nonproduction-db", "tags": {"environment": "test"}, "environments": ["test"]}
KINDS: list[tuple[str, Callable[[], str]]] = [
    ("ec2:nonproduction-instance", lambda: stop_instance().target),
    ("rds:nonproduction-db", lambda: stop_database().target),
    ("autoscaling:nonproduction-group", a_group),
]


def owning(folder: Path, arn: str, kind: str, environment: str) -> Library:
    """The catalogue, in which a service of an environment has it."""
    library = policies.library(folder)
    service = policies.read(SHIPPED / "services" / "shop-test.json")
    said = service | {"environment": environment, "resources": [{"kind": kind, "arn": arn}]}
    policies.write(folder / "services" / "shop-test.json", said)
    return library


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(("kind", "make"), KINDS)
def test_what_both_say_is_found(kind: str, make: Callable[[], str], tmp_path: Path) -> None:
    arn = make()
    library = owning(tmp_path / "policies", arn, kind, "test")
    assert tagged_nonproduction.select(estate.client, library, ARGS | {"kind": kind}) == {arn: {}}


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("changes", "environment", "owner"),
    [
        ({"tags": {"environment": "test", "team": "shop"}}, "test", DATABASE),
        ({"environments": ["staging"]}, "test", DATABASE),
        ({}, "prod", DATABASE),
        ({}, "test", DATABASE.replace("shop-test", "another")),
        ({"kind": "ec2:nonproduction-instance"}, "test", DATABASE),
    ],
)
def test_what_only_one_says_is_not_found(changes: dict[str, Any], environment: str, owner: str, tmp_path: Path) -> None:
    stop_database()
    library = owning(tmp_path / "policies", owner, "rds:nonproduction-db", environment)
    assert tagged_nonproduction.select(estate.client, library, ARGS | changes) == {}


@pytest.mark.parametrize("environment", ["prod", "Production", "prod-eu", "live"])
def test_production_is_never_asked_for(environment: str, library: Library) -> None:
    with pytest.raises(Refused, match="is production: nothing of it is stopped by its tags"):
        tagged_nonproduction.select(estate.client, library, ARGS | {"environments": ["test", environment]})


def test_another_kind_is_refused(library: Library) -> None:
    with pytest.raises(Refused, match="there is no s3:bucket among what is found by its tags"):
        tagged_nonproduction.select(estate.client, library, ARGS | {"kind": "s3:bucket"})


def test_the_worlds_are_tagged_as_they_are_looked_for() -> None:
    assert [{"Key": key, "Value": value} for key, value in {"environment": "test"}.items()] == SPARE
