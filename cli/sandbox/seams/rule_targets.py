"""The engine's rules reach every target; AWS reaches those whose own policy lets EventBridge in for that rule."""

import logging
from typing import Any

from ministack import app
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge, lambda_svc, sns, sqs

EVENTS = "events.amazonaws.com"


def function_lets(function: str, _service: str, rule: str, account: str) -> bool:
    """As the engine itself asks queues and topics."""
    context = {"aws:sourcearn": rule, "aws:sourceaccount": account}
    asked = EvalContext("*", "Service", "", "lambda:InvokeFunction", function, get_region(), service_context=context)
    policy, _ = lambda_svc.function_policy_for_arn(function) or ({}, "")
    return bool(evaluate_resource_policy(policy, asked, service=EVENTS).decision == "Allow")


LETS = {"lambda": function_lets, "sqs": sqs.queue_policy_allows, "sns": sns.topic_policy_allows}


def install() -> None:
    if not app.AUTH:
        return
    invoke = eventbridge._invoke_target

    def invoke_target(target: dict[str, Any], event: Any, rule: dict[str, Any], *rest: Any) -> None:
        """What the Scheduler sends comes the same way, but in the name of its role."""
        arn, source = str(target.get("Arn")), str(rule.get("Arn"))
        lets = LETS.get(arn.split(":")[2]) if ":rule/" in source and arn.startswith("arn:") else None
        if lets is None or lets(arn, EVENTS, source, get_account_id()):
            invoke(target, event, rule, *rest)
        else:
            logging.getLogger("eventbridge").warning("the policy of %s does not let %s in", arn, source)

    eventbridge._invoke_target = invoke_target
