"""shift-alias: what it sees, when it keeps its hands off, and what it sends."""

import pytest

from act.actuators import shift_alias
from edsr.aws.readers import lambda_alias
from edsr.errors import Denied, Gone, Refused, Rejected, Transient
from edsr.ports import Client
from tests import estate
from tests.aws.services import Aliases, Deployments, refusal
from tests.things import ALIAS


class Hands:
    """Clients of a small world."""

    def __init__(self) -> None:
        self.aliases, self.deployments = Aliases(), Deployments()
        self.mutating: list[str] = []

    def __call__(self, service: str, *, mutating: bool = False) -> Client:
        """Remember who asks to change something."""
        self.mutating += [service] if mutating else []
        return {"lambda": self.aliases, "codedeploy": self.deployments}[service]


def shift(hands: Hands, to: str = "1") -> None:
    seen = lambda_alias.observe(hands, ALIAS)
    shift_alias.guard(hands, ALIAS, seen.state, {"to": to})
    shift_alias.apply(hands, ALIAS, shift_alias.goal({"to": to}), seen.revision, "token")


def test_it_sees_version_weights_description_and_the_last_good_version() -> None:
    hands = Hands()
    hands.aliases.weights = {"3": 0.1, "2": 0.025}
    seen = lambda_alias.observe(hands, ALIAS)
    assert seen.revision == "r1"
    assert seen.state == {
        "version": "2",
        "weights": {"2": 25, "3": 100},
        "description": "last-good=1",
        "last_good": "1",
    }


@pytest.mark.parametrize(
    ("description", "last_good"),
    [
        ("last-good=7", "7"),
        ("released by CI; last-good=12 (sha abc)", "12"),
        ("last-good=", None),
        ("last-good=7b", None),
        ("not-last-good=7", None),
        ("last-good=\u0667", None),
        ("", None),
    ],
)
def test_the_last_good_version_is_what_the_pipeline_wrote(description: str, last_good: str | None) -> None:
    hands = Hands()
    hands.aliases.description = description
    assert lambda_alias.observe(hands, ALIAS).state.get("last_good") == last_good


def test_shifting_clears_the_canary_and_an_undo_brings_it_back() -> None:
    hands = Hands()
    hands.aliases.weights = {"3": 0.1}
    before = lambda_alias.observe(hands, ALIAS).state
    shift(hands)
    assert (hands.aliases.version, hands.aliases.weights) == ("1", {})
    undo = {name: before[name] for name in ("version", "weights")}
    shift_alias.apply(hands, ALIAS, undo, "r2", "token")
    assert lambda_alias.observe(hands, ALIAS).state == before
    assert hands.mutating == ["lambda", "lambda"]


def test_it_keeps_its_hands_off_while_codedeploy_shifts_weights() -> None:
    hands = Hands()
    hands.aliases.weights, hands.deployments.live = {"3": 0.1}, ["d-2", "d-1"]
    with pytest.raises(Refused, match=r"has canary weights while CodeDeploy is deploying \(d-1, d-2\)"):
        shift(hands)
    assert hands.aliases.updates == []


@pytest.mark.parametrize(("weights", "live"), [({}, ["d-1"]), ({"3": 0.1}, [])])
def test_weights_alone_or_a_deployment_alone_do_not_stop_it(weights: dict[str, float], live: list[str]) -> None:
    hands = Hands()
    hands.aliases.weights, hands.deployments.live = weights, live
    shift(hands)
    assert hands.aliases.version == "1"


def test_a_stale_revision_is_refused() -> None:
    hands = Hands()
    hands.aliases.before = hands.aliases.changed_by_somebody
    with pytest.raises(Refused, match="was changed by somebody else"):
        shift(hands)


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("ResourceNotFoundException", 404, Gone),
        ("AccessDeniedException", 403, Denied),
        ("TooManyRequestsException", 429, Transient),
        ("ServiceException", 500, Transient),
        ("InvalidParameterValueException", 400, Rejected),
    ],
)
def test_aws_errors_have_our_names(code: str, status: int, error: type[Exception]) -> None:
    hands = Hands()

    def fail() -> None:
        raise refusal(code, status)

    hands.aliases.before = fail
    with pytest.raises(error, match="shifting alias live of checkout"):
        shift(hands)


def test_a_vanished_alias_is_gone() -> None:
    hands = Hands()
    hands.aliases.vanished = True
    with pytest.raises(Gone):
        lambda_alias.observe(hands, ALIAS)


@pytest.mark.parametrize(
    "arn",
    ["", "checkout:live", ALIAS.removesuffix(":live"), ALIAS + "\n", ALIAS + ":x", ALIAS.replace(":lambda:", ":ec2:")],
)
def test_what_is_no_alias_is_refused(arn: str) -> None:
    with pytest.raises(Refused, match="is not the ARN of a Lambda alias"):
        lambda_alias.names(arn)


@pytest.mark.parametrize(
    "arn", [ALIAS.replace(estate.ACCOUNT, "999999999999"), ALIAS.replace(estate.REGION, "eu-west-1")]
)
def test_the_alias_of_that_name_in_another_account_or_region_is_not_ours_to_touch(arn: str) -> None:
    with pytest.raises(Refused, match="is out of reach: what has its name here is"):
        lambda_alias.observe(Hands(), arn)


@pytest.mark.parametrize("to", ["$LATEST", "", "1 ", "1\n", "-1"])
def test_only_a_published_version_is_shifted_to(to: str) -> None:
    with pytest.raises(ValueError, match="should match pattern"):
        shift_alias.goal({"to": to})
