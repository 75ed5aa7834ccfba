"""The catalogue's protected resources: by ARN and what lies within, by tags, whichever service they belong to."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from edsr.policy import Service
from tests.policies import library, read, write
from tests.things import ALIAS, FUNCTION


def a_service(*protected: dict[str, Any], **changes: Any) -> Service:
    said = {"id": "ledger", "title": "Books", "owner": "books", "tier": 0, "environment": "prod"}
    reasons = [{"reason": "it is the ledger", **one} for one in protected]
    return Service.model_validate(said | {"protected": reasons} | changes)


@pytest.mark.parametrize(
    ("arn", "covered"),
    [
        (FUNCTION, True),
        (ALIAS, True),
        ("arn:aws:lambda:*:function:checkout", True),
        ("arn:aws:lambda:*:live", True),
        ("arn:aws:lambda:*", True),
        (FUNCTION[:-1], False),
        (FUNCTION + "2", False),
        ("arn:aws:lambda:*:function:ch.ckout", False),
        ("arn:aws:rds:*", False),
    ],
)
def test_an_arn_protects_what_it_names_and_what_lies_within(arn: str, covered: bool) -> None:
    assert bool(a_service({"arn": arn}).protects(ALIAS, {})) is covered


@pytest.mark.parametrize(
    ("tags", "covered"),
    [({"data": "ledger"}, True), ({"data": "ledger", "team": "books"}, True), ({"data": "cart"}, False), ({}, False)],
)
def test_tags_protect_what_has_all_of_them(tags: dict[str, str], covered: bool) -> None:
    assert bool(a_service({"tags": {"data": "ledger"}}).protects(ALIAS, tags)) is covered
    assert not a_service({"arn": "arn:aws:rds:*", "tags": {"data": "ledger"}}).protects(ALIAS, tags)


def test_what_says_neither_an_arn_nor_tags_is_no_protection() -> None:
    with pytest.raises(ValidationError, match="give an arn, or tags, or both"):
        a_service({})


def test_another_services_word_counts_and_so_do_the_tags_that_the_owner_gives(tmp_path: Path) -> None:
    known = library(tmp_path)
    assert known.protected(ALIAS) == ""
    checkout = tmp_path / "services" / "checkout.json"
    said = read(checkout)
    said["resources"] = [{"kind": "lambda:alias", "arn": ALIAS, "tags": {"data": "ledger"}}]
    write(checkout, said)
    write(tmp_path / "services" / "ledger.json", a_service({"tags": {"data": "ledger"}}).model_dump(by_alias=True))
    assert known.protected(ALIAS) == "it is the ledger (ledger)"
    assert known.protected(FUNCTION) == ""
