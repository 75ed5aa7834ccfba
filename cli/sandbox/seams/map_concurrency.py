"""The engine reads a Map's MaxConcurrency but not its MaxConcurrencyPath: every item would run at once."""

from typing import Any

from ministack.services import stepfunctions


def install() -> None:
    run = stepfunctions._run_map_items

    def run_map_items(state: dict[str, Any], raw_input: Any, execution: Any, ctx: Any) -> Any:
        if "MaxConcurrencyPath" in state:
            effective = stepfunctions._apply_input_path(state, raw_input, ctx)
            bound = stepfunctions._resolve_path_or_ctx(state["MaxConcurrencyPath"], effective, ctx)
            state = {**state, "MaxConcurrency": int(bound)}
        return run(state, raw_input, execution, ctx)

    stepfunctions._run_map_items = run_map_items
