"""lambda:alias - the version an alias points at, its canary weights, and the version recorded as last good."""

from typing import Any

from edsr.aws import lambda_alias
from edsr.declare import Permission, Selector
from edsr.ports import Clients

SELECTOR = Selector(
    resource="lambda:alias",
    permissions=(Permission(actions=("lambda:GetAlias",), on="catalogue:lambda:alias"),),
)


def observe(clients: Clients, target: str) -> dict[str, Any]:
    """The alias's state, see `edsr.aws.lambda_alias.observe`."""
    return lambda_alias.observe(clients("lambda"), target).state
