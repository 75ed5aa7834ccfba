"""A restarted engine knows how far its tables' streams were read, but not the streams: nothing more was delivered.

On AWS a stream outlives its readers' machines. While it shuts down, functions can call nothing any more; they are cut
off, so that their failing does not use up what retries they have.
"""

import copy
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from ministack import app
from ministack.services import dynamodb, lambda_svc

State = Callable[[], Any]
STREAMS = "edsr_streams"
TRIES = 50
GOING_DOWN = threading.Event()


def steady(get_state: State) -> State:
    """The engine copies its state while other threads change it, and would leave out a service where they collide."""

    def state() -> Any:
        for _ in range(TRIES):
            try:
                return get_state()
            except RuntimeError:  # a dictionary changed its size while it was copied
                time.sleep(0.02)
        return get_state()

    return state


def cut_off(execute: Callable[..., Any]) -> Callable[..., Any]:
    """Once the engine goes down no function begins, and nobody hears how one ended."""

    def execute_function_warm(*args: Any, **named: Any) -> Any:
        result = None if GOING_DOWN.is_set() else execute(*args, **named)
        if GOING_DOWN.is_set():
            threading.Event().wait()
        return result

    return execute_function_warm


def install() -> None:
    save_all, get_state, load = app.save_all, dynamodb.get_state, dynamodb.load_persisted_state

    def with_streams() -> dict[str, Any]:
        streams = (dynamodb._stream_records, dynamodb._stream_trimmed)
        return {**get_state(), STREAMS: copy.deepcopy(streams)}

    def load_with_streams(data: dict[str, Any]) -> None:
        records, trimmed = data.pop(STREAMS, ({}, {}))
        load(data)
        dynamodb._stream_records.update(records)
        dynamodb._stream_trimmed.update(trimmed)

    def save_and_end(services: dict[str, State]) -> None:
        """What happens after it was saved would be lost, and those who wait would keep the process alive."""
        GOING_DOWN.set()
        save_all({name: steady(state) for name, state in services.items()})
        os._exit(0)

    dynamodb.get_state, dynamodb.load_persisted_state = with_streams, load_with_streams
    lambda_svc._execute_function_warm = cut_off(lambda_svc._execute_function_warm)
    app.save_all = save_and_end
