"""The engine starts as many workers as invocations overlap and keeps them; here few per function, gone when idle.

The cap is per function: a global one would deadlock functions that invoke one another. What waits for a worker does not
run, so it takes none of the account's concurrency: a burst would use that up, and all else would be throttled.
"""

import os
import threading
import time
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
    acquire, release = lambda_svc._acquire_execution_slot, lambda_svc._release_execution_slot
    turns: dict[str, threading.Semaphore] = {}

    def turn(function: str) -> threading.Semaphore:
        return turns.setdefault(function, threading.Semaphore(PER_FUNCTION))

    def acquire_execution_slot(func: dict[str, Any], config: dict[str, Any]) -> tuple[str | None, str | None]:
        turn(config["FunctionName"]).acquire()
        slot, limit = acquire(func, config)
        if slot is None:
            turn(config["FunctionName"]).release()
        return slot, limit

    def release_execution_slot(slot: str | None) -> None:
        release(slot)
        if slot is not None:
            turn(slot.rsplit(":", 1)[-1]).release()

    lambda_svc._acquire_execution_slot = acquire_execution_slot
    lambda_svc._release_execution_slot = release_execution_slot
    lambda_runtime.Worker._drain_stderr_bounded.__defaults__ = (LOG_WAIT_SECONDS, 0.002, 0.25)
    threading.Thread(target=reap, daemon=True, name="edsr-worker-reaper").start()
