"""What the hands of capacity and flow refuse, and why; what readers make of an estate that is not as it should be."""

from collections.abc import Callable
from typing import Any

import pytest

from act.actuators import (
    bound_group,
    flush_cache,
    limit_function,
    prewarm_function,
    retry_run,
    scale_service,
    scale_stream,
    scale_table,
    stop_database,
    stop_group,
    stop_instance,
    throttle_api,
    throttle_plan,
)
from edsr.aws.readers import (
    apigateway_stage,
    apigateway_usage_plan,
    autoscaling_group,
    cloudfront_distribution,
    dynamodb_table,
    ec2_instance,
    ecs_service_cap,
    ecs_service_size,
    kinesis_stream,
    lambda_alias_warmth,
    states_run,
)
from edsr.errors import Gone, Refused
from tests import estate
from tests.aws.capacity import PLAN, STAGE, WARM, WORKERS, function
from tests.aws.capacity import scale_service as workers
from tests.aws.capacity_stand_ins import Caches, Gateway, Runs, Warmth
from tests.aws.spare import DISTRIBUTION, RUN, STREAM, TABLE, a_group
from tests.aws.spare import scale_stream as stream
from tests.aws.spare import scale_table as table
from tests.aws.spare import stop_instance as stopping

SIZE = {"tasks": 4, "strategy": "REPLICA", "scaled": False}
SPARE = {"running": True, "environment": "test"}
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
    *(
        (guard, {"running": True, "wanted": 2, **said}, {}, f"tagged environment={called}: only what is not for")
        for guard in (stop_instance.guard, stop_database.guard, stop_group.guard)
        for said, called in (
            ({}, "nothing"),
            ({"environment": "prod"}, "prod"),
            ({"environment": "live-eu"}, "live-eu"),
        )
    ),
    (stop_instance.guard, SPARE | {"group": "web"}, {}, "is of group web, which would replace it"),
    (stop_database.guard, SPARE | {"cluster": "shop"}, {}, "is of cluster shop: RDS stops that only as a whole"),
    (bound_group.guard, {"least": 1, "most": 9}, {"least": 3, "most": 2}, "at least 3 and at most 2"),
    (bound_group.guard, {"least": 0, "most": 0}, {"least": 1, "most": 2}, "somebody has stopped it"),
    (scale_table.guard, {"scaled": True, "read": 5, "write": 5}, {"read": 9, "write": 9}, "autoscaling counts"),
    (scale_table.guard, {"scaled": False}, {"read": 9, "write": 9}, "is billed by request"),
    (scale_table.guard, {"scaled": False, "read": 10, "write": 5}, {"read": 9, "write": 9}, "9 would be less"),
    (scale_table.guard, {"scaled": True}, None, "autoscaling counts"),
    (scale_stream.guard, {}, {"shards": 4}, "is on demand"),
    (scale_stream.guard, {"shards": 5}, {"shards": 4}, "4 would be fewer"),
    (scale_stream.guard, {"shards": 4}, {"shards": 9}, "9 are more than twice as many"),
    (retry_run.guard, {"trying": False, "stuck": "it is too old"}, {}, "cannot go on: it is too old"),
    (flush_cache.guard, {}, {"paths": ["/*"]}, "never the whole cache"),
    (flush_cache.guard, {}, {"paths": ["/a", "b"]}, "b of .* only paths"),
    (flush_cache.guard, {"flushing": ["/a"]}, {"paths": ["/b"]}, "/a of .* are being thrown out already"),
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
        *((guard, SPARE, {}) for guard in (stop_instance.guard, stop_database.guard, stop_group.guard)),
        *((guard, {}, None) for guard in (stop_instance.guard, stop_database.guard, stop_group.guard)),
        (bound_group.guard, {"least": 1, "most": 9}, None),
        (scale_table.guard, {"scaled": False, "read": 9, "write": 9}, None),
        (scale_stream.guard, {"shards": 4}, {"shards": 8}),
        (scale_stream.guard, {"shards": 8}, None),
        (retry_run.guard, {"trying": False}, {}),
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


@pytest.mark.usefixtures("aws")
def test_an_instance_that_was_terminated_and_a_group_that_is_another_are_gone() -> None:
    instance = stopping().target
    estate.client("ec2").terminate_instances(InstanceIds=[instance.rsplit("/", 1)[1]])
    with pytest.raises(Gone, match="is terminated"):
        ec2_instance.observe(estate.client, instance)
    group = a_group()
    with pytest.raises(Gone, match="there is no group"):
        autoscaling_group.observe(estate.client, group.replace(":autoScalingGroup:", ":autoScalingGroup:0"))


@pytest.mark.usefixtures("aws")
def test_what_aws_counts_by_itself_is_left_out() -> None:
    table()
    estate.client("dynamodb").update_table(TableName="baskets", BillingMode="PAY_PER_REQUEST")
    assert dynamodb_table.observe(estate.client, TABLE).state == {"scaled": False}
    stream()
    mode = {"StreamMode": "ON_DEMAND"}
    estate.client("kinesis").update_stream_mode(StreamARN=STREAM, StreamModeDetails=mode)
    assert kinesis_stream.observe(estate.client, STREAM).state == {}


@pytest.mark.usefixtures("aws")
def test_a_run_says_why_it_cannot_go_on_and_one_that_is_not_known_is_gone() -> None:
    runs = Runs(RUN)
    runs.run |= {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": "it is express"}
    with runs.answering():
        assert states_run.observe(estate.client, RUN).state["stuck"] == "it is express"
        with pytest.raises(Gone):
            states_run.observe(estate.client, f"{RUN}-1")


@pytest.mark.usefixtures("aws")
def test_of_caches_that_were_never_flushed_there_is_nothing_to_see() -> None:
    with Caches().answering():
        assert cloudfront_distribution.observe(estate.client, DISTRIBUTION).state == {}
