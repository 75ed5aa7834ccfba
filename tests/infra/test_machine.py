"""The state machine is what its file says, with every function filled in."""

import re

from statelint.cli import main as statelint

from infra.parts.remediation import ASL
from tests.infra.reading import Assembly


def test_the_definition_passes_statelint() -> None:
    assert statelint([str(ASL)]) == 0


def test_every_placeholder_is_a_function_of_the_suite(dev: Assembly) -> None:
    machine = dev.compute.one("AWS::StepFunctions::StateMachine")
    wanted = set(re.findall(r"\$\{(\w+)\}", machine["DefinitionString"]))
    filled = machine["DefinitionSubstitutions"]
    assert wanted == set(filled)
    names = dev.compute.named("AWS::Lambda::Function", "FunctionName")
    for placeholder, arn in filled.items():
        stage = placeholder.removesuffix("Function").lower()
        assert names[arn.strip("<>").removesuffix(".Arn")] == f"edsr-{stage}"


def test_the_template_carries_the_definition_itself(dev: Assembly) -> None:
    assert dev.compute.one("AWS::StepFunctions::StateMachine")["DefinitionString"] == ASL.read_text("utf-8")


def test_every_run_is_logged_and_traced(dev: Assembly) -> None:
    machine = dev.compute.one("AWS::StepFunctions::StateMachine")
    assert machine["StateMachineType"] == "STANDARD"
    assert machine["LoggingConfiguration"]["Level"] == "ALL"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is True
    assert machine["TracingConfiguration"] == {"Enabled": True}


def test_a_task_waits_longer_than_the_function_it_invokes(dev: Assembly) -> None:
    timeouts = {item["FunctionName"]: item["Timeout"] for item in dev.compute.of("AWS::Lambda::Function").values()}
    invoked = [name for name in timeouts if name.startswith(("edsr-act-", "edsr-plan", "edsr-verify", "edsr-close"))]
    longest = max(timeouts[name] for name in invoked)
    tasks = re.findall(r'"Type": "Task".*?"TimeoutSeconds": (\d+)', ASL.read_text("utf-8"), re.DOTALL)
    assert tasks
    assert min(map(int, tasks)) >= longest + 5
