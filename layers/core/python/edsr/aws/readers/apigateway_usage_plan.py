"""apigateway:usage-plan - how many requests the keys of a usage plan may make."""

import re

from edsr.aws.faults import named
from edsr.aws.readers.apigateway_stage import limits
from edsr.declare import Permission, Reader
from edsr.errors import Refused
from edsr.ports import Clients, Observed

READER = Reader(
    resource="apigateway:usage-plan",
    permissions=(Permission(actions=("apigateway:GET",), on="catalogue:apigateway:usage-plan"),),
)
_ARN = re.compile(r"arn:[^:]+:apigateway:[a-z0-9-]+::/usageplans/(?P<plan>[a-z0-9]+)", re.ASCII)


def plan_of(arn: str) -> str:
    """The id that a usage plan's ARN names; Refused when it is not one."""
    match = _ARN.fullmatch(arn)
    if not match:
        raise Refused(f"{arn} is not the ARN of a usage plan (…::/usageplans/ID)")
    return match["plan"]


def observe(clients: Clients, arn: str) -> Observed:
    """`{rate?, burst?}` for each key of the plan, as text; nothing where it has no limit, and then as the revision that
    limits are to be added, not replaced. Raises Gone for a plan that was deleted."""
    plan = plan_of(arn)
    with named(f"reading {arn}", target=True):
        said = clients("apigateway").get_usage_plan(usagePlanId=plan).get("throttle") or {}
    state = limits(said, "rateLimit", "burstLimit")
    return Observed(state, "replace" if state else "add")
