"""A limit is `10/PT1M`: read the same wherever it is written, and refused with the reason."""

import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from edsr.limits import MOST, Limit, Rate, read
from edsr.settings import Act
from tests import estate


class Said(BaseModel):
    """Where a limit is a setting."""

    rate: Rate


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("10/PT1M", Limit(10, timedelta(minutes=1))),
        ("1/PT1S", Limit(1, timedelta(seconds=1))),
        ("2/PT15M", Limit(2, timedelta(minutes=15))),
        (f"{MOST}/P1D", Limit(MOST, timedelta(days=1))),
    ],
)
def test_a_limit_reads_back_as_it_was_written(text: str, limit: Limit) -> None:
    assert read(text) == limit == read(limit)
    assert str(limit) == text
    assert json.loads(Said(rate=limit).model_dump_json()) == {"rate": text}
    assert Said.model_validate({"rate": text}).rate == limit


@pytest.mark.parametrize(
    "text",
    ["", "10", "/PT1M", "0/PT1M", f"{MOST + 1}/PT1M", "-1/PT1M", "1.5/PT1M", "²/PT1M", "ten/PT1M", "10/", "10/minute",
     "10/PT0S", "10/-PT1M", "10/P2Y", "10/PT1M/PT1M", None, 10],
)  # fmt: skip
def test_what_is_no_limit_is_refused(text: Any) -> None:
    with pytest.raises(ValidationError):
        Said.model_validate({"rate": text})


def test_a_refusal_says_how_to_write_it() -> None:
    with pytest.raises(ValidationError, match=r"write how many \(1 to 1000\), a slash, and an ISO 8601 duration"):
        Said.model_validate({"rate": "often"})


def test_the_rates_that_act_is_given_are_those_it_reads_back() -> None:
    assert Act.read(estate.ACT.write()) == estate.ACT
    assert estate.ACT.write()["EDSR_SUBJECT_RATE"] == "2/PT15M"
