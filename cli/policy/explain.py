"""`edsr policy explain`: why a policy would act on an event, or why not."""

import json as json_
from typing import Annotated, Any

import typer

from cli import EVENTS, POLICIES, say
from cli.policy import chosen, given
from cli.policy.explanation import Explanation, explain
from cli.policy.given import Givens
from cli.policy.options import Events, Folder, Json, One
from edsr.model import Mode, Plan
from edsr.policy import Library
from edsr.timeline import short
from edsr.times import iso
from infra.trial import in_mode

Asked = Annotated[str, typer.Argument(help="A file, - for standard input, or an event of the tests.", metavar="EVENT")]
AsIf = Annotated[Mode | None, typer.Option("--mode", help="Decide as if the policy were in this mode.")]


def command(
    policy: One,
    event: Asked,
    assumed: Givens = None,
    mode: AsIf = None,
    policies: Folder = POLICIES,
    events: Events = EVENTS,
    json: Json = False,
) -> None:
    """Explain what a policy makes of an event: pattern, detector, every gate's answer, and the plan it would draw.

    Nothing is observed: what is not given is quiet, the subject is looked up in services/, and the plan is drawn over
    the `state` that a file of --given says.
    """
    folder = chosen.folder_of(policies, policy)
    said, one = chosen.event(event, events), in_mode(chosen.policy(policies, policy), mode)
    library = Library.at(folder, {name: str(said.get(name, "")) for name in ("account", "region")})
    found = explain(one, chosen.playbook(folder, one.respond.playbook), said, given.read(assumed), library)
    if json:
        say.as_json(as_json(found))
    else:
        tell(found, said)


def as_json(found: Explanation) -> dict[str, Any]:
    """All of it, for programs."""
    return {
        "policy": found.policy.id,
        "matches": found.matches,
        "pattern": [row._asdict() for row in found.pattern],
        "hints": found.hints,
        "ignored": found.ignored or None,
        "finding": found.finding and found.finding.model_dump(mode="json"),
        "verdict": found.decision and found.decision.verdict.value,
        "rows": [row._asdict() for row in found.decision.rows] if found.decision else [],
        "plan": found.plan and found.plan.model_dump(mode="json", by_alias=True),
        "unplanned": found.unplanned or None,
    }


def tell(found: Explanation, event: dict[str, Any]) -> None:
    """All of it, for a person, as far as it goes."""
    say.line(f"{found.policy.id}: {found.policy.title}", "strong")
    say.line(f"{event['detail-type']} from {event['source']}, {event.get('time', 'without a time')}", "soft")
    _pattern(found)
    if found.ignored:
        say.line(f"\ndetector {found.policy.detect.source} finds nothing: {found.ignored}", "bad")
    if not found.finding or not found.decision:
        say.line("so nothing is decided: quiet", "strong")
        return
    _finding(found)
    _gates(found)
    _plan(found)


def _pattern(found: Explanation) -> None:
    matches = ("the pattern matches", "good") if found.matches else ("the pattern does not match", "bad")
    say.line(f"\n{matches[0]}", matches[1])
    rows = []
    for row in found.pattern:
        tone = "good" if row.matched else "soft" if found.matches else "bad"
        has = ", ".join(_json(value) for value in row.found) or "nothing"
        rows.append((("yes" if row.matched else "no", tone), row.path, _json(row.wanted), (has, tone)))
    say.table(("", "field", "wanted", "the event has"), rows, indent=2)
    for hint in found.hints:
        say.line(f"  {hint}", "warn")


def _finding(found: Explanation) -> None:
    if finding := found.finding:
        subject = finding.subject
        known = ", ".join(f"{name} {value}" for name, value in subject.model_dump(exclude_none=True).items())
        say.line(f"\ndetector {finding.source} finds: {finding.title}", "good")
        rows = [("subject", known), ("condition", finding.condition), ("episode", finding.episode)]
        rows += [("severity", finding.severity.value), ("seen at", iso(finding.observed_at))]
        say.table(("", ""), rows, indent=2)


def _gates(found: Explanation) -> None:
    if decision := found.decision:
        refused = [row.gate for row in decision.rows if not row.allowed]
        why = f"not allowed by {', '.join(refused)}" if refused else f"all {len(decision.rows)} gates allow it"
        say.line(
            f"\ndecided: {decision.verdict.value} ({why}; mode {decision.mode.value})", "bad" if refused else "good"
        )
        say.gates([row._asdict() for row in decision.rows])


def _plan(found: Explanation) -> None:
    if found.plan is None:
        say.line(f"\nno plan is drawn: {found.unplanned}", "warn")
        return
    say.line(f"\nthe plan it would draw (playbook {found.plan.playbook}, digest {found.plan.digest[:16]})", "good")
    say.table(("step", "action", "target", "with", "state given", "judged by"), _steps(found.plan), indent=2)
    for row in found.plan.rows:
        say.line(f"  {row.gate}: {row.reason}", "soft")


def _steps(plan: Plan) -> list[tuple[Any, ...]]:
    return [
        (
            step.n,
            step.action,
            short(step.target),
            _json(step.args),
            _json(step.pre),
            f"{step.verify.probe} {_json(step.verify.args)} within {step.verify.within} s",
        )
        for stage in plan.stages
        for step in stage.steps
    ]


def _json(value: Any) -> str:
    return json_.dumps(value, ensure_ascii=False)
