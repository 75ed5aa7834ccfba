"""The engine makes null of a JSONPath that finds nothing or that it cannot read; AWS fails with States.Runtime."""

import json
from typing import Any

from ministack.services import stepfunctions


def finds(path: str, data: Any) -> bool:
    """Whether a path leads somewhere; one with a wildcard always does, to a list that may be empty."""
    tokens = stepfunctions._parse_jsonpath_tokens(path)
    if tokens is None:
        raise stepfunctions._ExecutionError("States.Runtime", f"The sandbox cannot read the JSONPath '{path}'")
    if any(kind == "wildcard" for kind, _ in tokens):
        return True
    for kind, value in tokens:
        wanted, inside = (dict, data) if kind == "field" else (list, range(len(data)) if isinstance(data, list) else ())
        if not isinstance(data, wanted) or value not in inside:
            return False
        data = data[value]
    return True


def check(template: dict[str, Any], data: Any, ctx: Any) -> None:
    for field, path in template.items():
        if not (field.endswith(".$") and isinstance(path, str) and path.startswith("$")):
            continue
        found = finds(path[1:], ctx or {}) if path.startswith("$$") else finds(path, data)
        if not found:
            said = f"The JSONPath '{path}' specified for the field '{field}' could not be found in the input "
            raise stepfunctions._ExecutionError("States.Runtime", f"{said}'{json.dumps(data)}'")


def install() -> None:
    resolve, run = stepfunctions._resolve_params_obj, stepfunctions._run_map_items

    def resolve_params_obj(template: Any, data: Any, ctx: Any = None) -> Any:
        if isinstance(template, dict):
            check(template, data, ctx)
        return resolve(template, data, ctx)

    def run_map_items(state: dict[str, Any], raw_input: Any, execution: Any, ctx: Any) -> Any:
        """A Map over nothing would run once, with null."""
        if "ItemsPath" in state:
            check({"ItemsPath.$": state["ItemsPath"]}, stepfunctions._apply_input_path(state, raw_input, ctx), ctx)
        return run(state, raw_input, execution, ctx)

    stepfunctions._resolve_params_obj = resolve_params_obj
    stepfunctions._run_map_items = run_map_items
