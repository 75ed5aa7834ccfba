"""The engine reports every failed function as Runtime.HandlerError; AWS names the exception's class, or the crash.

Step Functions catches by that name. The worker now says what was raised instead of failing as a whole, so, as on AWS,
it also outlives a raised exception.
"""

import json
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

RAISED = "__edsr_raised__"
WROTE = '{"status": "error", "error": str(e), "trace": traceback.format_exc()}'
WRITES = (
    f'{{"status": "ok", "result": {{"{RAISED}": {{"errorMessage": str(e), "errorType": type(e).__name__, '
    '"stackTrace": traceback.format_tb(e.__traceback__)}}}'
)
INIT_WROTE = '{"status": "error", "error": str(e)}'
INIT_WRITES = '{"status": "error", "error": json.dumps([type(e).__name__, str(e)])}'
INIT_FAILED = "Worker init failed: "
INIT_TYPES = {
    "ModuleNotFoundError": "Runtime.ImportModuleError",
    "ImportError": "Runtime.ImportModuleError",
    "AttributeError": "Runtime.HandlerNotFound",
}


def named(body: dict[str, Any]) -> dict[str, Any]:
    """The error as Lambda words it, from what the engine made of it."""
    message = str(body.get("errorMessage"))
    if message.startswith(INIT_FAILED + "["):
        kind, text = json.loads(message.removeprefix(INIT_FAILED))
        return {"errorMessage": text, "errorType": INIT_TYPES.get(kind, kind)}
    if message.startswith(("Worker process", "Worker returned no response", "[Errno 32]")):
        return {"errorMessage": "Runtime exited without providing a reason", "errorType": "Runtime.ExitError"}
    return body


def install() -> None:
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(WROTE, WRITES).replace(INIT_WROTE, INIT_WRITES)
    execute = lambda_svc._execute_function_warm

    def execute_function_warm(func: Any, event: Any, request_id: str) -> dict[str, Any]:
        result: dict[str, Any] = execute(func, event, request_id)
        body = result.get("body")
        if isinstance(body, dict) and RAISED in body:
            raised = body[RAISED]
            trace = f"[ERROR] {raised['errorType']}: {raised['errorMessage']}\n" + "".join(raised["stackTrace"])
            return {"body": raised, "error": True, "log": "\n".join(filter(None, (result.get("log"), trace)))}
        return {**result, "body": named(body)} if result.get("error") and isinstance(body, dict) else result

    lambda_svc._execute_function_warm = execute_function_warm
