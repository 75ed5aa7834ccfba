"""`edsr incidents`: what happened, why, how long it took, and what people say it was."""

from typing import Annotated, Any

import typer

from cli import incidents, page, postmortem, say, tell
from cli.account import Account, account
from cli.options import As, By, Json, Profile, Reason
from cli.route import ask
from edsr.indicators.labels import Label
from edsr.postmortem.markdown import markdown
from edsr.postmortem.telling import said as whole
from edsr.protocol.grouping import group_of
from edsr.timeline import as_json, timeline

app = typer.Typer(no_args_is_help=True, help="What happened, why, and how long it took.")


@app.command("list")
def list_incidents(
    by: Annotated[By | None, typer.Option("--by", help="Show what belongs together in one line.")] = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """List all incidents, the newest first, with the group of each."""
    found = incidents.every(account(profile))
    if by is By.GROUP:
        tell.groups(incidents.grouped(found), json=json)
        return
    if json:
        say.as_json([incidents.summary(incident) for incident in found])
        return
    say.table(
        ("incident", "detected (UTC)", "state", "title", "group"),
        (
            (
                one.id,
                f"{one.finding.detected_at:%m-%d %H:%M:%S}",
                one.state.value,
                one.finding.title,
                group_of(one.finding),
            )
            for one in found
        ),
        one_word=True,
    )
    say.line(f"{len(found)} incident{'' if len(found) == 1 else 's'}")


@app.command("show")
def show_incident(
    incident: Annotated[str, typer.Argument(help="Its id, such as i-0123...")],
    html: Annotated[bool, typer.Option("--html", help="Write a page and print where it is.")] = False,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Show one incident: what happened when and why, and every gate's answer."""
    told = incidents.one(account(profile), incident)
    entries = timeline(told.records)
    if html:
        say.line(str(page.write(told)))
    elif json:
        records = [record.model_dump(mode="json") for record in told.records]
        say.as_json(
            {**incidents.summary(told.incident), "timeline": [as_json(entry) for entry in entries], "records": records}
        )
    else:
        say.line(f"{told.incident.id}  {told.incident.state.value}  {told.incident.finding.title}")
        for flaw in told.unreadable:
            say.line(str(flaw), "bad")
        tell.moments(entries)
        tell.gates(told)


@app.command("postmortem")
def show_postmortem(
    incident: Annotated[str, typer.Argument(help="Its id, such as i-0123...")],
    html: Annotated[bool, typer.Option("--html", help="Write a page and print where it is.")] = False,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Look back at an incident: facts, timeline, decisions with reasons, whether automation helped, measures, what is
    to be done, and the raw records; as Markdown unless asked otherwise."""
    place = account(profile)
    told = postmortem.look_back(place, incidents.one(place, incident))
    if html:
        say.line(str(postmortem.write(told)))
    elif json:
        say.as_json(whole(told))
    else:
        print(markdown(told), end="")


@app.command()
def label(
    incident: Annotated[str, typer.Argument(help="Its id, such as i-0123...")],
    was: Annotated[Label, typer.Argument(help="What it was; unclear takes back what was said before.")],
    reason: Reason,
    who: As = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Say of an incident that has ended what it was; the measures count it so from then on."""
    answer = give(account(profile), incident, was, reason, who)
    if json:
        say.as_json(answer)
    else:
        before = "" if answer["was"] == Label.UNCLEAR else f", no longer {answer['was']}"
        say.line(f"{incident} was {was.value}{before}", "good")


def give(here: Account, incident: str, was: Label, reason: str, who: str | None) -> dict[str, Any]:
    """Label an incident; `was` of the answer is its label before. Raises Declined, Unavailable."""
    return ask(here, "/labels", {"incident": incident, "label": was.value, "reason": reason}, who)
