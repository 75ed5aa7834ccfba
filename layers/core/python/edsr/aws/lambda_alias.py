"""A Lambda alias as plan, act and a person see it: one read gives its state and the version to go back to."""

import re
from typing import Any, NamedTuple

from edsr.aws.faults import named
from edsr.errors import Refused
from edsr.ports import Client

_ALIAS = re.compile(r"arn:[^:]+:lambda:[^:]+:[0-9]{12}:function:(?P<function>[\w-]+):(?P<alias>[\w-]+)", re.ASCII)
_LAST_GOOD = re.compile(r"(?<![\w-])last-good=(\d+)\b", re.ASCII)


class Alias(NamedTuple):
    """`state` is what a plan pins; `revision` is what a compare-and-set compares."""

    state: dict[str, Any]
    revision: str


def names(arn: str) -> tuple[str, str]:
    """Function and alias of an alias's ARN; Refused when it is not one."""
    match = _ALIAS.fullmatch(arn)
    if not match:
        raise Refused(f"{arn} is not the ARN of a Lambda alias (…:function:NAME:ALIAS)")
    return match["function"], match["alias"]


def observe(client: Client, arn: str) -> Alias:
    """Read an alias: `{version, weights, description, last_good?}`; weights in thousandths.

    The version to go back to is what the pipeline wrote into the alias's description when it released: `last-good=7`.
    Raises Gone, Denied, Transient, or Refused for another ARN: also one of another account or Region, where an alias
    of the same name is another alias.
    """
    function, alias = names(arn)
    with named(f"reading alias {alias} of {function}", target=True):
        answer = client.get_alias(FunctionName=function, Name=alias)
    if answer["AliasArn"] != arn:
        raise Refused(f"{arn} is out of reach: what has its name here is {answer['AliasArn']}")
    weights = (answer.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    description = answer.get("Description", "")
    state: dict[str, Any] = {
        "version": answer["FunctionVersion"],
        "weights": {version: round(share * 1000) for version, share in sorted(weights.items())},
        "description": description,
    }
    if recorded := _LAST_GOOD.search(description):
        state["last_good"] = recorded[1]
    return Alias(state, answer["RevisionId"])
