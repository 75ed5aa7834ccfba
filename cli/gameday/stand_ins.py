"""Stand-ins for what the sandbox's engine lacks of an API: botocore's model judges the request, these answer it.

A stand-in says nothing about how AWS behaves beyond its own words; the catalogue marks such actions "AWS only".
"""

import json
from collections.abc import Callable
from typing import Any

from botocore.validate import ParamValidator

from cli.gameday.wire import Call, Said, as_json, model
from edsr.ports import Client

Answer = Callable[[dict[str, Any]], dict[str, Any]]


class Absent(LookupError):
    """What was asked for is not there; the text is AWS's code for it."""


class Scaling:
    """Application Auto Scaling's scalable targets, which keep a service within its bounds as they change."""

    def __init__(self, client: Callable[[str], Client]) -> None:
        self._client = client
        self.targets: dict[str, dict[str, Any]] = {}

    def register(self, said: dict[str, Any]) -> dict[str, Any]:
        """Make one, or change what is said of it."""
        bounds = {name: value for name, value in said.items() if name != "Tags"}
        number = f"{len(self.targets):036d}"
        arn = f"arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target/{number}"
        made = {"MinCapacity": 1, "MaxCapacity": 1, "RoleARN": "service-linked", "CreationTime": 1_790_000_000}
        known = self.targets.get(said["ResourceId"], {**made, "ScalableTargetARN": arn})
        self.targets[said["ResourceId"]] = {**known, **bounds}
        return {"ScalableTargetARN": known["ScalableTargetARN"]}

    def describe(self, said: dict[str, Any]) -> dict[str, Any]:
        """Those asked for."""
        wanted = said.get("ResourceIds")
        return {"ScalableTargets": [one for name, one in self.targets.items() if not wanted or name in wanted]}


class Moves:
    """SQS's message move tasks, which move what a dead-letter queue holds, all at once."""

    def __init__(self, client: Callable[[str], Client]) -> None:
        self._client = client
        self.tasks: list[dict[str, Any]] = []

    def start(self, said: dict[str, Any]) -> dict[str, Any]:
        """Move them to where they came from."""
        sqs, moved = self._client("sqs"), 0
        source, back = self._url(said["SourceArn"]), self._origin(said["SourceArn"])
        while found := sqs.receive_message(QueueUrl=source, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                sqs.send_message(QueueUrl=back, MessageBody=message["Body"])
                sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
                moved += 1
        handle = f"task-{len(self.tasks)}"
        done = {"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": moved, "StartedTimestamp": 1_790_000_000_000}
        self.tasks.insert(0, {**said, "TaskHandle": handle, **done})
        return {"TaskHandle": handle}

    def list(self, said: dict[str, Any]) -> dict[str, Any]:
        """The newest."""
        return {"Results": [task for task in self.tasks if task["SourceArn"] == said["SourceArn"]][:1]}

    def _url(self, arn: str) -> str:
        return str(self._client("sqs").get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"])

    def _origin(self, dead: str) -> str:
        """The queue whose dead letters it holds."""
        sqs = self._client("sqs")
        for url in sqs.list_queues().get("QueueUrls", []):
            asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"]).get("Attributes", {})
            if json.loads(asked.get("RedrivePolicy", "{}")).get("deadLetterTargetArn") == dead:
                return str(url)
        raise Absent("ResourceNotFoundException")


class StandIns:
    """Which calls are answered here. `client` gives clients of the engine, which keeps everything else."""

    def __init__(self, client: Callable[[str], Client]) -> None:
        self.scaling, moves = Scaling(client), Moves(client)
        self._answers: dict[str, Answer] = {
            "application-autoscaling:RegisterScalableTarget": self.scaling.register,
            "application-autoscaling:DescribeScalableTargets": self.scaling.describe,
            "sqs:StartMessageMoveTask": moves.start,
            "sqs:ListMessageMoveTasks": moves.list,
        }

    @property
    def names(self) -> list[str]:
        """What is answered here."""
        return sorted(self._answers)

    def answer(self, call: Call, body: bytes) -> Said | None:
        """The answer; None for what the engine answers."""
        if call.name not in self._answers:
            return None
        try:
            return as_json(200, self.ask(call.service, call.operation, json.loads(body or b"{}")))
        except ValueError as exc:
            return as_json(400, {"__type": "ValidationException", "message": str(exc)}, "ValidationException")
        except Absent as exc:
            return as_json(400, {"__type": str(exc), "message": str(exc)}, str(exc))

    def ask(self, service: str, operation: str, said: dict[str, Any]) -> dict[str, Any]:
        """What is answered to parameters; ValueError says what AWS's own model has against them."""
        known = model(service)
        shape = known.operation_model(operation).input_shape if known else None
        if shape and (wrong := ParamValidator().validate(said, shape)).has_errors():
            raise ValueError(wrong.generate_report())
        return self._answers[f"{service}:{operation}"](said)
