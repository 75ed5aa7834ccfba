"""What a policy's rule takes besides its pattern: the same events when they tell that it is over."""

from collections.abc import Mapping
from typing import Any

from edsr import pattern as patterns
from edsr.declare import Detector
from edsr.policy import Policy
from edsr.technique.chosen import recovers


def matched(detector: Detector, policy: Policy) -> dict[str, Any]:
    """The pattern of the rule of a policy's last event: its own, and beside each word that says how things stand those
    that say that it is over. No detector finds anything in these, so the rule brings no finding that the pattern does
    not ask for."""
    said = dict(policy.detect.pattern)
    if not recovers(policy, None):
        return said
    for kind, words in detector.recovers.items():
        if patterns.compile({"detail-type": said.get("detail-type", [kind])}).matches({"detail-type": kind}):
            wider = said
            for path, over in words.items():
                wider = _beside(wider, path.split("."), over)
            said = _either(said, wider, detector.recovers_if[kind]) if kind in detector.recovers_if else wider
    return said


def _either(said: dict[str, Any], wider: dict[str, Any], only: Mapping[str, Any]) -> dict[str, Any]:
    """A pattern as it is, or wider where the detail has something besides; one that has alternatives stays as it is."""
    if wider == said or "$or" in said:
        return said
    plain = {name: asked for name, asked in said.items() if name != "detail"}
    return {**plain, "$or": [{"detail": said["detail"]}, {"detail": {**only, **wider["detail"]}}]}


def _beside(node: Mapping[str, Any], path: list[str], words: tuple[str | bool, ...]) -> dict[str, Any]:
    """A pattern with words beside those it asks for at a path; where it asks for nothing there, as it is."""
    made, first, rest = dict(node), path[0], path[1:]
    if isinstance(made.get("$or"), list):
        made["$or"] = [_beside(each, path, words) for each in made["$or"]]
    asked = made.get(first)
    if rest and isinstance(asked, Mapping):
        made[first] = _beside(asked, rest, words)
    elif not rest and isinstance(asked, list):
        made[first] = [*asked, *(word for word in words if word not in asked)]
    return made
