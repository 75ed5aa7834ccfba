"""One message of what could not be handled: what it is about, and why it is here."""

import json
from typing import Any, NamedTuple

from cli.errors import Unavailable
from edsr.times import iso, parse_epoch


class Letter(NamedTuple):
    """A message: what it is about, why it is here, and how often it was received."""

    id: str
    sent_at: str
    what: str
    why: str
    received: int


def asked(message: dict[str, Any]) -> dict[str, Any]:
    """What the detector was asked: EventBridge keeps it as it is, Lambda within what it says of the failure.

    Unavailable when neither can be read in it.
    """
    body = _read(message["Body"])
    said = body.get("requestPayload", body)
    if isinstance(said, dict) and "policy" in said:
        return said
    rule = _attribute(message, "RULE_ARN").rsplit("/", 1)[-1]
    if "detail-type" in body and rule.startswith("edsr-"):
        policy, _, further = rule.split("-", 2)[2].partition(".")
        step = {"step": int(further) - 1} if further else {}
        return {"v": 1, "policy": policy, **step, "event": body}
    raise Unavailable(f"message {message['MessageId']} does not say what its detector was asked")


def letter(message: dict[str, Any]) -> Letter:
    """A message as SQS gives it."""
    told, body = message.get("Attributes", {}), _read(message["Body"])
    sent = iso(parse_epoch(int(told.get("SentTimestamp", 0)) // 1000))
    return Letter(
        message["MessageId"], sent, _what(body), _why(message, body), int(told.get("ApproximateReceiveCount", 0))
    )


def _what(body: dict[str, Any]) -> str:
    said = body.get("requestPayload", body)
    said = said if isinstance(said, dict) else {}
    event = said["event"] if isinstance(said.get("event"), dict) else said
    names = [said.get("policy"), event.get("title") or event.get("detail-type"), body.get("stage"), body.get("sha256")]
    return " · ".join(str(name)[:80] for name in names if name) or "(nothing that is known)"


def _why(message: dict[str, Any], body: dict[str, Any]) -> str:
    if body.get("reason"):
        return str(body["reason"])
    answer = body.get("responsePayload")
    if isinstance(answer, dict) and answer.get("errorMessage"):
        return f"{answer.get('errorType', 'Error')}: {answer['errorMessage']}"
    code, said = _attribute(message, "ERROR_CODE"), _attribute(message, "ERROR_MESSAGE")
    return ": ".join(part for part in (code, said) if part) or "it was received too often"


def _attribute(message: dict[str, Any], name: str) -> str:
    return str(message.get("MessageAttributes", {}).get(name, {}).get("StringValue", ""))


def _read(body: str) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
