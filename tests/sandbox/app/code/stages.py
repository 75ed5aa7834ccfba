"""The small flow's functions, one per stage."""
# ruff: noqa: ARG001 - Lambda calls every handler with both arguments

import importlib.resources
import json
import os
from typing import Any

import boto3
from small.words import greeting  # type: ignore[import-not-found] # it comes with the layer

TRIED: list[int] = []


class Transient(Exception):
    """Worth another try."""


class Refused(Exception):
    """Final."""


def put(pk: str, **more: str) -> None:
    item = {name: {"S": value} for name, value in {"pk": pk, **more}.items()}
    boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"], Item=item)


def checkout(event: Any, context: Any) -> Any:
    raise ValueError("the release is bad")


def detect(event: Any, context: Any) -> None:
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))


def decide(event: Any, context: Any) -> dict[str, list[Any]]:
    for record in event["Records"]:
        alarm = json.loads(record["body"])["event"]["detail"]
        given = {"inc": "i-1", "alarm": alarm["alarmName"], "steps": [{"n": 1}, {"n": 2}, {"n": 3}], "bound": 2}
        boto3.client("stepfunctions").start_execution(
            stateMachineArn=os.environ["MACHINE"], name="i-1", input=json.dumps(given)
        )
    return {"batchItemFailures": []}


def act(event: Any, context: Any) -> dict[str, Any]:
    if event["n"] == 2 and not TRIED:
        TRIED.append(event["n"])
        raise Transient("try again")
    if event["n"] == 3:
        raise Refused("never")
    put(f"step#{event['n']}", word=greeting())
    return {"n": event["n"], "judged": "better", "word": greeting()}


def record(event: Any, context: Any) -> dict[str, list[Any]]:
    text = importlib.resources.files("small.data").joinpath("note.txt").read_text().strip()
    for change in event["Records"]:
        pk = change["dynamodb"]["Keys"]["pk"]["S"]
        if pk.startswith("step#"):
            put(f"seen#{pk}", note=text)
    return {"batchItemFailures": []}
