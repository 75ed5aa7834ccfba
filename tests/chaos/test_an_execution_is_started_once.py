"""Names of executions and tokens of tasks, as Step Functions treats them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.chaos.machine import FAILED, RUNNING, SUCCEEDED
from tests.chaos.services import States
from tests.chaos.test_the_machine_goes_where_it_should import AtOnce, Teller

WAIT = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 5, "End": True}}}
ASK: dict[str, Any] = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {"FunctionName": "edsr-act", "Payload": {"token.$": "$$.Task.Token"}},
            "TimeoutSeconds": 60,
            "End": True,
        }
    },
}


def started(definition: dict[str, Any]) -> tuple[States, AtOnce]:
    states, host = States(definition), AtOnce(Teller({"act": [{}]}))
    states.host = host
    states.start_execution(stateMachineArn="m", name="i-1", input="{}")
    return states, host


def test_the_same_name_with_the_same_input_is_no_error_while_it_runs() -> None:
    states, _ = started(WAIT)
    states.start_execution(stateMachineArn="m", name="i-1", input="{}")
    assert len(states.executions) == 1


@pytest.mark.parametrize(("ended", "said"), [(False, '{"other": 1}'), (True, "{}")])
def test_a_name_is_taken_for_good(ended: bool, said: str) -> None:
    states, host = started(WAIT)
    if ended:
        host.settle()
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        states.start_execution(stateMachineArn="m", name="i-1", input=said)


def test_a_task_with_a_token_waits_until_it_is_answered_and_no_longer() -> None:
    states, _ = started(ASK)
    execution = states.executions["i-1"]
    assert execution.status == RUNNING
    (token,) = execution.tokens
    states.send_task_success(taskToken=token, output='{"said": "yes"}')
    assert (execution.status, execution.output) == (SUCCEEDED, {"said": "yes"})
    with pytest.raises(ClientError, match="InvalidToken"):
        states.send_task_success(taskToken=token, output="{}")


def test_a_task_that_nobody_answers_fails_in_time() -> None:
    states, host = started(ASK)
    host.settle()
    assert states.executions["i-1"].status == FAILED
