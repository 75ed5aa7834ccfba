"""The tests that a new policy begins with: an act, what it does as written, an event it leaves alone, a refusal."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cli.errors import Unavailable
from edsr.model import Mode
from edsr.policy import Policy
from edsr.policy.examples import QUIET, Given
from infra.trial import ENGAGING, Outcome, in_mode, outcome

Event = dict[str, Any]

STOPPED = Given(kill_switch=["all"])


def examples(policy: Policy, event: Event, place: str, title: str, known: dict[str, Event]) -> Iterator[dict[str, Any]]:
    """An act or ask, the policy as written, a quiet event, and a refusal; each as the gates decide it."""
    raised = in_mode(policy, Mode.AUTOMATIC)
    acts = outcome(raised, event, Given(), {})
    if acts.verdict not in ENGAGING:
        raise Unavailable(f"it would not act: {acts.why or '; '.join(row.reason for row in acts.refusals)}")
    asked = {"event": place, "mode": Mode.AUTOMATIC.value}
    yield {"name": f"{acts.verdict}s when {title}", **asked, "expect": _expect(acts)}
    yield {
        "name": "only observes as it is written",
        "event": place,
        "expect": _expect(outcome(policy, event, Given(), {})),
    }
    quiet = next((name for name in _nearest_first(known, event) if not _is_found(policy, known[name])), None)
    if quiet is None:
        raise Unavailable("every known event sets it off: match more fields with --match, or add a quiet event")
    yield {"name": f"stays quiet for {Path(quiet).stem}", "event": quiet, "expect": {"verdict": QUIET}}
    stopped = outcome(raised, event, STOPPED, {})
    given = STOPPED.model_dump(mode="json", by_alias=True, exclude_unset=True)
    yield {"name": "does nothing under the kill switch", **asked, "given": given, "expect": _expect(stopped)}


def _expect(got: Outcome) -> dict[str, Any]:
    refused = {"refused-by": got.refusals[0].gate} if got.refusals else {}
    playbook = {"playbook": got.playbook} if got.verdict in ENGAGING else {}
    return {"verdict": got.verdict, **playbook, **refused}


def _is_found(policy: Policy, event: Event) -> bool:
    return outcome(policy, event, Given(), {}).verdict != QUIET


def _nearest_first(known: dict[str, Event], event: Event) -> list[str]:
    """Events of the same kind first: what a policy leaves alone among them says most."""
    return sorted(known, key=lambda name: (known[name].get("detail-type") != event["detail-type"], name))
