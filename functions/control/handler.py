"""control's function: a custom resource that creates the kill switch, released, when the suite is new."""

import json
from typing import Any

import urllib3

from edsr.aws.store import DynamoStore
from edsr.declare import Function, Permission
from edsr.errors import EdsrError, Transient
from edsr.ports import Cancelled, Store, Write
from edsr.protocol import keys
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Tables

IDENTITY = "edsr-kill-switch"
OK = 200


def run(event: Event, runtime: Runtime[Tables]) -> dict[str, Any]:
    """Create what is missing, and tell CloudFormation how it went. What exists stays: an engaged switch survives."""
    failure = None
    if event["RequestType"] != "Delete":
        store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
        try:
            for number in range(keys.SWITCHES):
                _create(store, number)
        except EdsrError as exc:
            failure = str(exc)
    _answer(event, failure)
    return {"failure": failure}


def _create(store: Store, number: int) -> None:
    try:
        store.commit([Write("KIL", "Put", keys.switch(number), "attribute_not_exists(#pk)", item={"engaged": {}})])
    except Cancelled:
        return  # it was there, and whatever it says goes on


def _answer(event: Event, failure: str | None) -> None:
    body = {
        "Status": "FAILED" if failure else "SUCCESS",
        "Reason": failure or "the kill switch is there",
        "PhysicalResourceId": IDENTITY,
        **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
    }
    try:
        answer = urllib3.PoolManager().request("PUT", event["ResponseURL"], body=json.dumps(body).encode())
    except urllib3.exceptions.HTTPError as exc:
        raise Transient(f"CloudFormation could not be told: {exc}") from exc
    if answer.status != OK:
        raise Transient(f"CloudFormation did not take the answer: HTTP {answer.status}")


handler = Handler(
    run,
    Function(
        settings=Tables,
        permissions=(Permission(actions=("dynamodb:PutItem",), on="state-table"),),
        sdk=True,
    ),
)
