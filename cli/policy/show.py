"""`edsr policy show`: one policy with everything in effect, also what its file leaves to the defaults."""

import json as json_
from collections.abc import Iterator
from typing import Any

from cli import POLICIES, say
from cli.policy import chosen
from cli.policy.effective import Value, values
from cli.policy.options import Folder, Json, One
from edsr.policy import Playbook, Policy
from edsr.policy.words import PATTERN_CHARACTERS
from infra.config import environments, load

APART = frozenset({"schema_", "tests"})
"""What is shown apart: an editor's reference, and the tests."""


def command(policy: One, policies: Folder = POLICIES, json: Json = False) -> None:
    """Show a policy as it works: every value in effect, its mode in each environment, its playbook, its tests."""
    one = chosen.policy(policies, policy)
    playbook = chosen.playbook(chosen.folder_of(policies, policy), one.respond.playbook)
    if json:
        say.as_json(as_json(one, playbook))
    else:
        _tell(one, playbook)


def as_json(policy: Policy, playbook: Playbook | None) -> dict[str, Any]:
    """The policy with its defaults filled in, its modes and its playbook."""
    return {
        "policy": policy.model_dump(mode="json", by_alias=True, exclude={"schema_"}),
        "defaults": [value.path for value in values(policy, without=APART) if not value.said],
        "digest": policy.digest,
        "modes": modes(policy),
        "playbook": playbook and playbook.model_dump(mode="json", by_alias=True, exclude={"schema_"}),
    }


def modes(policy: Policy) -> dict[str, str]:
    """The mode a policy has in each environment."""
    return {name: load(name).modes.get(policy.id, policy.respond.mode).value for name in environments()}


def _tell(policy: Policy, playbook: Playbook | None) -> None:
    say.line(f"{policy.id}: {policy.title}", "strong")
    rows = [_row(value) for value in values(policy, without=APART)]
    say.table(("key", "value", "", "meaning"), rows, indent=2)
    say.line("")
    say.table(("", ""), list(_about(policy)), indent=2)
    _playbook(policy, playbook)
    say.line(f"\ntests ({len(policy.tests)}); edsr policy test {policy.id} runs them", "strong")
    say.table(
        ("expects", "of event", "name"),
        [(test.expect.verdict, test.event, test.name) for test in policy.tests],
        indent=2,
    )


def _row(value: Value) -> tuple[Any, ...]:
    origin = "" if value.said else "default"
    return value.path, (value.value, "plain" if value.said else "soft"), (origin, "soft"), (value.means, "soft")


def _about(policy: Policy) -> Iterator[tuple[str, str]]:
    for environment, mode in modes(policy).items():
        yield f"mode in {environment}", mode
    size = len(json_.dumps(policy.detect.pattern, separators=(",", ":")))
    yield "pattern", f"{size} of {PATTERN_CHARACTERS} characters"
    yield "digest", policy.digest


def _playbook(policy: Policy, playbook: Playbook | None) -> None:
    if playbook is None:
        say.line(f"\nplaybook {policy.respond.playbook} cannot be read: `edsr policy lint` says why", "bad")
        return
    say.line(f"\nplaybook {playbook.id}: {playbook.title}", "strong")
    steps = [
        (at, step.action, step.target_path or step.target, json_.dumps(step.with_, ensure_ascii=False))
        for at, stage in enumerate(playbook.stages, 1)
        for step in stage.steps
    ]
    say.table(("stage", "action", "target", "with"), steps, indent=2)
