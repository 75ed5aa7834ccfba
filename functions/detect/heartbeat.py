"""The heartbeat: each minute an event goes the way of every other, through the bus and a detector to decide."""

import json

from detect.envelope import moment
from edsr.aws.faults import named
from edsr.declare import Function, Permission
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Detect
from edsr.times import iso


def run(event: Event, runtime: Runtime[Detect]) -> dict[str, str]:
    """Send `{"v": 1, "heartbeat": <when the event was put>}` to where findings go; it has no record.

    Raises Malformed for an event without a time.
    """
    put, now = moment(event, "time"), runtime.clock()
    runtime.count("DetectLagSeconds", max(0.0, (now - put).total_seconds()))
    body = json.dumps({"v": 1, "heartbeat": iso(put)})
    with named("sending the heartbeat"):
        runtime.clients("sqs").send_message(QueueUrl=runtime.settings.findings_queue, MessageBody=body)
    return {"heartbeat": iso(put)}


handler = Handler(
    run,
    Function(
        settings=Detect,
        permissions=(Permission(actions=("sqs:SendMessage",), on="findings-queue"),),
    ),
)
