"""What the hands of capacity and flow refuse, and why; what readers make of an estate that is not as it should be."""

from collections.abc import Callable
from typing import Any

import pytest

from act.actuators import limit_function, prewarm_function, scale_service, throttle_api, throttle_plan
from edsr.aws.readers import (
    apigateway_stage,
    apigateway_usage_plan,
    ecs_service_cap,
    ecs_service_size,
    lambda_alias_warmth,
)
from edsr.errors import Gone, Refused
from tests import estate
from tests.aws.capacity import PLAN, STAGE, WARM, WORKERS, function
from tests.aws.capacity import scale_service as workers
from tests.aws.capacity_stand_ins import Gateway, Warmth

SIZE = {"tasks": 4, "strategy": "REPLICA", "scaled": False}
LIMITS = {"rate": "500.5", "burst": "900", "apart": []}

REFUSED: list[tuple[Callable[..., None], dict[str, Any], dict[str, Any] | None, str]] = [
    (scale_service.guard, SIZE | {"strategy": "DAEMON"}, {"tasks": 8}, "one task on each instance"),
    (scale_service.guard, SIZE | {"scaled": True}, {"tasks": 8}, "autoscaling counts the tasks"),
    (scale_service.guard, SIZE | {"scaled": True}, None, "autoscaling counts the tasks"),
    (scale_service.guard, SIZE, {"tasks": 3}, "3 would not be more"),
    (throttle_api.guard, LIMITS | {"apart": ["orders/POST"]}, {"rate": 9, "burst": 9}, "orders/POST .* of their own"),
    (throttle_api.guard, LIMITS, {"rate": 501, "burst": 9}, "501 would let more through"),
    (throttle_api.guard, LIMITS, {"rate": 9, "burst": 901}, "901 would let more through"),
    (throttle_plan.guard, LIMITS, {"rate": 501, "burst": 9}, "501 would let more through"),
    (prewarm_function.guard, {"scaled": True}, {"ready": 5}, "autoscaling counts what is kept ready"),
    (prewarm_function.guard, {"scaled": False, "ready": 9}, {"ready": 5}, "5 would not be more"),
    (limit_function.guard, {"most": 5}, {"most": 6}, "6 would be more"),
]


@pytest.mark.parametrize(("guard", "state", "args", "reason"), REFUSED)
def test_it_keeps_off(
    guard: Callable[..., None], state: dict[str, Any], args: dict[str, Any] | None, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        guard(estate.client, "the target", state, args)


@pytest.mark.parametrize(
    ("guard", "state", "args"),
    [
        (scale_service.guard, SIZE, None),
        (throttle_api.guard, LIMITS | {"apart": ["orders/POST"]}, None),
        (throttle_plan.guard, LIMITS, None),
        (throttle_plan.guard, {}, {"rate": 1, "burst": 1}),
        (prewarm_function.guard, {"scaled": False, "ready": 9}, None),
        (limit_function.guard, {}, {"most": 6}),
        (limit_function.guard, {"most": 5}, None),
    ],
)
def test_it_may_be_done_or_undone(
    guard: Callable[..., None], state: dict[str, Any], args: dict[str, Any] | None
) -> None:
    guard(estate.client, "the target", state, args)


@pytest.mark.parametrize(
    ("settings", "state"),
    [
        ({}, {"apart": []}),
        ({"*/*": {"throttlingRateLimit": -1.0, "throttlingBurstLimit": -1}}, {"apart": []}),
        ({"*/*": {"throttlingRateLimit": 0.0}}, {"rate": "0", "apart": []}),
        ({"*/*": {"throttlingRateLimit": 0.5, "throttlingBurstLimit": 3}}, {"rate": "0.5", "burst": "3", "apart": []}),
        ({"a/GET": {"throttlingRateLimit": 5.0}, "b/GET": {"cachingEnabled": True}}, {"apart": ["a/GET"]}),
    ],
)
@pytest.mark.usefixtures("aws")
def test_a_limit_that_is_none_is_left_out(settings: dict[str, Any], state: dict[str, Any]) -> None:
    gateway = Gateway("a1b2c3d4e5", "p1q2r3")
    gateway.settings = settings
    with gateway.answering():
        assert apigateway_stage.observe(estate.client, STAGE).state == state


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("observe", "arn"),
    [
        (apigateway_stage.observe, STAGE.replace("a1b2c3d4e5", "ffffffffff")),
        (apigateway_usage_plan.observe, PLAN.replace("p1q2r3", "ffffff")),
        (ecs_service_size.observe, WORKERS.replace("checkout", "basket")),
    ],
)
def test_what_is_not_there_is_gone(observe: Callable[..., Any], arn: str) -> None:
    workers()
    with Gateway("a1b2c3d4e5", "p1q2r3").answering(), pytest.raises(Gone):
        observe(estate.client, arn)


@pytest.mark.parametrize("arn", ["", WORKERS, f"{STAGE}\n", STAGE.replace("::", f":{estate.ACCOUNT}:"), f"{PLAN}/keys"])
@pytest.mark.parametrize("named", [apigateway_stage.names, apigateway_usage_plan.plan_of])
def test_an_arn_of_something_else_is_refused(named: Callable[[str], Any], arn: str) -> None:
    with pytest.raises(Refused, match="is not the ARN of a"):
        named(arn)


@pytest.mark.usefixtures("aws")
def test_what_autoscaling_counts_is_seen() -> None:
    function()
    workers()
    scaling = estate.client("application-autoscaling")
    bounds = {"MinCapacity": 1, "MaxCapacity": 9}
    for what, resource in (
        (ecs_service_cap.WHAT, "service/shop/checkout"),
        (lambda_alias_warmth.WHAT, "function:checkout:live"),
    ):
        scaling.register_scalable_target(ResourceId=resource, **what, **bounds)
    with Warmth().answering():
        assert lambda_alias_warmth.observe(estate.client, WARM).state == {"scaled": True}
    assert ecs_service_size.observe(estate.client, WORKERS).state == {
        "tasks": 2,
        "strategy": "REPLICA",
        "scaled": True,
    }
