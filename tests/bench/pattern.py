"""One event against 1,000 patterns: the cost of parse and match beside the parse alone and beside one pattern."""

import gc
import json
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from edsr.pattern import Index

_SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "patterns_bench"
_RULES = 1000
_ROUNDS, _CALLS = 15, 100

_SERVICES = ["ec2", "iam", "s3", "rds", "kms", "lambda", "sqs", "sns", "ecs", "eks", "logs", "route53", "cloudtrail"]
_VERBS = ["Create", "Delete", "Modify", "Attach", "Detach", "Start", "Stop", "Put", "Revoke", "Authorize"]
_NOUNS = ["Role", "Policy", "Bucket", "Key", "Instance", "User", "Trail", "Table", "Queue", "SecurityGroupIngress"]


def run() -> dict[str, Any]:
    """Microseconds per event (best round), and the two ratios: to json.loads, and of all patterns to one."""
    patterns, text = _shared() if _SHARED.is_dir() else (made_patterns(), json.dumps(made_event()))
    every, single = Index(_named(patterns)), Index(_named(patterns[:1]))
    parse, one, all_of_them = _best(
        lambda: json.loads(text),
        lambda: single.match(json.loads(text)),
        lambda: every.match(json.loads(text)),
    )
    return {
        "input": "shared" if _SHARED.is_dir() else "made",
        "patterns": len(patterns),
        "event bytes": len(text),
        "json.loads us": round(parse, 1),
        "parse and match 1 us": round(one, 1),
        "parse and match all us": round(all_of_them, 1),
        "all / json.loads (goal 4)": round(all_of_them / parse, 2),
        "all / 1 (goal 3)": round(all_of_them / one, 2),
        "matched": len(every.match(json.loads(text))),
    }


def made_patterns() -> list[dict[str, Any]]:
    """1,000 patterns of the kinds rules are made of, the same at every call; the event matches the first."""
    return [_OPEN_TO_ALL, *(_KINDS[number % len(_KINDS)](number) for number in range(1, _RULES))]


def made_event() -> dict[str, Any]:
    """A CloudTrail event of about 2 KB that some of the patterns match."""
    issuer = {"type": "Role", "arn": "arn:aws:iam::123456789012:role/Dev", "userName": "Dev"}
    ranges = {"items": [{"cidrIp": "0.0.0.0/0"}, {"cidrIp": "10.0.0.0/8"}]}
    permissions = {"items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": ranges}]}
    return {
        "version": "0",
        "id": "8e5c1d6a-3c8f-4b1e-9d2a-5f7e6b0c1a23",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.ec2",
        "account": "123456789012",
        "region": "eu-west-1",
        "resources": [],
        "detail": {
            "userIdentity": {"type": "AssumedRole", "sessionContext": {"sessionIssuer": issuer}},
            "eventSource": "ec2.amazonaws.com",
            "eventName": "AuthorizeSecurityGroupIngress",
            "sourceIPAddress": "203.0.113.17",
            "requestParameters": {"groupId": "sg-0a1b2c3d4e5f67890", "ipPermissions": permissions},
            "userAgent": "aws-cli/2.17.0 " + "md/architecture#x86_64 " * 20,
            "tags": {f"team-{number}": f"owner of part {number}" for number in range(20)},
        },
    }


_OPEN_TO_ALL: dict[str, Any] = {
    "source": ["aws.ec2"],
    "detail-type": ["AWS API Call via CloudTrail"],
    "detail": {
        "eventName": ["AuthorizeSecurityGroupIngress"],
        "requestParameters": {"ipPermissions": {"items": {"ipRanges": {"items": {"cidrIp": ["0.0.0.0/0"]}}}}},
    },
}


def _api_call(number: int) -> dict[str, Any]:
    service = _SERVICES[number % len(_SERVICES)]
    name = _VERBS[number % len(_VERBS)] + _NOUNS[number // 10 % len(_NOUNS)]
    detail = {"eventSource": [f"{service}.amazonaws.com"], "eventName": [name, {"prefix": f"Batch{number}"}]}
    return {"source": [f"aws.{service}"], "detail-type": ["AWS API Call via CloudTrail"], "detail": detail}


def _alarm(number: int) -> dict[str, Any]:
    detail = {"alarmName": [{"prefix": f"svc{number}-"}], "state": {"value": ["ALARM"]}}
    return {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"], "detail": detail}


def _finding(number: int) -> dict[str, Any]:
    kind = {"wildcard": f"*:{_NOUNS[number % len(_NOUNS)]}/*"}
    return {"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">=", number % 9]}], "type": [kind]}}


def _caller(number: int) -> dict[str, Any]:
    address = {"anything-but": {"prefix": "10."}} if number % 2 else {"cidr": f"10.{number % 256}.0.0/16"}
    detail = {"sourceIPAddress": [address], "errorCode": [{"exists": number % 3 == 0}]}
    return {"source": [f"aws.{_SERVICES[number % len(_SERVICES)]}"], "detail": detail}


def _opened_port(number: int) -> dict[str, Any]:
    items = {"fromPort": [number % 1024], "ipRanges": {"items": {"cidrIp": ["0.0.0.0/0"]}}}
    parameters = {"ipPermissions": {"items": items}}
    return {"source": ["aws.ec2"], "detail": {"eventName": [f"Open{number}"], "requestParameters": parameters}}


_KINDS: list[Callable[[int], dict[str, Any]]] = [_api_call, _alarm, _api_call, _finding, _caller, _opened_port]


def _shared() -> tuple[list[dict[str, Any]], str]:
    patterns = json.loads((_SHARED / "patterns_1000.json").read_text(encoding="utf-8"))
    event = json.loads((_SHARED / "cloudtrail_event.json").read_text(encoding="utf-8"))
    return patterns, json.dumps(event)


def _named(patterns: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {f"rule-{number}": pattern for number, pattern in enumerate(patterns)}


def _best(*calls: Callable[[], object]) -> list[float]:
    """The best microseconds per call; the calls take turns, so that noise meets them alike."""
    best = [float("inf")] * len(calls)
    gc.disable()
    try:
        for _ in range(_ROUNDS):
            best = [min(known, _microseconds(call)) for known, call in zip(best, calls, strict=True)]
    finally:
        gc.enable()
    return best


def _microseconds(call: Callable[[], object]) -> float:
    start = perf_counter()
    for _ in range(_CALLS):
        call()
    return (perf_counter() - start) / _CALLS * 1e6
