"""The findings, policies, playbooks and incidents that tests are about: plain ones, changed as a test needs it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from edsr import audit
from edsr.model import Finding, Mode, State, finding
from edsr.policy import Playbook, Policy
from edsr.protocol.incident import Incident
from edsr.times import epoch
from tests.estate import ACCOUNT, REGION, ROOT

AT = datetime(2026, 3, 2, 3, 5, tzinfo=UTC)
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:checkout"
ALIAS = f"{FUNCTION}:live"
ALARM = "canary-checkout-errors"


def a_subject(**changes: Any) -> dict[str, Any]:
    """The live alias of checkout, as the catalogue knows it."""
    return {
        "arn": ALIAS,
        "kind": "lambda:alias",
        "account": ACCOUNT,
        "region": REGION,
        "service": "checkout",
        "environment": "prod",
        "tier": 1,
    } | changes


def a_finding(**changes: Any) -> Finding:
    """The canary's alarm, seen half a minute before AT."""
    said: dict[str, Any] = {
        "policy": "lambda-canary-rollback",
        "source": "cloudwatch",
        "subject": a_subject(),
        "condition": ALARM,
        "episode": "2026-03-02T03:04:30.000Z",
        "observed_at": AT - timedelta(seconds=30),
        "detected_at": AT - timedelta(seconds=29),
        "severity": "high",
        "title": f"{ALARM} is in ALARM",
        "evidence": {"alarm": ALARM},
    }
    return finding(**(said | changes))


def a_policy(mode: Mode = Mode.AUTOMATIC, **changes: Any) -> Policy:
    """The shipped rollback policy, in this mode."""
    said = json.loads((ROOT / "policies" / "lambda-canary-rollback.json").read_text())
    said["respond"]["mode"] = mode.value
    return Policy.model_validate(said | {name.replace("_", "-"): value for name, value in changes.items()})


def a_playbook(**changes: Any) -> Playbook:
    """The shipped rollback playbook."""
    said = json.loads((ROOT / "policies" / "playbooks" / "lambda-alias-rollback.json").read_text())
    return Playbook.model_validate(said | changes)


def an_incident(**changes: Any) -> Incident:
    """An incident about the finding, decided at AT."""
    found = changes.get("finding") or a_finding()
    decided = Incident(
        id=found.incident_id,
        state=State.DECIDED,
        head=audit.Head(1, "a" * 64),
        finding=found,
        policy=a_policy(),
        playbook=a_playbook(),
        decision_id="d-1",
        deadline=epoch(AT + timedelta(hours=2)),
    )
    return replace(decided, **changes)
