"""A policy's digest changes with what it does, defaults included, and with nothing else."""

from typing import Any

import pytest

from tests.things import a_playbook, a_policy

SAID = a_policy().model_dump(mode="json", by_alias=True)


def with_(section: str, **changes: Any) -> dict[str, Any]:
    return {section: SAID[section] | changes}


@pytest.mark.parametrize(
    "change",
    [
        {"$schema": "elsewhere"},
        {"title": "Said otherwise"},
        {"owner": "somebody-else"},
        {"runbook": "elsewhere.md"},
        {"tests": []},
    ],
    ids=lambda change: next(iter(change)),
)
def test_words_for_people_change_no_digest(change: dict[str, Any]) -> None:
    assert a_policy(**change).digest == a_policy().digest


def test_writing_a_default_down_changes_no_digest() -> None:
    shipped = {"blast-radius": {"max-targets": 1}, "error-budget": SAID["safeguards"]["error-budget"]}
    assert a_policy(safeguards=shipped).digest == a_policy().digest
    assert a_policy(safeguards={"cooldown": "PT900S", **shipped}).digest == a_policy().digest


@pytest.mark.parametrize("written", [5, 5.0, "5", "5.00"])
def test_a_number_has_one_form_however_it_is_written(written: Any) -> None:
    spared = SAID["safeguards"]["error-budget"] | {"max-burn-rate": written}
    assert a_policy(**with_("safeguards", **{"error-budget": spared})).digest == a_policy().digest


def test_the_order_of_keys_changes_no_digest() -> None:
    where = SAID["where"]
    assert a_policy(where=dict(reversed(where.items()))).digest == a_policy().digest


@pytest.mark.parametrize(
    "change",
    [
        {"id": "another"},
        with_("detect", severity="low"),
        with_("detect", source="cloudtrail"),
        with_("detect", pattern={"source": ["aws.ec2"]}),
        {"where": None},
        {"where": {"tier": [{"numeric": ["<=", 2.5]}]}},
        with_("respond", mode="observe"),
        with_("respond", playbook="another"),
        with_("respond", **{"with": {"alias": "x"}}),
        {"safeguards": {"cooldown": "PT16M", "blast-radius": {"max-targets": 1}}},
        {"safeguards": {"blast-radius": {"max-targets": 2}}},
        with_("verify", probe="another"),
        with_("verify", within="PT6M"),
        with_("verify", every="PT6S"),
        with_("verify", **{"with": {}}),
        {"on-failure": ["revert", "page"]},
    ],
    ids=str,
)
def test_whatever_it_does_is_in_the_digest(change: dict[str, Any]) -> None:
    assert a_policy(**change).digest != a_policy().digest


def test_the_same_holds_for_a_playbook() -> None:
    assert a_playbook(title="Said otherwise", owner="another", runbook="x.md").digest == a_playbook().digest
    stages = a_playbook().model_dump(mode="json", by_alias=True)["stages"]
    stages[0]["tolerate"] = 1
    assert a_playbook(stages=stages).digest != a_playbook().digest


def test_a_changed_copy_has_a_digest_of_its_own() -> None:
    policy = a_policy()
    before = policy.digest
    changed = policy.model_copy(update={"detect": policy.detect.model_copy(update={"source": "elsewhere"})})
    assert changed.digest != before
    assert policy.digest == before
