"""An environment's configuration is one JSON file, read strictly."""

import json
from pathlib import Path

import pytest

from edsr.model import Mode
from infra import config
from infra.config import environments, load
from infra.errors import ConfigurationInvalid


def test_dev_acts_and_the_others_only_watch() -> None:
    assert load("dev").modes == {"lambda-canary-rollback": Mode.AUTOMATIC}
    assert load("staging").modes == load("prod").modes == {}


def test_only_dev_can_be_destroyed() -> None:
    assert [name for name in environments() if load(name).destroyable] == ["dev"]


@pytest.mark.parametrize("name", environments())
def test_every_environment_says_how_often_may_be_done_what_the_protocol_says(name: str) -> None:
    rates = load(name).rates
    said = [str(rate) for rate in (rates.subject, rates.service, rates.api, rates.everywhere)]
    assert said == ["2/PT15M", "5/PT10M", "10/PT1M", "10/PT1M"]


def test_what_is_given_goes_before_what_the_file_says() -> None:
    given = load("prod", {"account": "111122223333", "region": "eu-central-1", "modes": None})
    assert (given.account, given.region, given.modes) == ("111122223333", "eu-central-1", {})
    assert load("dev", {"modes": {}}).modes == {}


def test_an_unknown_environment_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigurationInvalid, match="no environment 'test'; there are dev, prod, staging"):
        load("test")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"colour": "red"}, r"odd\.json: \$\.colour: Extra inputs"),
        ({"modes": {"x": "sometimes"}}, r"odd\.json: \$\.modes\.x: Input should be"),
        ({"account": "1"}, r"odd\.json: \$\.account: "),
        ({"rates": {"subject": "often"}}, r"odd\.json: \$\.rates\.subject: .*write how many"),
        ({"rates": {"subject": "2/PT15M", "service": "5/PT10M"}}, r"odd\.json: \$\.rates\.global: Field required"),
        ({"object-lock": {"mode": "FOREVER", "days": 1}}, r"odd\.json: \$\.object-lock\.mode: "),
    ],
)
def test_a_configuration_that_breaks_a_rule_is_refused_with_its_place(
    tmp_path: Path, said: dict[str, object], message: str
) -> None:
    whole = json.loads((config.FOLDER / "dev.json").read_text("utf-8"))
    (tmp_path / "odd.json").write_text(json.dumps(whole | said), "utf-8")
    with pytest.raises(ConfigurationInvalid, match=message):
        load("odd", folder=tmp_path)
