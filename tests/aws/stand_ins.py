"""Stand-ins for what moto lacks of an API: botocore validates the request, these answer it and keep the state.

A stand-in says nothing about how AWS behaves beyond its own words; the catalogue marks such actions "AWS only".
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from tests import estate
from tests.aws.services import refusal

Answer = Callable[[dict[str, Any]], dict[str, Any]]


@contextmanager
def answered(service: str, operation: str, answer: Answer) -> Iterator[list[dict[str, Any]]]:
    """The requests of an operation, as callers gave them; each is valid by AWS's model, and so is what is answered."""
    events, asked = estate.client(service).meta.events, list[dict[str, Any]]()
    hears, answers = f"provide-client-params.*.{operation}", f"before-call.*.{operation}"

    def hear(params: dict[str, Any], **_: Any) -> None:
        asked.append(params)

    def say(model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        try:
            said = answer(asked[-1])
        except ClientError as exc:
            return SimpleNamespace(status_code=400), exc.response
        assert set(said) <= set(model.output_shape.members if model.output_shape else ())
        return SimpleNamespace(status_code=200), said

    events.register(hears, hear)
    events.register(answers, say)
    try:
        yield asked
    finally:
        events.unregister(hears, hear)
        events.unregister(answers, say)


class MoveTasks:
    """SQS's message move tasks: one at a time for a queue, the newest told first."""

    def __init__(self) -> None:
        self.tasks: list[dict[str, Any]] = []

    def start(self, said: dict[str, Any]) -> dict[str, Any]:
        """Begin to move."""
        handle = f"task-{len(self.tasks)}"
        task = {**said, "TaskHandle": handle, "Status": "RUNNING", "StartedTimestamp": 1_772_420_700_000}
        self.tasks.insert(0, task)
        return {"TaskHandle": handle}

    def list(self, said: dict[str, Any]) -> dict[str, Any]:
        """The newest."""
        return {"Results": [task for task in self.tasks if task["SourceArn"] == said["SourceArn"]][:1]}

    @contextmanager
    def answering(self) -> Iterator[None]:
        """In place of SQS."""
        with ExitStack() as stack:
            stack.enter_context(answered("sqs", "StartMessageMoveTask", self.start))
            stack.enter_context(answered("sqs", "ListMessageMoveTasks", self.list))
            yield


class Trailed:
    """What CloudTrail tells of, the newest first."""

    def __init__(self, *events: dict[str, Any]) -> None:
        self.events = list(events)
        self.asked: list[dict[str, Any]] = []

    def look_up(self, said: dict[str, Any]) -> dict[str, Any]:
        """All of it, whatever is asked for."""
        self.asked.append(said)
        return {"Events": self.events}

    @contextmanager
    def answering(self) -> Iterator[None]:
        """In place of CloudTrail's events."""
        with answered("cloudtrail", "LookupEvents", self.look_up):
            yield


class Builds:
    """A CodeBuild project's builds, newest first; the same token is the same build."""

    def __init__(self, status: str = "FAILED") -> None:
        self.builds: list[dict[str, Any]] = [
            {
                "id": "checkout-tests:0",
                "arn": f"arn:aws:codebuild:{estate.REGION}:{estate.ACCOUNT}:build/checkout-tests:0",
                "buildStatus": status,
                "resolvedSourceVersion": "abc",
            }
        ]
        self.tokens: dict[str, dict[str, Any]] = {}

    def list(self, _: dict[str, Any]) -> dict[str, Any]:
        """Their ids."""
        return {"ids": [build["id"] for build in self.builds]}

    def get(self, said: dict[str, Any]) -> dict[str, Any]:
        """Some of them."""
        return {"builds": [build for build in self.builds if build["id"] in said["ids"]]}

    def retry(self, said: dict[str, Any]) -> dict[str, Any]:
        """One more, from the same source."""
        if said["idempotencyToken"] not in self.tokens:
            source = next(build for build in self.builds if build["id"] == said["id"])
            build = {**source, "id": f"checkout-tests:{len(self.builds)}", "buildStatus": "IN_PROGRESS"}
            self.tokens[said["idempotencyToken"]] = build
            self.builds.insert(0, build)
        return {"build": self.tokens[said["idempotencyToken"]]}

    def stop(self, said: dict[str, Any]) -> dict[str, Any]:
        """One stops."""
        build = next(build for build in self.builds if build["id"] == said["id"])
        build["buildStatus"] = "STOPPED"
        return {"build": build}

    @contextmanager
    def answering(self) -> Iterator[None]:
        """In place of CodeBuild."""
        answers = {
            "ListBuildsForProject": self.list,
            "BatchGetBuilds": self.get,
            "RetryBuild": self.retry,
            "StopBuild": self.stop,
        }
        with ExitStack() as stack:
            for operation, answer in answers.items():
                stack.enter_context(answered("codebuild", operation, answer))
            yield


class Automations:
    """The executions of an SSM automation, newest first; the same token is the same execution."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.runs: list[dict[str, Any]] = []
        self.tokens: dict[str, dict[str, Any]] = {}

    def start(self, said: dict[str, Any]) -> dict[str, Any]:
        """One begins. AWS takes parameters or none, but no empty map of them."""
        if said.get("Parameters") == {}:
            raise refusal("ValidationException")
        if said["ClientToken"] not in self.tokens:
            run = self.tokens[said["ClientToken"]] = {
                "AutomationExecutionId": f"00000000-0000-4000-8000-{len(self.runs):012d}",
                "DocumentName": said["DocumentName"],
                "AutomationExecutionStatus": "InProgress",
                "ExecutionStartTime": datetime.now(UTC),
                "ExecutedBy": f"arn:aws:sts::{estate.ACCOUNT}:assumed-role/hand/edsr-act-run-automation",
                "Parameters": said.get("Parameters", {}),
            }
            self.runs.insert(0, run)
        return {"AutomationExecutionId": self.tokens[said["ClientToken"]]["AutomationExecutionId"]}

    def describe(self, said: dict[str, Any]) -> dict[str, Any]:
        """Those that the filters let through, without their parameters, a page at a time."""
        wanted = {one["Key"]: one["Values"] for one in said["Filters"]}
        states = wanted.get("ExecutionStatus", [run["AutomationExecutionStatus"] for run in self.runs])
        found = [run for run in self.runs if run["AutomationExecutionStatus"] in states]
        shown = [{name: run[name] for name in run if name != "Parameters"} for run in found]
        begin, most = int(said.get("NextToken", 0)), said.get("MaxResults", 50)
        more = {"NextToken": str(begin + most)} if begin + most < len(shown) else {}
        return {"AutomationExecutionMetadataList": shown[begin : begin + most], **more}

    def get(self, said: dict[str, Any]) -> dict[str, Any]:
        """One of them."""
        found = [run for run in self.runs if run["AutomationExecutionId"] == said["AutomationExecutionId"]]
        return {"AutomationExecution": found[0]}

    def stop(self, said: dict[str, Any]) -> dict[str, Any]:
        """One stops."""
        self.end(self.get(said)["AutomationExecution"], "Cancelled")
        return {}

    def succeed(self) -> None:
        """The newest goes well."""
        self.end(self.runs[0], "Success")

    @staticmethod
    def end(run: dict[str, Any], status: str) -> None:
        """One ends."""
        run |= {"AutomationExecutionStatus": status, "ExecutionEndTime": datetime.now(UTC)}

    @contextmanager
    def answering(self) -> Iterator[None]:
        """In place of SSM."""
        answers = {
            "StartAutomationExecution": self.start,
            "StopAutomationExecution": self.stop,
            "DescribeAutomationExecutions": self.describe,
            "GetAutomationExecution": self.get,
        }
        with ExitStack() as stack:
            for operation, answer in answers.items():
                stack.enter_context(answered("ssm", operation, answer))
            yield


class Services:
    """One ECS service in the midst of a deployment that failed; moto completes every deployment at once."""

    def __init__(self, arn: str) -> None:
        task = arn.replace(":service/shop/", ":task-definition/")
        old = self._deployment("ecs-svc/1", f"{task}:41", "ACTIVE", "COMPLETED")
        self.service: dict[str, Any] = {
            "serviceArn": arn,
            "status": "ACTIVE",
            "taskDefinition": f"{task}:42",
            "desiredCount": 2,
            "runningCount": 2,
            "deploymentController": {"type": "ECS"},
            "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": False}},
            "deployments": [self._deployment("ecs-svc/2", f"{task}:42", "PRIMARY", "FAILED"), old],
            "tags": [],
        }

    @staticmethod
    def _deployment(name: str, task: str, status: str, rollout: str) -> dict[str, Any]:
        return {"id": name, "taskDefinition": task, "status": status, "rolloutState": rollout, "createdAt": name}

    def describe(self, said: dict[str, Any]) -> dict[str, Any]:
        """What it is."""
        found = [self.service] if said["services"] == [self.service["serviceArn"]] else []
        return {"services": found, "failures": []}

    def update(self, said: dict[str, Any]) -> dict[str, Any]:
        """Another definition is rolled out, or the same one again."""
        task = said.get("taskDefinition", self.service["taskDefinition"])
        number = int(self.service["deployments"][0]["id"].rpartition("/")[2]) + 1
        newest = self._deployment(f"ecs-svc/{number}", task, "PRIMARY", "IN_PROGRESS")
        before = [{**one, "status": "ACTIVE"} for one in self.service["deployments"]]
        self.service |= {"taskDefinition": task, "deployments": [newest, *before]}
        return {"service": self.service}

    def settle(self) -> None:
        """What is rolled out completes."""
        newest = self.service["deployments"][0]
        self.service["deployments"] = [{**newest, "rolloutState": "COMPLETED"}]

    @contextmanager
    def answering(self) -> Iterator[None]:
        """In place of ECS."""
        with ExitStack() as stack:
            stack.enter_context(answered("ecs", "DescribeServices", self.describe))
            stack.enter_context(answered("ecs", "UpdateService", self.update))
            yield
