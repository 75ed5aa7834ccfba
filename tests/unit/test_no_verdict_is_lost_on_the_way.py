"""Verdicts ride in the next intent or in the end: each is carried once, and an error says its name and its reason."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsr.protocol.verdicts import described, stages, told, uncarried


def a_result(step: int, *, intended: bool = True, **changes: Any) -> dict[str, Any]:
    """A step's result as the machine nests it; `stands` says that an intent of it is on record."""
    said = {"step": step, "direction": "apply", "status": "DONE" if intended else "NOOP", "judged": "better"}
    stands = {"seq": step, "hash": "h", "quiet": True} if intended else None
    return {
        **said,
        "observed": "OK",
        "at": "t",
        "worse": [0],
        "failed": [0],
        "refused": [0],
        "stands": stands,
    } | changes


def nested(*results: list[dict[str, Any]]) -> list[Any]:
    """As the machine builds it: each stage around those before it, beginning with nothing and nothing."""
    said: list[Any] = [[], []]
    for stage in results:
        said = [said, stage]
    return said


def carried(*results: list[dict[str, Any]]) -> list[int]:
    return [result["step"] for result in uncarried(nested(*results))]


def test_stages_come_back_in_their_order() -> None:
    first, second = [a_result(1), a_result(2)], [a_result(3)]
    assert stages(nested(first, second))[-2:] == [first, second]
    assert stages([]) == []


def test_an_intent_carries_the_verdicts_of_the_stage_before_it() -> None:
    assert carried() == []
    assert carried([a_result(1), a_result(2)]) == [1, 2]
    assert carried([a_result(1)], [a_result(2)]) == [2], "the first rode in the intent of the second stage"


def test_a_stage_in_which_nothing_was_intended_carries_nothing_so_nothing_is_lost() -> None:
    quiet = [a_result(2, intended=False), a_result(3, intended=False)]
    assert carried([a_result(1)], quiet) == [1, 2, 3]
    assert carried([a_result(1)], quiet, [a_result(4)]) == [4]
    assert carried([a_result(1, intended=False)], quiet) == [1, 2, 3]


def test_one_intent_in_a_stage_is_enough_to_have_carried_the_stage_before() -> None:
    assert carried([a_result(1)], [a_result(2, intended=False), a_result(3)]) == [2, 3]


STAGES = st.lists(st.lists(st.booleans(), min_size=1, max_size=3), max_size=6)


@given(STAGES)
def test_every_verdict_is_in_an_intent_or_in_the_end_and_in_the_order_of_its_stage(shape: list[list[bool]]) -> None:
    number, done, recorded = 0, list[list[dict[str, Any]]](), list[int]()
    for flags in shape:
        before = carried(*done)
        stage = []
        for intended in flags:
            number += 1
            stage.append(a_result(number, intended=intended))
        if any(flags):
            recorded += before
        done.append(stage)
    assert recorded + carried(*done) == list(range(1, number + 1))


def test_only_what_is_audited_is_kept_of_a_result() -> None:
    assert set(told(a_result(1))) == {"step", "direction", "status", "judged", "observed", "at"}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ({"Error": "Refused", "Cause": json.dumps({"errorMessage": "held by i-2"})}, "Refused: held by i-2"),
        ({"Error": "States.Timeout", "Cause": ""}, "States.Timeout: "),
        ({"Error": "Gone", "Cause": "not JSON"}, "Gone: not JSON"),
        ({"Error": "Gone", "Cause": "[]"}, "Gone: []"),
    ],
)
def test_a_failure_that_was_tolerated_says_its_error_and_why(error: dict[str, str], said: str) -> None:
    result = {"step": 2, "direction": "apply", "status": "REFUSED", "judged": "unknown", "error": error}
    assert described(error) == said
    assert told(result)["observed"] == said
