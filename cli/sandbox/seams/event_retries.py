"""The engine runs a rule's function once, whatever comes of it; AWS retries it and parks what still fails."""

import json
import logging
from typing import Any

from ministack.services import eventbridge, lambda_svc


def decoded(payload: str) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return {"body": payload}


def dispatch_to_lambda(arn: str, payload: str) -> None:
    func, config, name = lambda_svc._get_func_record_for_ref(arn)
    if not func or not config:
        logging.getLogger("eventbridge").warning("EventBridge -> Lambda: function %s not found", name)
        return
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(func, config), decoded(payload))


def install() -> None:
    eventbridge._dispatch_to_lambda = dispatch_to_lambda
