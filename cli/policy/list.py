"""`edsr policy list`: every policy, how far it may go, and who answers for it."""

from typing import Any

from cli import POLICIES, say
from cli.policy import chosen
from cli.policy.options import Folder, Json
from cli.policy.show import modes
from edsr.policy import Policy


def command(policies: Folder = POLICIES, json: Json = False) -> None:
    """List the policies: mode (and where an environment sets another), severity, playbook and owner."""
    found = chosen.policies(policies)
    if json:
        say.as_json([as_json(policy) for policy in found])
        return
    say.table(
        ("policy", "mode", "severity", "playbook", "owner"),
        (
            (
                policy.id,
                _modes(policy),
                policy.detect.severity.value,
                policy.respond.playbook,
                policy.owner,
            )
            for policy in found
        ),
        one_word=True,
    )
    say.line(say.count(len(found), "policy"))


def as_json(policy: Policy) -> dict[str, Any]:
    """One policy in a few words."""
    return {
        "id": policy.id,
        "title": policy.title,
        "owner": policy.owner,
        "mode": policy.respond.mode.value,
        "modes": modes(policy),
        "severity": policy.detect.severity.value,
        "source": policy.detect.source,
        "playbook": policy.respond.playbook,
        "runbook": policy.runbook,
        "tests": len(policy.tests),
        "digest": policy.digest,
    }


def _modes(policy: Policy) -> str:
    mode = policy.respond.mode.value
    others = [f"{name}: {other}" for name, other in modes(policy).items() if other != mode]
    return f"{mode} ({', '.join(others)})" if others else mode
