"""Lines: what a subscription filter of CloudWatch Logs delivers, each line one event."""

import base64
import binascii
import json
import zlib
from collections.abc import Iterator
from typing import Any

from edsr.errors import Malformed
from edsr.signal import DETAIL_TYPE, LOG_EVENT

UNPACKED = 8 * 1024 * 1024
"""Bytes that a delivery may unpack to. CloudWatch Logs packs at most 1 MB of log events into one."""

KEPT = 32_768
"""Characters kept of a line; the rest is in the log."""

SIGNAL = "edsr-signal"
"""A line of JSON with this key holds a signal by the published contract."""


def lines(delivery: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """An event for each line; none for the message by which CloudWatch Logs tries whether it can be reached."""
    told = unpacked(delivery)
    if told.get("messageType") == "CONTROL_MESSAGE":
        return
    if told.get("messageType") != "DATA_MESSAGE" or not isinstance(told.get("logEvents"), list):
        raise Malformed("it holds no log events")
    about = {name: told.get(name) for name in ("owner", "logGroup", "logStream", "subscriptionFilters")}
    for one in told["logEvents"]:
        if not isinstance(one, dict) or not isinstance(one.get("message"), str):
            raise Malformed("a log event has no message")
        yield _line(about, one)


def unpacked(delivery: dict[str, Any]) -> dict[str, Any]:
    """The delivery without its base64 and gzip; Malformed when it is something else, or too much."""
    packed = delivery["awslogs"].get("data") if isinstance(delivery.get("awslogs"), dict) else None
    if not isinstance(packed, str):
        raise Malformed("awslogs.data is not text")
    try:
        unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        text = unzip.decompress(base64.b64decode(packed, validate=True), UNPACKED)
        told = json.loads(text) if unzip.eof else None
    except (binascii.Error, zlib.error, ValueError, RecursionError) as exc:
        raise Malformed(f"awslogs.data cannot be unpacked: {exc}") from exc
    if not isinstance(told, dict):
        raise Malformed(f"awslogs.data is cut off, unpacks to more than {UNPACKED} bytes, or is no object")
    return told


def _line(about: dict[str, Any], one: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    message = one["message"]
    value = _value(message) if len(message) <= KEPT else {}
    if isinstance(signal := value.get(SIGNAL), dict):
        return DETAIL_TYPE, signal
    shown = {"message": message[:KEPT], "truncated": len(message) > KEPT}
    return LOG_EVENT, {**about, "id": one.get("id"), "timestamp": one.get("timestamp"), **shown, "value": value}


def _value(message: str) -> dict[str, Any]:
    """What a line of JSON says; empty for other lines."""
    if not message.lstrip().startswith("{"):
        return {}
    try:
        value = json.loads(message)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
