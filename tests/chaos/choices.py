"""The Choice state's rules: comparisons of a variable with a constant or another path, and what joins them."""

import re
from collections.abc import Callable
from typing import Any

from tests.chaos.paths import PathFailed, path

_OPERATOR = re.compile(
    r"(String|Numeric|Boolean|Timestamp)(Equals|LessThanEquals|GreaterThanEquals|LessThan|GreaterThan)(Path)?"
)
_TYPES: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Numeric": (int, float),
    "Boolean": (bool,),
    "Timestamp": (str,),
}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda a, b: a == b,
    "LessThan": lambda a, b: a < b,
    "LessThanEquals": lambda a, b: a <= b,
    "GreaterThan": lambda a, b: a > b,
    "GreaterThanEquals": lambda a, b: a >= b,
}


def chosen(state: dict[str, Any], said: Any, context: Any) -> str:
    """The state that comes next; PathFailed (States.NoChoiceMatched) when no rule holds and there is no default."""
    for rule in state["Choices"]:
        if holds(rule, said, context):
            return str(rule["Next"])
    if "Default" not in state:
        raise PathFailed("no choice matched")
    return str(state["Default"])


def holds(rule: dict[str, Any], said: Any, context: Any) -> bool:
    """Whether a rule holds."""
    if "And" in rule:
        return all(holds(inner, said, context) for inner in rule["And"])
    if "Or" in rule:
        return any(holds(inner, said, context) for inner in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], said, context)
    (operator,) = set(rule) - {"Variable", "Next", "Comment"}
    if operator == "IsPresent":
        return _present(rule["Variable"], said, context) is rule[operator]
    found = path(rule["Variable"])(said, context)
    if operator == "IsNull":
        return (found is None) is rule[operator]
    match = _OPERATOR.fullmatch(operator)
    if not match:
        raise PathFailed(f"{operator} is no comparison that is known here")
    wanted = path(rule[operator])(said, context) if match[3] else rule[operator]
    types = _TYPES[match[1]]
    fits = all(isinstance(value, types) and isinstance(value, bool) == (bool in types) for value in (found, wanted))
    return fits and _COMPARE[match[2]](found, wanted)


def _present(variable: str, said: Any, context: Any) -> bool:
    try:
        path(variable)(said, context)
    except PathFailed:
        return False
    return True
