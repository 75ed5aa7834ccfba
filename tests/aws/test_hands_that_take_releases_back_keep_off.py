"""What the hands that take releases back refuse, and what their readers make of what is not as it should be."""

from collections.abc import Callable
from typing import Any

import pytest

from act.actuators import shift_target_weights, stop_configuration, stop_deployment
from edsr.aws.readers import appconfig_environment, codedeploy_deployment_group, elasticloadbalancing_listener_rule
from edsr.errors import Gone, Refused
from tests import estate
from tests.aws.release import BLUE, ENVIRONMENT, GREEN, GROUP, RULE
from tests.aws.release_stand_ins import Configurations, Deployments, Rule, answering

SHARED = {"weights": {BLUE: 90, GREEN: 10}, "sticky": 0}
UNDER_WAY = {"deploying": True, "deployment": "d-2", "last_good": "d-1"}
STANDS = {"stands": True, "deployment": 7}

REFUSED: list[tuple[Callable[..., None], dict[str, Any], dict[str, Any], str]] = [
    (shift_target_weights.guard, SHARED, {"weights": {BLUE: 100}}, "forwards to .*blue.*green.*, not to .*blue"),
    (shift_target_weights.guard, SHARED, {"weights": {BLUE: 0, GREEN: 0}}, "no group of .* would get a request"),
    (stop_deployment.guard, UNDER_WAY, {"deployment": "d-1"}, "d-2 is deployed to .* by now, not d-1"),
    (stop_deployment.guard, {"deploying": True, "deployment": "d-2"}, {}, "nothing to roll back to"),
    (stop_configuration.guard, STANDS, {"deployment": 6}, "deployment 7 went to .* by now, not 6"),
    (stop_configuration.guard, STANDS | {"deployment": 1}, {}, "nothing to go back to"),
]


@pytest.mark.parametrize(("guard", "state", "args", "reason"), REFUSED)
def test_it_keeps_off(guard: Callable[..., None], state: dict[str, Any], args: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        guard(estate.client, "the target", state, args)


@pytest.mark.parametrize(("guard", "state"), [(stop_deployment.guard, UNDER_WAY), (stop_configuration.guard, STANDS)])
def test_what_is_under_way_is_meant_when_nothing_is_said(guard: Callable[..., None], state: dict[str, Any]) -> None:
    guard(estate.client, "the target", state, {})


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("health", "sent"),
    [
        (["healthy"], True),
        (["healthy", "unhealthy"], True),
        (["healthy", "unhealthy", "draining"], False),
        (["unhealthy"], False),
        ([], False),
    ],
)
def test_requests_are_only_sent_where_half_of_the_targets_are_well(health: list[str], sent: bool) -> None:
    rule = Rule(RULE, BLUE, GREEN)
    rule.health = {BLUE: health, GREEN: []}
    args = {"weights": {BLUE: 100, GREEN: 0}}
    with rule.answering():
        if sent:
            shift_target_weights.guard(estate.client, RULE, SHARED, args)
        else:
            with pytest.raises(Refused, match=f"of {len(health)} targets of .*blue.* are healthy"):
                shift_target_weights.guard(estate.client, RULE, SHARED, args)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("tag", "last_good"), [("blue", {BLUE: 100, GREEN: 0}), ("green", {BLUE: 0, GREEN: 100}), ("red", None)]
)
def test_last_good_is_the_group_that_the_rules_tag_names(tag: str, last_good: dict[str, int] | None) -> None:
    rule = Rule(RULE, BLUE, GREEN)
    rule.tags = [{"Key": "last-good", "Value": tag}, {"Key": "owner", "Value": "blue"}]
    with rule.answering():
        assert elasticloadbalancing_listener_rule.observe(estate.client, RULE).state.get("last_good") == last_good


@pytest.mark.usefixtures("aws")
def test_what_two_groups_could_mean_is_not_last_good() -> None:
    with Rule(RULE, BLUE, BLUE.replace("73e2", "83e2")).answering():
        assert "last_good" not in elasticloadbalancing_listener_rule.observe(estate.client, RULE).state


@pytest.mark.usefixtures("aws")
def test_a_rule_that_names_one_group_the_short_way_gives_it_everything() -> None:
    rule = Rule(RULE, BLUE, GREEN)
    rule.actions = [{"Type": "forward", "TargetGroupArn": BLUE}]
    with rule.answering():
        state = elasticloadbalancing_listener_rule.observe(estate.client, RULE).state
    assert (state["weights"], state["sticky"]) == ({BLUE: 1}, 0)


@pytest.mark.usefixtures("aws")
def test_a_rule_that_does_more_than_forward_is_left_to_people() -> None:
    rule = Rule(RULE, BLUE, GREEN)
    rule.actions.insert(0, {"Type": "authenticate-oidc", "Order": 1})
    with rule.answering(), pytest.raises(Refused, match="more than forward"):
        elasticloadbalancing_listener_rule.observe(estate.client, RULE)


@pytest.mark.usefixtures("aws")
def test_a_listeners_default_is_left_to_people() -> None:
    rule = Rule(RULE, BLUE, GREEN)
    rule.default = True
    with rule.answering(), pytest.raises(Refused, match="its listener's default"):
        elasticloadbalancing_listener_rule.observe(estate.client, RULE)


@pytest.mark.usefixtures("aws")
def test_a_rule_that_is_not_there_is_gone() -> None:
    with answering("elbv2", {"DescribeRules": lambda _: {"Rules": []}}), pytest.raises(Gone, match="there is no rule"):
        elasticloadbalancing_listener_rule.observe(estate.client, RULE)


@pytest.mark.usefixtures("aws")
def test_a_shift_leaves_nobody_stuck_to_the_group_that_is_left() -> None:
    rule = Rule(RULE, BLUE, GREEN)
    with rule.answering():
        reach = shift_target_weights.goal({"weights": {BLUE: 100, GREEN: 0}})
        shift_target_weights.apply(estate.client, RULE, reach, "", "")
        assert rule.actions[0]["ForwardConfig"]["TargetGroupStickinessConfig"] == {"Enabled": False}
        shift_target_weights.apply(estate.client, RULE, reach | {"sticky": 60}, "", "")
        kept = rule.actions[0]["ForwardConfig"]["TargetGroupStickinessConfig"]
    assert kept == {"Enabled": True, "DurationSeconds": 60}


@pytest.mark.usefixtures("aws")
def test_the_way_back_is_no_deployment_that_could_be_stopped() -> None:
    deployments = Deployments()
    deployments.begin("d-BACK00001", "codeDeployRollback")
    with deployments.answering():
        assert codedeploy_deployment_group.observe(estate.client, GROUP).revision == "d-NEW000002"
        stop_deployment.apply(estate.client, GROUP, {"deploying": False}, "d-NEW000002", "")
        assert codedeploy_deployment_group.observe(estate.client, GROUP).state["deploying"] is False


@pytest.mark.usefixtures("aws")
def test_of_two_deployments_nobody_knows_which_is_meant() -> None:
    deployments = Deployments()
    deployments.begin("d-NEW000003")
    with deployments.answering(), pytest.raises(Refused, match=r"2 deployments to .* are under way"):
        codedeploy_deployment_group.observe(estate.client, GROUP)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("state", "stands", "after"),
    [
        ("DEPLOYING", True, "ROLLED_BACK"),
        ("BAKING", True, "ROLLED_BACK"),
        ("COMPLETE", True, "REVERTED"),
        ("ROLLING_BACK", False, None),
        ("REVERTED", False, None),
    ],
)
def test_what_is_under_way_is_rolled_back_and_what_is_complete_reverted(
    state: str, stands: bool, after: str | None
) -> None:
    configurations = Configurations(state)
    with configurations.answering():
        seen = appconfig_environment.observe(estate.client, ENVIRONMENT)
        assert seen.state["stands"] is stands
        if after:
            stop_configuration.apply(estate.client, ENVIRONMENT, {"stands": False}, seen.revision, "")
            assert configurations.deployments[0]["State"] == after
            assert configurations.deployments[1]["State"] == "COMPLETE"


@pytest.mark.usefixtures("aws")
def test_where_nothing_was_deployed_nothing_stands() -> None:
    with answering("appconfig", {"ListDeployments": lambda _: {"Items": []}}):
        assert appconfig_environment.observe(estate.client, ENVIRONMENT).state == {"stands": False}


@pytest.mark.parametrize(
    ("names", "arn"),
    [
        (codedeploy_deployment_group.names, GROUP.removesuffix("/live")),
        (codedeploy_deployment_group.names, GROUP.replace(":deploymentgroup:", ":application:")),
        (appconfig_environment.names, ENVIRONMENT.partition("/environment")[0]),
        (appconfig_environment.names, f"{ENVIRONMENT}/deployment/7"),
        (appconfig_environment.names, ENVIRONMENT.replace("/environment/", "/configurationprofile/")),
    ],
)
def test_the_arn_of_something_else_is_refused(names: Callable[[str], object], arn: str) -> None:
    with pytest.raises(Refused, match="is not the ARN of"):
        names(arn)
