"""apigateway:stage - how many requests a stage of a REST API lets through."""

import re
from typing import Any

from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.errors import Refused
from edsr.ports import Clients, Observed

READER = Reader(
    resource="apigateway:stage",
    permissions=(Permission(actions=("apigateway:GET",), on="catalogue:apigateway:stage"),),
)
EVERY = "*/*"
"""The key of the settings that hold for every method without settings of its own."""

_ARN = re.compile(r"arn:[^:]+:apigateway:[a-z0-9-]+::/restapis/(?P<api>[a-z0-9]+)/stages/(?P<stage>[\w-]+)", re.ASCII)


def names(arn: str) -> tuple[str, str]:
    """API and stage of a stage's ARN, which names no account; Refused when it is not one."""
    match = _ARN.fullmatch(arn)
    if not match:
        raise Refused(f"{arn} is not the ARN of a stage of a REST API (…::/restapis/ID/stages/NAME)")
    return match["api"], match["stage"]


def observe(clients: Clients, arn: str) -> Observed:
    """`{rate?, burst?, apart}`: requests in a second and at once, as text, and the methods with limits of their own.

    What is left out is limited by the account alone; AWS says so with nothing, or with -1. Raises Gone for a stage
    that was deleted.
    """
    api, stage = names(arn)
    with named(f"reading {arn}", target=True):
        settings = clients("apigateway").get_stage(restApiId=api, stageName=stage).get("methodSettings", {})
    apart = sorted(name for name, said in settings.items() if name != EVERY and limits(said))
    return Observed({**limits(settings.get(EVERY, {})), "apart": apart})


def limits(said: dict[str, Any], rate: str = "throttlingRateLimit", burst: str = "throttlingBurstLimit") -> Any:
    """The limits that are set, as text: a rate may have a fraction."""
    found = {"rate": said.get(rate, -1), "burst": said.get(burst, -1)}
    return {name: _text(value) for name, value in found.items() if value >= 0}


def _text(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)
