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

    Raises Refused when an expression finds nothing: what is not known is not acted upon. Raises ExpressionInvalid for
    one that cannot be read.
    """
    return {key.removesuffix(MARK): _value(key, inner, context) for key, inner in template.items()}


def find(expression: str, context: Mapping[str, Any]) -> Any:
    """What the expression finds; Refused when that is nothing, or cannot be worked out of what there is."""
    compiled = _compiled(expression)
    try:
        found = compiled.search(dict(context))
    except JMESPathError as exc:
        raise Refused(f"{expression!r} cannot be worked out: {exc}") from exc
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
        else:
            for place, part in _parts(inner, here):
                check(part, place)


def _parts(inner: Any, path: str) -> list[tuple[str, Mapping[str, Any]]]:
    if isinstance(inner, Mapping):
        return [(path, inner)]
    listed = enumerate(inner) if isinstance(inner, list) else ()
    return [part for n, entry in listed for part in _parts(entry, f"{path}[{n}]")]


def _value(key: str, inner: Any, context: Mapping[str, Any]) -> Any:
    return find(inner, context) if key.endswith(MARK) else _filled(inner, context)


def _filled(inner: Any, context: Mapping[str, Any]) -> Any:
    if isinstance(inner, list):
        return [_filled(entry, context) for entry in inner]
    return resolve(inner, context) if isinstance(inner, Mapping) else inner


def _compiled(expression: str, path: str = "$") -> Any:
    try:
        return jmespath.compile(expression)
    except JMESPathError as exc:
        raise ExpressionInvalid(f"{path}: {expression!r} is not JMESPath: {str(exc).splitlines()[0]}") from exc
