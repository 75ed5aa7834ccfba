"""JMESPath in documents: a key that ends in `.$` holds an expression, as in Amazon States Language."""

from collections.abc import Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from edsr.errors import Refused

MARK = ".$"


class ExpressionInvalid(ValueError):
    """A JMESPath that cannot be read; says where it stands and why."""


def resolve(template: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in every expression, at any depth.

    Raises Refused when an expression finds nothing: what is not known is not acted upon.
    """
    return {key.removesuffix(MARK): _value(key, inner, context) for key, inner in template.items()}


def find(expression: str, context: Mapping[str, Any]) -> Any:
    """What the expression finds; Refused when that is nothing."""
    found = _compiled(expression).search(dict(context))
    if found is None:
        raise Refused(f"{expression!r} finds nothing: known are {', '.join(sorted(context))}")
    return found


def check(template: Mapping[str, Any], path: str = "$") -> None:
    """Raise ExpressionInvalid for the first expression that is not JMESPath."""
    for key, inner in template.items():
        here = f"{path}.{key}"
        if key.endswith(MARK):
            if not isinstance(inner, str):
                raise ExpressionInvalid(f"{here}: a key that ends in .$ holds a JMESPath, as text")
            _compiled(inner, here)
        elif isinstance(inner, Mapping):
            check(inner, here)


def _value(key: str, inner: Any, context: Mapping[str, Any]) -> Any:
    if key.endswith(MARK):
        return find(inner, context)
    return resolve(inner, context) if isinstance(inner, Mapping) else inner


def _compiled(expression: str, path: str = "$") -> Any:
    try:
        return jmespath.compile(expression)
    except JMESPathError as exc:
        raise ExpressionInvalid(f"{path}: {expression!r} is not JMESPath: {str(exc).splitlines()[0]}") from exc
