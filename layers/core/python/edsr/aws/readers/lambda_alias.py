"""A Lambda alias as plan, act and a person see it: one read gives its state and the version to go back to."""

import re
from typing import Any

from edsr.aws.arns import refuse_another
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.errors import Refused
from edsr.ports import Clients, Observed

READER = Reader(
    resource="lambda:alias",
    permissions=(Permission(actions=("lambda:GetAlias",), on="catalogue:lambda:alias"),),
)

_ALIAS = re.compile(r"arn:[^:]+:lambda:[^:]+:[0-9]{12}:function:(?P<function>[\w-]+):(?P<alias>[\w-]+)", re.ASCII)
_LAST_GOOD = re.compile(r"(?<![\w-])last-good=(\d+)\b", re.ASCII)


def names(arn: str) -> tuple[str, str]:
    """Function and alias of an alias's ARN; Refused when it is not one."""
    match = _ALIAS.fullmatch(arn)
    if not match:
        raise Refused(f"{arn} is not the ARN of a Lambda alias (…:function:NAME:ALIAS)")
    return match["function"], match["alias"]


def observe(clients: Clients, arn: str) -> Observed:
    """Read an alias: `{version, weights, description, last_good?}`; weights in thousandths.

    The version to go back to is what the pipeline wrote into the alias's description when it released: `last-good=7`.
    Raises Gone, Denied, Transient, or Refused for another ARN: also one of another account or Region, where an alias
    of the same name is another alias.
    """
    function, alias = names(arn)
    with named(f"reading alias {alias} of {function}", target=True):
        answer = clients("lambda").get_alias(FunctionName=function, Name=alias)
    refuse_another(arn, answer["AliasArn"])
    weights = (answer.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    description = answer.get("Description", "")
    state: dict[str, Any] = {
        "version": answer["FunctionVersion"],
        "weights": {version: round(share * 1000) for version, share in sorted(weights.items())},
        "description": description,
    }
    if recorded := _LAST_GOOD.search(description):
        state["last_good"] = recorded[1]
    return Observed(state, answer["RevisionId"])
