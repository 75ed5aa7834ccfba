"""The engine's Scheduler puts every event as its own; AWS puts it as the target's EventBridgeParameters say."""

from typing import Any

from ministack.services import eventbridge


def install() -> None:
    invoke = eventbridge._invoke_target

    def invoke_target(target: dict[str, Any], event: dict[str, Any], *rest: Any) -> None:
        if said := target.get("EventBridgeParameters"):
            event = {**event, "Source": said["Source"], "DetailType": said["DetailType"]}
        invoke(target, event, *rest)

    eventbridge._invoke_target = invoke_target
