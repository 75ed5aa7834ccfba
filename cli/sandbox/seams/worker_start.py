"""In the engine a worker that dies while it starts takes every other of its function with it; on AWS it dies alone."""

from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime

Invoke = Callable[..., dict[str, Any]]


def alone(invoke: Invoke) -> Invoke:
    """Answer with the failure instead of raising it, upon which the engine would empty the function's pool."""

    def invoke_alone(worker: Any, *args: Any, **named: Any) -> dict[str, Any]:
        try:
            return invoke(worker, *args, **named)
        except (RuntimeError, OSError) as error:
            started, worker._proc = worker._proc, None  # the next invocation starts another
            if started is not None:
                lambda_runtime._signal(started)
            return {"status": "error", "error": str(error)}

    return invoke_alone


def install() -> None:
    lambda_runtime.Worker.invoke = alone(lambda_runtime.Worker.invoke)
