"""The engine starts as many workers as invocations overlap and keeps them; here few per function, gone when idle.

The cap is per function: a global one would deadlock functions that invoke one another.
"""

import os
import threading
import time
from collections import defaultdict
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

PER_FUNCTION = int(os.environ.get("EDSR_SANDBOX_WORKERS", "3"))
IDLE_SECONDS = float(os.environ.get("EDSR_SANDBOX_IDLE_SECONDS", "30"))
LOG_WAIT_SECONDS = 0.004  # for a first line of a handler's log; the engine waits 0.05 s even when there is none


def idle_workers(now: float) -> list[Any]:
    """Take the workers nobody used for a while out of the engine's pools."""
    taken = []
    with lambda_runtime._lock:
        for pool in lambda_runtime._workers.values():
            idle = [worker for worker in pool if not worker.in_use and now - worker.last_used > IDLE_SECONDS]
            taken += idle
            pool[:] = [worker for worker in pool if worker not in idle]
    return taken


def reap() -> None:
    while True:
        time.sleep(min(IDLE_SECONDS, 5))
        lambda_runtime.kill_workers(idle_workers(time.time()))


def install() -> None:
    execute = lambda_svc._execute_function_warm
    slots: defaultdict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(PER_FUNCTION))

    def execute_function_warm(func: dict[str, Any], event: Any, request_id: str) -> Any:
        with slots[(func.get("config") or func)["FunctionName"]]:
            return execute(func, event, request_id)

    lambda_svc._execute_function_warm = execute_function_warm
    lambda_runtime.Worker._drain_stderr_bounded.__defaults__ = (LOG_WAIT_SECONDS, 0.002, 0.25)
    threading.Thread(target=reap, daemon=True, name="edsr-worker-reaper").start()
