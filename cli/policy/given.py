"""What is given when a policy is asked: the words of a policy's own tests, and the state of what it would act on."""

import json
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from pydantic import ValidationError

from cli.policy import chosen
from edsr.policy.examples import Given
from edsr.policy.library import json_path
from infra.lint.phrases import meant

STATE = "state"
"""In a file: what each target would be observed to be, by its ARN."""

Givens = Annotated[
    list[str] | None,
    typer.Option(
        "--given",
        help="What is assumed, as in a policy's tests: key=value, or a JSON file with such keys and the `state` of "
        "targets by ARN. May be repeated.",
        metavar="KEY=VALUE|FILE",
    ),
]

State = dict[str, dict[str, Any]]


class Assumed(NamedTuple):
    """What is given to the gates, and the observed state of targets by their ARN."""

    given: Given
    state: State


def read(said: list[str] | None) -> Assumed:
    """What was given on the command line; later words go before earlier ones. Raises BadParameter."""
    together: dict[str, Any] = {}
    for one in said or []:
        name, equals, value = one.partition("=")
        together |= {name: _value(name, value)} if equals else _file(Path(one))
    state = together.pop(STATE, {})
    if not isinstance(state, dict) or not all(isinstance(inner, dict) for inner in state.values()):
        raise typer.BadParameter('`state` must be an object of objects, {"arn:aws:...": {"version": "3"}}')
    return Assumed(_given(together), state)


def spelled(value: Any) -> str:
    """A value as `read` takes it after `key=`."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)


def _given(said: dict[str, Any]) -> Given:
    known = [field.alias or name for name, field in Given.model_fields.items()]
    for name in said:
        if name.replace("_", "-") not in known:
            raise typer.BadParameter(f"nothing is called {name!r}{meant(name, known)}; there are: {', '.join(known)}")
    try:
        return Given.model_validate({name.replace("_", "-"): value for name, value in said.items()})
    except ValidationError as exc:
        first = exc.errors()[0]
        what = f"{json_path(first['loc']).removeprefix('$.')}: {first['msg']} (got {first['input']!r})"
        raise typer.BadParameter(what) from exc


def _file(file: Path) -> dict[str, Any]:
    said = chosen.document(file)
    if not isinstance(said, dict):
        raise typer.BadParameter(f"{file} must hold a JSON object of what is given")
    return said


def _value(name: str, text: str) -> Any:
    """A list is written with commas; numbers, true and false as in JSON; all else is text."""
    field = Given.model_fields.get(name.replace("-", "_"))
    if field is not None and str(field.annotation).startswith("list"):
        return text.split(",")
    try:
        return json.loads(text)
    except ValueError:
        return text
