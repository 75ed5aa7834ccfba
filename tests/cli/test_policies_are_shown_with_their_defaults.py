"""`edsr policy show` and `list`: what is in effect, also what a file leaves out."""

from edsr.policy import Policy
from infra.config import environments
from tests.cli.commands import SOUND, edsr
from tests.policies import read


def test_every_value_is_shown_and_defaults_are_marked() -> None:
    said = edsr("policy", "show", "rollback", "--policies", SOUND, "--json").json
    policy = Policy.model_validate(read(SOUND / "rollback.json"))
    assert said["policy"] == policy.model_dump(mode="json", by_alias=True, exclude={"schema_"})
    assert {"verify.every", "respond.with"} <= set(said["defaults"])
    assert not {"safeguards.cooldown", "verify.within", "id"} & set(said["defaults"])
    assert said["digest"] == policy.digest
    assert said["playbook"]["id"] == "shift-back"


def test_a_default_is_shown_with_its_meaning() -> None:
    words = edsr("policy", "show", "rollback", "--policies", SOUND).words
    assert "verify.every PT15S default How often the probe looks." in words
    assert "tests (3); edsr policy test rollback runs them" in words


def test_the_mode_is_shown_as_each_environment_sets_it() -> None:
    said = edsr("policy", "show", "lambda-canary-rollback", "--json").json
    assert set(said["modes"]) == set(environments())


def test_a_policy_is_listed_with_who_answers_for_it() -> None:
    (one,) = edsr("policy", "list", "--policies", SOUND, "--json").json
    assert (one["id"], one["owner"], one["mode"], one["playbook"]) == ("rollback", "shop", "observe", "shift-back")
    assert "rollback observe high shift-back shop 1 policy" in edsr("policy", "list", "--policies", SOUND).words
