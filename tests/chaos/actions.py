"""Actions of every class on one kind of target, so that each rule of recovery is met."""

from typing import Any

import act.actuators.shift_alias as shift
from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import lambda_alias
from edsr.declare import Action
from edsr.ports import Clients
from edsr.serve import Handler


def _call(operation: str, *, tokened: bool = False) -> Any:
    """Points the alias elsewhere, comparing nothing."""

    def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, token: str) -> None:
        function, alias = lambda_alias.names(target)
        said = {"ClientToken": token} if tokened else {}
        client = clients("lambda", mutating=True)
        with named("shifting", target=True):
            getattr(client, operation)(FunctionName=function, Name=alias, FunctionVersion=reach["version"], **said)

    return apply


def _hands(apply: Any) -> Hands:
    return Hands(lambda_alias.observe, shift.goal, shift.guard, apply)


def _action(identity: str, **changes: Any) -> Action:
    said = {name: getattr(shift.ACTION, name) for name in Action.model_fields}
    return Action.model_validate({**said, "id": identity, "restores": False, **changes})


MOVE = _action("move-alias")
"""Like shift-alias, but one that may be undone."""

TOKENED = _action("token-alias", klass="A", token_seconds=600)
"""The service remembers a token: the same again changes nothing."""

BLIND = _action("blind-alias", klass="C")
"""The service compares nothing and remembers nothing; what it did can be seen."""

ONCE = _action("once-alias", klass="D", reversible=False)
"""Nobody can tell whether it took effect."""

ACTIONS: dict[str, tuple[Action, Hands]] = {
    MOVE.id: (MOVE, _hands(shift.apply)),
    TOKENED.id: (TOKENED, _hands(_call("start_shift", tokened=True))),
    BLIND.id: (BLIND, _hands(_call("update_alias"))),
    ONCE.id: (ONCE, _hands(_call("update_alias"))),
}


def handlers() -> dict[str, Handler[Any]]:
    """Their functions, by name."""
    return {f"edsr-act-{name}": actuator(action, hands) for name, (action, hands) in ACTIONS.items()}


def entries(shipped: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Their entries in the catalogue, each like the shipped one."""
    return {
        name: shipped
        | {
            "id": name,
            "restores": False,
            "function": f"edsr-act-{name}",
            "klass": action.klass,
            "reversible": action.reversible,
        }
        for name, (action, _) in ACTIONS.items()
    }
