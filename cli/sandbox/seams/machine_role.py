"""The engine's state machines call every function, whatever their role allows; AWS calls it in the role's name."""

from contextvars import ContextVar
from typing import Any

from ministack import app
from ministack.core.iam_evaluator import EvalContext, _gather_role_policies, _permissions_boundary, evaluate
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam, lambda_svc, stepfunctions

ROLE: ContextVar[str] = ContextVar("edsr_machine_role", default="")
INVOKE = "lambda:InvokeFunction"


def allowed(role: str, function: str) -> bool:
    account, name = get_account_id(), role.rsplit("/", 1)[-1]
    asked = EvalContext(role, "AssumedRole", account, INVOKE, function, get_region())
    limits = _permissions_boundary(iam._roles, name, account)
    return bool(evaluate(asked, _gather_role_policies(name, account), *limits).decision == "Allow")


def install() -> None:
    if not app.AUTH:
        return
    run, call = stepfunctions._run_execution, stepfunctions._call_lambda

    def run_execution(arn: str) -> None:
        """The engine runs each branch of an execution in a copy of its context."""
        execution = stepfunctions._executions.get(arn) or {}
        ROLE.set(stepfunctions._state_machines.get(execution.get("stateMachineArn"), {}).get("roleArn", ""))
        run(arn)

    def call_lambda(reference: str, event: Any) -> Any:
        _, config, _ = lambda_svc._get_func_record_for_ref(reference)
        if config and not allowed(ROLE.get(), config["FunctionArn"]):
            said = f"User: {ROLE.get()} is not authorized to perform: {INVOKE} on resource: {config['FunctionArn']}"
            raise stepfunctions._ExecutionError("Lambda.AWSLambdaException", said)
        return call(reference, event)

    stepfunctions._run_execution, stepfunctions._call_lambda = run_execution, call_lambda
