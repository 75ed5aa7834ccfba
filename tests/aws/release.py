"""The worlds of the hands that take releases back."""

from collections.abc import Callable

from tests import estate
from tests.aws.release_stand_ins import Configurations, Deployments, Rule
from tests.aws.world import World

ACCOUNT, REGION = estate.ACCOUNT, estate.REGION
BALANCING = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
RULE = f"{BALANCING}:listener-rule/app/checkout/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee"
BLUE = f"{BALANCING}:targetgroup/blue/73e2d6bc24d8a067"
GREEN = f"{BALANCING}:targetgroup/green/1a2b3c4d5e6f7081"
GROUP = f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:deploymentgroup:web/live"
ENVIRONMENT = f"arn:aws:appconfig:{REGION}:{ACCOUNT}:application/ba8toh7/environment/pgil2o7"


def shift_target_weights() -> World:
    """One request of ten goes to green."""
    rule = Rule(RULE, BLUE, GREEN)
    return World(
        "shift-target-weights",
        RULE,
        ("elbv2", "ModifyRule"),
        {"weights": {BLUE: 100, GREEN: 0}},
        rule.tags.clear,
        answers=rule.answering(),
    )


def stop_deployment() -> World:
    """A deployment is under way."""
    deployments = Deployments()
    return World(
        "stop-deployment",
        GROUP,
        ("codedeploy", "StopDeployment"),
        {"deployment": "d-NEW000002"},
        deployments.group.clear,
        answers=deployments.answering(),
    )


def stop_configuration() -> World:
    """A configuration bakes."""
    configurations = Configurations()
    return World(
        "stop-configuration",
        ENVIRONMENT,
        ("appconfig", "StopDeployment"),
        {"deployment": 7},
        lambda: configurations.deploy(8),
        answers=configurations.answering(),
    )


RELEASE: tuple[Callable[[], World], ...] = (shift_target_weights, stop_deployment, stop_configuration)
