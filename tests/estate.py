"""A small estate and the suite's own resources, on moto: what aws and flow tests act upon."""

import io
import json
import zipfile
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger
from botocore.config import Config
from moto.dynamodb.responses import DynamoHandler

from edsr.policy import Library
from edsr.ports import Client, utc_now
from edsr.protocol import keys
from edsr.serve import Handler, Runtime
from edsr.settings import Act, Rated, Route, Settings, Tables

ACCOUNT, REGION = "123456789012", "us-east-1"
ROOT = Path(__file__).parents[1]
EVENTS = ROOT / "tests" / "events"
TABLES = Tables(state_table="edsr-state", audit_table="edsr-audit")
ROUTE = Route(**TABLES.model_dump(), route="edsr-route")
RATED = Rated(
    **TABLES.model_dump(), subject_rate="2/PT15M", service_rate="5/PT10M", api_rate="10/PT1M", global_rate="10/PT1M"
)
ACT = Act(**RATED.model_dump(mode="json"))
ACTING: ContextVar[Handler[Any] | None] = ContextVar("ACTING", default=None)
"""The handler that is being called."""


def event(name: str) -> dict[str, Any]:
    """An event of tests/events, by its path without .json."""
    said: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return said


def client(service: str, *, mutating: bool = False) -> Client:
    """A client of whatever answers for AWS in this test."""
    del mutating
    return _client(service)


@cache
def _client(service: str) -> Client:
    """Making one costs some 30 ms, and moto answers for it in every test alike."""
    return boto3.client(service, region_name=REGION, config=Config(retries={"total_max_attempts": 1}))


@dataclass
class Clock:
    """A clock that a test sets and moves on."""

    now: datetime = field(default_factory=utc_now)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Nobody waits in a test: the time is only later."""
        self.tick(seconds=seconds)

    def tick(self, **span: float) -> None:
        """Move on."""
        self.now += timedelta(**span)


def runtime(settings: Settings, library: Library, clock: Callable[[], datetime] = utc_now) -> Runtime[Any]:
    """What a handler works with in a test."""
    return Runtime(settings, client, clock, lambda: library)


def call(
    handler: Handler[Any],
    said: dict[str, Any],
    settings: Settings,
    library: Library,
    clock: Callable[[], datetime] = utc_now,
) -> Any:
    """Call a real handler as Lambda would."""
    before = ACTING.set(handler)
    try:
        return handler.handle(said, runtime(settings, library, clock))
    finally:
        ACTING.reset(before)


def one_at_a_time(patch: pytest.MonkeyPatch) -> None:
    """Neither moto's tables nor a logger of Powertools, while it is first made, are for threads.

    Moto undoes a failed transaction by putting the tables back as they were, whoever wrote meanwhile, and writes an
    answer out of an item that the next may be changing.
    """
    Logger(service="edsr")
    lock, plain = RLock(), DynamoHandler.call_action

    def locked(asked: DynamoHandler) -> Any:
        with lock:
            return plain(asked)

    patch.setattr(DynamoHandler, "call_action", locked)


def make_tables() -> None:
    """The two tables of the protocol, and a kill switch that nobody has engaged."""
    dynamodb = client("dynamodb")
    _make_table("edsr-audit", pk="S", seq="N")
    _make_table("edsr-state", pk="S", sk="S")
    open_incidents = {
        "IndexName": "GSI1",
        "KeySchema": _keys("open", "next_check_at"),
        "Projection": {"ProjectionType": "ALL"},
    }
    dynamodb.update_table(
        TableName="edsr-state",
        AttributeDefinitions=_typed(open="S", next_check_at="N"),
        GlobalSecondaryIndexUpdates=[{"Create": open_incidents}],
    )
    copies = [keys.switch(number) for number in range(keys.SWITCHES)]
    items = [{"pk": {"S": key.pk}, "sk": {"S": str(key.sk)}, "engaged": {"M": {}}} for key in copies]
    dynamodb.batch_write_item(RequestItems={"edsr-state": [{"PutRequest": {"Item": item}} for item in items]})


def _make_table(name: str, **keys_of: str) -> None:
    client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_keys(*keys_of),
        AttributeDefinitions=_typed(**keys_of),
    )


def _keys(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=True)]


def _typed(**names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in names.items()]


def _zip(source: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", source)
    return packed.getvalue()


def make_function(name: str, *sources: str) -> list[str]:
    """A Lambda function with one published version for each source; gives the versions."""
    role = client("iam").create_role(RoleName=f"role-{name}", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions = client("lambda")
    functions.create_function(
        FunctionName=name, Runtime="python3.13", Role=role, Handler="app.handle", Code={"ZipFile": _zip(sources[0])}
    )
    versions = [functions.publish_version(FunctionName=name)["Version"]]
    for source in sources[1:]:
        functions.update_function_code(FunctionName=name, ZipFile=_zip(source))
        versions.append(functions.publish_version(FunctionName=name)["Version"])
    return versions


def make_alias(function: str, version: str, description: str = "", alias: str = "live") -> str:
    """An alias of a function; gives its ARN."""
    made = client("lambda").create_alias(
        FunctionName=function, Name=alias, FunctionVersion=version, Description=description
    )
    return str(made["AliasArn"])


def version_of(function: str, alias: str = "live") -> str:
    """The version an alias points at."""
    return str(client("lambda").get_alias(FunctionName=function, Name=alias)["FunctionVersion"])


def make_alarm(name: str, state: str = "ALARM") -> None:
    """An alarm in a state; moto does not evaluate alarms."""
    cloudwatch = client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Statistic="Sum",
        Period=1,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    set_alarm(name, state)


def set_alarm(name: str, state: str) -> None:
    """Put an alarm into a state."""
    client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="set by a test")
