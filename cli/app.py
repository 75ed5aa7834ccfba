"""The `edsr` command: bring the suite up, watch it work, ask what it did, and check what operators write."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from botocore.exceptions import BotoCoreError, ClientError

from cli import (
    approvals,
    audit,
    channels,
    demo,
    demotions,
    dlq,
    doctor,
    heartbeat,
    history,
    latches,
    page,
    report,
    say,
    send,
    stack,
    switch,
    tell,
)
from cli.account import account
from cli.console.command import console
from cli.console.looking import browser, watched
from cli.cost.command import cost
from cli.errors import FAULT, UNAVAILABLE, Declined, Unavailable, advised
from cli.gameday import command as gameday
from cli.options import Json, Profile
from cli.policy.app import policy_app
from edsr.errors import EdsrError
from edsr.timeline import timeline

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Event-Driven Service Resilience: watches an AWS estate through its events and repairs it under policy.",
    epilog="Exit codes: 0 well, 1 something asked about is not well or something asked for is refused, 2 wrong usage, "
    "3 something needed is not there.",
)
for name, group in {
    "incidents": history.app,
    "policy": policy_app,
    "gameday": gameday.app,
    **{
        told.__name__.rsplit(".", 1)[1]: told.app
        for told in (audit, switch, approvals, latches, demotions, dlq, channels)
    },
}.items():
    app.add_typer(group, name=name)
for command in (console, doctor.doctor, report.report, cost):
    app.command(command.__name__)(command)

Port = Annotated[int, typer.Option("--port", help="The sandbox's port on this machine.", min=1, max=65535)]
Iam = Annotated[
    bool, typer.Option("--iam", help="Enforce IAM: a function may do only what its role and the policies allow.")
]


@app.command()
def up(port: Port = stack.PORT, iam: Iam = False) -> None:
    """Start the sandbox and deploy the suite into it.

    With --iam every function runs with its own role, as on AWS: what the role,
    its boundary or the policy of a queue, topic or bucket does not allow is
    denied. The commands here act as the account's root.
    """
    differences = stack.up(port, say.line, iam=iam)
    say.line(f"{len(differences)} differences from AWS: `edsr status` lists them")
    say.line(f"up on port {port}; `edsr demo` shows it at work, `edsr down` stops it", "good")


@app.command()
def down() -> None:
    """Stop the sandbox; nothing keeps running."""
    say.line("stopped" if stack.sandbox().down() else "no sandbox was running")


@app.command()
def status(json: Json = False) -> None:
    """Say whether the sandbox runs, what it costs, and how it differs from AWS."""
    sandbox = stack.sandbox()
    found, differences = sandbox.status(), sandbox.differences()
    beat = heartbeat.last(account(None)) if found.running else None
    if json:
        came = {"heartbeat": beat and beat.as_json()}
        say.as_json({**asdict(found), **came, "differences": [asdict(item) for item in differences]})
    elif not found.running:
        say.line("no sandbox is running: `edsr up` starts one")
    else:
        enforced = ", IAM enforced" if found.iam else ""
        say.line(f"running on port {found.port} (process {found.pid}), {found.memory_mb} MB{enforced}", "good")
        say.line(f"heartbeat: {beat}" if beat else "heartbeat: none yet; one comes each minute", heartbeat.tone(beat))
        say.table(
            ("what", "asked for", "here", "why"),
            ((f"{item.resource} {item.property}", item.asked, item.got, item.why) for item in differences),
            title=f"{len(differences)} differences from AWS",
        )
    raise typer.Exit(0 if found.running else UNAVAILABLE)


@app.command("demo")
def show(
    json: Json = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the sandbox running afterwards.")] = False,
    port: Port = stack.PORT,
    iam: Iam = False,
) -> None:
    """Ship a bad release and watch it being rolled back, from the alarm to the audit."""
    tell = _silent if json else say.moment
    before = stack.sandbox().status()
    if iam and before.running and not before.iam:
        raise Unavailable("the sandbox that runs does not enforce IAM: `edsr down` first, or `edsr up --iam`")
    ours = not before.running
    try:
        told = partial(tell, "sandbox")
        differences = stack.up(port, told, iam=iam) if ours else stack.sandbox().differences()
        if json:
            shown = demo.run(account(None), tell)
            page.write(shown.told)
            say.as_json(shown.summary([asdict(item) for item in differences]))
        else:
            with watched(browser()) as seen:
                shown = demo.run(account(None), tell)
                _tell(shown, page.write(shown.told))
                seen()
    finally:
        if ours and not keep:
            stack.sandbox().down()
    raise typer.Exit(0 if shown.remediated else FAULT)


def _silent(_what: str, _why: str) -> None:
    """With --json only the end is said."""


def _tell(shown: demo.Shown, file: Path) -> None:
    say.out.print()
    tell.moments(timeline(shown.told.records))
    say.out.print()
    say.line(f"the same as a page: {file}")
    say.line(shown.last_words, "good" if shown.remediated else "bad")


@app.command("send")
def send_event(
    event: Annotated[Path, typer.Argument(help="A file with one event, as EventBridge delivers it.")],
    times: Annotated[int, typer.Option(help="Send this many copies at once.", min=1, max=1000)] = 1,
    now: Annotated[bool, typer.Option("--now", help="As if it happened now: old events are only observed.")] = False,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Send an event: to the sandbox's bus, or, with --profile, to the detectors, where it is only observed."""
    said = send.read(event)
    matched = send.send(account(profile), send.as_of_now(said) if now else said, times)
    if json:
        say.as_json({"sent": times, "policies": matched})
    else:
        say.line(f"sent {times}; " + (f"matches {', '.join(matched)}" if matched else "no policy's pattern matches it"))


@contextmanager
def _told() -> Iterator[None]:
    """Errors that a person can act on are said in a line, without a stack trace."""
    try:
        yield
    except Declined as exc:
        say.problem(str(exc))
        sys.exit(FAULT)
    except ClientError as exc:
        say.problem(advised(exc))
        sys.exit(UNAVAILABLE)
    except (EdsrError, BotoCoreError) as exc:
        say.problem(str(exc))
        sys.exit(UNAVAILABLE)
    except OSError as exc:
        if exc.filename is None:
            raise
        say.problem(f"{exc.filename}: {exc.strerror}: name another file or folder, or make room for this one")
        sys.exit(UNAVAILABLE)


def _cancelled(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def main(*args: Any) -> None:
    """What the `edsr` command runs; a closed terminal or a cancelled job ends it as Ctrl-C does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _cancelled)
    with _told():
        app(*args)


if __name__ == "__main__":
    main()
