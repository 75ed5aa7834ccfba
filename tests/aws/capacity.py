"""The worlds of the hands that change how much there is, and how much flows."""

from collections.abc import Callable
from typing import Any

from tests import estate
from tests.aws import spare
from tests.aws.capacity_stand_ins import Gateway, Warmth
from tests.aws.world import World

REGION, ACCOUNT = estate.REGION, estate.ACCOUNT
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
WORKERS = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/shop/checkout"
STAGE = f"arn:aws:apigateway:{REGION}::/restapis/a1b2c3d4e5/stages/prod"
PLAN = f"arn:aws:apigateway:{REGION}::/usageplans/p1q2r3"
WARM = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:checkout:live"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"


def scale_service() -> World:
    """Two workers, and more to do than they can."""
    ecs = estate.client("ecs")
    ecs.create_cluster(clusterName="shop")
    ecs.register_task_definition(family="checkout", containerDefinitions=[{"name": "c", "image": "i", "memory": 128}])
    said: dict[str, Any] = {"cluster": "shop", "serviceName": "checkout", "taskDefinition": "checkout"}
    ecs.create_service(**said, desiredCount=2)
    estate.client("sqs").create_queue(QueueName="orders")
    return World(
        "scale-service",
        WORKERS,
        ("ecs", "UpdateService"),
        {"tasks": 8},
        lambda: ecs.update_service(cluster="shop", service="checkout", desiredCount=3),
        lasts=True,
        probe=("backlog-is-drained", {"queue": QUEUE, "acceptable": 10, "worst": 100}),
    )


def throttle_api() -> World:
    """A stage that only the account limits."""
    gateway = Gateway("a1b2c3d4e5", "p1q2r3")
    return World(
        "throttle-api",
        STAGE,
        ("apigateway", "UpdateStage"),
        {"rate": 200, "burst": 100},
        lambda: gateway.settings.update({"*/*": {"throttlingRateLimit": 500.0, "throttlingBurstLimit": 900}}),
        lasts=True,
        answers=gateway.answering(),
    )


def throttle_plan() -> World:
    """A plan whose keys are not limited."""
    gateway = Gateway("a1b2c3d4e5", "p1q2r3")
    return World(
        "throttle-plan",
        PLAN,
        ("apigateway", "UpdateUsagePlan"),
        {"rate": 20, "burst": 10},
        lambda: gateway.throttle.update({"rateLimit": 50.5, "burstLimit": 100}),
        lasts=True,
        answers=gateway.answering(),
    )


def prewarm_function() -> World:
    """An alias of which nothing is kept ready."""
    function()
    warmth = Warmth()
    return World(
        "prewarm-function",
        WARM,
        ("lambda", "PutProvisionedConcurrencyConfig"),
        {"ready": 20},
        lambda: warmth.asked.update({"checkout:live": 5}),
        lasts=True,
        probe=("alias-is-warm", {"alias": WARM, "ready": 20}),
        answers=warmth.answering(),
    )


def function() -> None:
    """checkout with its alias live, unless it is there."""
    if "checkout" not in [one["FunctionName"] for one in estate.client("lambda").list_functions()["Functions"]]:
        estate.make_function("checkout", "x = 1")
        estate.make_alias("checkout", "1")


def limit_function() -> World:
    """A function that takes all that there is."""
    estate.make_function("orders", "x = 1")
    functions = estate.client("lambda")
    return World(
        "limit-function",
        FUNCTION,
        ("lambda", "PutFunctionConcurrency"),
        {"most": 5},
        lambda: functions.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=50),
        lasts=True,
        probe=("throttles-fell", {"function": FUNCTION}),
    )


def pause_consumer() -> World:
    """A function that reads a queue, and breaks what it calls."""
    estate.make_function("orders", "x = 1")
    estate.client("sqs").create_queue(QueueName="orders")
    functions = estate.client("lambda")
    made = functions.create_event_source_mapping(EventSourceArn=QUEUE, FunctionName="orders", Enabled=True)
    limit = {"MaximumConcurrency": 7}
    return World(
        "pause-consumer",
        QUEUE,
        ("lambda", "UpdateEventSourceMapping"),
        drift=lambda: functions.update_event_source_mapping(UUID=made["UUID"], ScalingConfig=limit),
        lasts=True,
    )


CAPACITY: tuple[Callable[[], World], ...] = (
    scale_service,
    throttle_api,
    throttle_plan,
    prewarm_function,
    limit_function,
    pause_consumer,
    *spare.WORLDS,
)

SELECTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "tasks-for-backlog": (
        "scale-service",
        {
            "action": "scale-service",
            "select": {
                "selector": "tasks-for-backlog",
                "with": {"service": WORKERS, "queue": QUEUE, "each": 10, "least": 4, "most": 8},
            },
            "with": {"tasks.$": "selected.tasks"},
            "lasts": "PT1H",
        },
    ),
    "tagged-nonproduction": (
        "stop-database",
        {
            "action": "stop-database",
            "select": {
                "selector": "tagged-nonproduction",
                "with": {"kind": "rds:nonproduction-db", "tags": {"environment": "test"}, "environments": ["test"]},
            },
            "lasts": "PT12H",
        },
    ),
}
"""By selector that asks AWS: the world in which it looks around, and the step that it finds the targets of."""
