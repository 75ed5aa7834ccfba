"""lambda:alias - how many environments of an alias are kept ready, and whether another hand counts them."""

from typing import Any

from edsr.aws.faults import named
from edsr.aws.readers import ecs_service_cap, lambda_alias
from edsr.declare import Permission, Reader
from edsr.ports import Client, Clients, Observed

READER = Reader(
    resource="lambda:alias",
    permissions=(
        Permission(actions=("lambda:GetProvisionedConcurrencyConfig",), on="catalogue:lambda:alias"),
        *ecs_service_cap.READER.permissions,
    ),
)
WHAT = {"ServiceNamespace": "lambda", "ScalableDimension": "lambda:function:ProvisionedConcurrency"}


def observe(clients: Clients, arn: str) -> Observed:
    """`{ready?, scaled}`: how many were asked for, and whether autoscaling moves the number.

    How many are ready by now moves by itself, and is for a probe. Raises Gone for a function or an alias that was
    deleted; Lambda is asked by the ARN, so that another account's or Region's is none.
    """
    function, alias = lambda_alias.names(arn)
    state: dict[str, Any] = {}
    whose = {"FunctionName": arn.removesuffix(f":{alias}"), "Qualifier": alias}
    client: Client = clients("lambda")
    with named(f"reading how much of {arn} is kept ready", target=True):
        try:
            said = client.get_provisioned_concurrency_config(**whose)
        except client.exceptions.ProvisionedConcurrencyConfigNotFoundException:
            said = {}
    if asked := said.get("RequestedProvisionedConcurrentExecutions"):
        state["ready"] = asked
    with named(f"looking for who scales {arn}"):
        answer = clients("application-autoscaling").describe_scalable_targets(
            ResourceIds=[f"function:{function}:{alias}"], **WHAT
        )
    return Observed({**state, "scaled": bool(answer["ScalableTargets"])})
