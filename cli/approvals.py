"""`edsr approvals`: what waits for a person, the plan they are asked about, and their answer."""

from contextlib import suppress
from typing import Annotated, Any

import typer

from cli import incidents, say, tell
from cli.account import Account, account, sandbox_account
from cli.errors import Declined, Unavailable
from cli.options import As, Json, Profile
from cli.planned import reached
from cli.route import ask
from cli.stack import sandbox
from edsr.model import State, Step
from edsr.protocol.approval import Answer, Asking
from edsr.protocol.case import Case
from edsr.timeline import changes, short
from edsr.times import iso, parse_epoch

app = typer.Typer(no_args_is_help=True, help="Plans that wait for a person: look at one, then agree or say no.")
DIGITS = 12
"""So much of a digest names a plan to a person."""

Id = Annotated[str, typer.Argument(metavar="INCIDENT", help="Its id, such as i-0123...")]
Digest = Annotated[str, typer.Option("--plan", help=f"The plan you looked at: the first {DIGITS} digits, or all.")]
Why = Annotated[str, typer.Option("--reason", help="Why, for the record.")]


@app.command("list")
def waiting(profile: Profile = None, json: Json = False) -> None:
    """List what waits for an answer, what has the least time left first."""
    found = pending(account(profile))
    if json:
        say.as_json([summary(case, asking) for case, asking in found])
        return
    say.table(
        ("incident", "until (UTC)", "agreed", "service", "title"),
        (
            (
                case.incident.id,
                f"{parse_epoch(asking.expires_at):%m-%d %H:%M:%S}",
                f"{len(asking.approvers)} of {asking.need}",
                case.incident.brief.service,
                case.incident.finding.title,
            )
            for case, asking in found
        ),
        one_word=True,
    )
    say.line(f"{len(found)} waiting" + ("; no answer in time means no" if found else ""))


@app.command("show")
def show(incident: Id, profile: Profile = None, json: Json = False) -> None:
    """Show what one is asked to agree to: every step with its change, every gate, and who has agreed."""
    here = account(profile)
    case, asking = one(here, incident)
    if json:
        say.as_json({**summary(case, asking), "steps": [_step(step) for step in case.steps], "gates": _gates(case)})
        return
    until = parse_epoch(asking.expires_at)
    say.line(f"{incident}  {asking.st}  {case.incident.finding.title}")
    say.line(f"plan {asking.digest[:DIGITS]}, policy {case.incident.policy.id}, {case.incident.policy.runbook}")
    agreed = ", ".join(sorted(asking.approvers)) or "nobody yet"
    say.line(f"agreed: {agreed} ({len(asking.approvers)} of {asking.need}), until {until:%Y-%m-%d %H:%M:%S} UTC")
    say.table(
        ("step", "action", "target", "before -> after"),
        ((step.n, step.action, short(step.target), changes(step.pre, after(step))) for step in case.steps),
    )
    tell.gates(incidents.one(here, incident))
    rows = case.plan.rows if case.plan else ()
    say.table(
        ("plan's gate", "answer", "reason"),
        ((row.gate, ("allowed", "good") if row.allowed else ("refused", "bad"), row.reason) for row in rows),
    )
    if asking.st is Answer.PENDING:
        say.line(f"to agree: edsr approvals approve {incident} --plan {asking.digest[:DIGITS]}")


@app.command("page")
def serve() -> None:
    """Serve the page in the sandbox, with a stand-in for who says who people are; Ctrl-C ends it."""
    from cli.stand_in import HOST, PORT, front

    here = sandbox_account()
    engine = f"http://127.0.0.1:{sandbox().status().port}"
    with front(here, engine) as server, suppress(KeyboardInterrupt):
        say.line("the page is served: a STAND-IN signs you in as whoever you say; on AWS your own issuer does", "good")
        for case, _ in pending(here):
            say.line(f"http://{HOST}:{PORT}/approvals/{case.incident.id}  {case.incident.finding.title}")
        server.serve_forever()


@app.command()
def approve(
    incident: Id, plan: Digest, why: Why = "", who: As = None, profile: Profile = None, json: Json = False
) -> None:
    """Agree to the plan that you looked at, and to no other."""
    _answer(account(profile), incident, ("approve", plan, why), who, json=json)


@app.command()
def reject(
    incident: Id, why: Why, plan: Digest = "", who: As = None, profile: Profile = None, json: Json = False
) -> None:
    """Say no: one no is enough, and nothing is done."""
    _answer(account(profile), incident, ("reject", plan, why), who, json=json)


@app.command()
def rehearse(who: As = None, profile: Profile = None, json: Json = False) -> None:
    """Answer the weekly rehearsal: it acts on nothing, and proves that an answer arrives."""
    found = ask(account(profile), "/rehearsals", {}, who)
    if json:
        say.as_json(found)
        return
    say.line(f"the rehearsal of {found['asked']} is answered: the way of an answer works", "good")


def _answer(here: Account, incident: str, said: tuple[str, str, str], who: str | None, *, json: bool) -> None:
    found = answer(here, incident, said, who)
    if json:
        say.as_json(found)
    elif found["state"] == Answer.PENDING:
        say.line(f"noted: {len(found['by'])} of {found['need']} have agreed, so that it still waits")
    else:
        say.line(f"{incident} is {found['state']}", "good" if found["state"] == Answer.APPROVED else "plain")


def answer(here: Account, incident: str, said: tuple[str, str, str], who: str | None) -> dict[str, Any]:
    """Give somebody's answer: `approve` or `reject`, the plan that they looked at, and why; gives where it stands then.

    Raises Declined when it cannot count, Unavailable when nobody was asked.
    """
    word, plan, reason = said
    _, asking = one(here, incident)
    given = {"inc": incident, "answer": word, "digest": whole(asking, plan), "reason": reason}
    return ask(here, "/answers", given, who)


def whole(asking: Asking, plan: str) -> str:
    """The digest that somebody means; one that looked at another plan has to look again."""
    if plan and (len(plan) < DIGITS or not asking.digest.startswith(plan)):
        raise Declined(
            f"asked about is plan {asking.digest[:DIGITS]}, not {plan}: look at it with `edsr approvals show`"
        )
    return asking.digest


def pending(account: Account) -> list[tuple[Case, Asking]]:
    """Everything that waits for an answer, what has the least time left first."""
    waiting = [incident.id for incident in incidents.every(account) if incident.state is State.ASKED]
    found = [one(account, incident) for incident in waiting]
    open_ones = [(case, asking) for case, asking in found if asking.st is Answer.PENDING]
    return sorted(open_ones, key=lambda pair: pair[1].expires_at)


def one(account: Account, incident: str) -> tuple[Case, Asking]:
    """An incident and its latest asking; Unavailable when nobody was asked."""
    case = Case.look(account.store, incident)
    if case is None or case.asking is None:
        raise Unavailable(f"nobody was asked about {incident}; `edsr approvals list` shows what waits")
    return case, case.asking


def summary(case: Case, asking: Asking) -> dict[str, Any]:
    """An asking in one line, for --json; its task's token never leaves the backend."""
    return {
        **incidents.summary(case.incident),
        "digest": asking.digest,
        "answer": asking.st.value,
        "agreed": sorted(asking.approvers),
        "rejected_by": asking.rejected_by or None,
        "need": asking.need,
        "until": iso(parse_epoch(asking.expires_at)),
    }


def after(step: Step) -> dict[str, Any]:
    """What a step would reach, as its action says it."""
    return reached(step.action, step.args)


def _step(step: Step) -> dict[str, Any]:
    said = {"n": step.n, "action": step.action, "target": step.target, "before": step.pre, "after": after(step)}
    return {**said, "reversible": step.reversible, "expires_seconds": step.expires}


def _gates(case: Case) -> list[dict[str, Any]]:
    return [row._asdict() for row in (case.plan.rows if case.plan else ())]
