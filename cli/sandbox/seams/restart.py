"""A restarted engine knows how far its tables' streams were read, but not the streams: nothing more was delivered.

On AWS a stream outlives its readers' machines. What is saved here is saved whole also while work goes on beside it.
"""

import copy
import time
from collections.abc import Callable
from typing import Any

from ministack import app
from ministack.services import dynamodb

State = Callable[[], Any]
STREAMS = "edsr_streams"
TRIES = 50


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

    dynamodb.get_state, dynamodb.load_persisted_state = with_streams, load_with_streams
    app.save_all = lambda services: save_all({name: steady(state) for name, state in services.items()})
