"""Sending an event: to the sandbox's bus as AWS would, or, in an account, to a detector as a synthetic one."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cli import POLICIES
from cli.account import Account
from cli.errors import Unavailable
from edsr import pattern
from edsr.policy import Library, Policy
from edsr.ports import utc_now
from edsr.times import iso
from infra.catalogue import discover
from infra.parts.buses import DEFAULT
from infra.parts.names import BUS


def read(file: Path) -> dict[str, Any]:
    """An event from a file; Unavailable says what is wrong with it."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as exc:
        raise Unavailable(f"{file} cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise Unavailable(f"{file} is not UTF-8: {exc.reason} at byte {exc.start}") from exc
    return checked(str(file), text)


def checked(name: str, text: str) -> dict[str, Any]:
    """An event from its text; Unavailable says what is wrong with it."""
    try:
        event = json.loads(text)
    except ValueError as exc:
        raise Unavailable(f"{name} is not JSON: {exc}") from exc
    if not isinstance(event, dict):
        raise Unavailable(f"{name} is not an event: it is not a JSON object")
    shapes = {"source": str, "detail-type": str, "detail": dict}
    if wrong := [field for field, shape in shapes.items() if not isinstance(event.get(field), shape)]:
        raise Unavailable(f"{name} is not an event: {', '.join(wrong)} missing or of the wrong kind")
    if not isinstance(event.get("resources", []), list):
        raise Unavailable(f"{name} is not an event: resources is not a list")
    return event


def as_of_now(event: dict[str, Any]) -> dict[str, Any]:
    """The same event, as if it happened now: too old a one is only observed."""
    now = iso(utc_now())
    detail = dict(event["detail"])
    if isinstance(detail.get("state"), dict) and "timestamp" in detail["state"]:
        detail["state"] = {**detail["state"], "timestamp": now.replace("Z", "+0000")}
    return {**event, "time": now, "detail": detail}


def send(account: Account, event: dict[str, Any], times: int = 1) -> list[str]:
    """Send it, all copies at once; gives the policies whose pattern it matches."""
    matching = [policy for policy in Library.at(POLICIES).policies() if matches(policy, event)]
    deliver = _to_bus if account.is_sandbox else _to_detectors
    with ThreadPoolExecutor(max_workers=min(times, 16)) as pool:
        list(pool.map(lambda _: deliver(account, event, matching), range(times)))
    return [policy.id for policy in matching]


def matches(policy: Policy, event: dict[str, Any]) -> bool:
    """Whether the policy's rule takes the event."""
    return pattern.compile(policy.detect.pattern).matches(event)


def bus(event: dict[str, Any]) -> str:
    """The bus that such an event comes over: `edsr` for what is forwarded or sent by teams."""
    forwarded = {kind for detector in discover().detectors.values() for kind in detector.forwarded}
    return BUS if event["detail-type"] in forwarded else DEFAULT


def _to_bus(account: Account, event: dict[str, Any], _matching: list[Policy]) -> None:
    entry = {
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
        "Resources": event.get("resources", []),
        "EventBusName": bus(event),
    }
    answer = account.client("events").put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise Unavailable(f"the bus refused it: {answer['Entries'][0].get('ErrorMessage')}")


def _to_detectors(account: Account, event: dict[str, Any], matching: list[Policy]) -> None:
    """Only AWS may put events of AWS's sources on the bus; a detector takes this one, and it is only observed."""
    for policy in matching:
        said = {"v": 1, "policy": policy.id, "origin": "synthetic", "event": event}
        account.client("lambda").invoke(
            FunctionName=f"edsr-detect-{policy.detect.source}", Payload=json.dumps(said).encode()
        )
