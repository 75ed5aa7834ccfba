"""`edsr demotions`: let a policy go less far at once, see which do, and lift it."""

from typing import Annotated, Any, Literal

import typer

from cli import say
from cli.account import Account, account
from cli.options import As, Json, Profile, Reason
from cli.route import ask
from cli.switch import moment
from edsr.aws.items import plain
from edsr.ports import utc_now
from edsr.protocol.demotions import EVERYWHERE
from edsr.times import epoch, iso, parse_epoch

app = typer.Typer(no_args_is_help=True, help="How far policies go, lowered at once and without a deploy.")
Policy = Annotated[str, typer.Argument(help="The policy's id.")]
Service = Annotated[str, typer.Option(help="On this service only; on every subject when left out.")]


@app.command("list")
def show(profile: Profile = None, json: Json = False) -> None:
    """List what is demoted, by whom, why, and until when."""
    found = every(account(profile))
    if json:
        say.as_json(found)
    elif found:
        say.table(
            ("policy", "service", "goes to", "since (UTC)", "until", "by", "reason"),
            (
                (
                    one["policy"],
                    one["service"],
                    one["to"],
                    one["since"],
                    "over" if one["over"] else one["until"] or "somebody lifts it",
                    one["by"],
                    one["reason"],
                )
                for one in found
            ),
        )
    else:
        say.line("nothing is demoted: every policy goes as far as it is written")


@app.command()
def add(
    policy: Policy,
    reason: Reason,
    to: Annotated[Literal["observe", "approve"], typer.Option(help="How far it goes at most.")] = "observe",
    service: Service = EVERYWHERE,
    until: Annotated[str | None, typer.Option(help="When it ends by itself: 30m, 2h, or 2026-03-02T18:00Z.")] = None,
    who: As = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Demote a policy: what is decided from now on goes no further. `edsr switch off` stops what runs already."""
    said: dict[str, Any] = {"policy": policy, "service": service, "to": to, "reason": reason}
    end = moment(until, utc_now()) if until else None
    if end:
        said["until"] = epoch(end)
    answer = ask(account(profile), "/demotions", said, who)
    if json:
        say.as_json(answer)
        return
    where = "" if service == EVERYWHERE else f" on {service}"
    how_long = f"until {iso(end)}" if end else "until it is lifted"
    say.line(f"{policy}{where} goes no further than {to}, {how_long}", "good")


@app.command()
def lift(
    policy: Policy,
    reason: Reason,
    service: Service = EVERYWHERE,
    who: As = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Lift a demotion: the policy goes as far as it is written."""
    said = {"policy": policy, "service": service, "to": None, "reason": reason}
    answer = ask(account(profile), "/demotions", said, who)
    if json:
        say.as_json(answer)
    else:
        say.line(f"{policy}{'' if service == EVERYWHERE else f' on {service}'} goes as far as it is written", "good")


def every(account: Account) -> list[dict[str, Any]]:
    """Every demotion that nobody has lifted, by policy and service; `over` says that its time is."""
    items = account.scan(
        "edsr-state",
        FilterExpression="begins_with(#pk, :modes)",
        ExpressionAttributeNames={"#pk": "pk"},
        ExpressionAttributeValues={":modes": {"S": "MOD#"}},
    )
    now = epoch(utc_now())
    return sorted(
        (
            {
                "policy": item["pk"].removeprefix("MOD#"),
                "service": service,
                **{name: said[name] for name in ("to", "by", "reason")},
                "since": iso(parse_epoch(said["at"])),
                "until": iso(parse_epoch(said["end"])) if "end" in said else None,
                "over": said.get("end", now + 1) <= now,
            }
            for item in map(plain, items)
            for service, said in item["demoted"].items()
        ),
        key=lambda one: (str(one["policy"]), str(one["service"])),
    )
