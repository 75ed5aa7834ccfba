"""`edsr cost`: what one remediation and one month come to, in dollars, item by item."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from cli import say
from cli.cost.bill import Bill, as_json, bill, prices, times
from cli.cost.usage import REMEDIATION, WATCHED, standing
from cli.options import Json
from infra.app import build


def cost(
    remediations: Annotated[int, typer.Option(help="How many remediations a month.", min=0)] = 100,
    findings: Annotated[int, typer.Option(help="How many findings a month that are only watched.", min=0)] = 1000,
    environment: Annotated[str, typer.Option(help="The environment whose templates are priced.")] = "prod",
    json: Json = False,
) -> None:
    """Say what one remediation and one month cost, by list prices that are dated; storage and traffic are left out."""
    bills = [bill("one remediation", REMEDIATION), month(environment, remediations, findings)]
    if json:
        listed = prices()
        about = {"region": listed.region, "looked_up": listed.looked_up, "note": listed.note}
        say.as_json({**about, "bills": [as_json(one) for one in bills]})
        return
    for one in bills:
        tell(one)
    say.line(f"list prices of {prices().region}, looked up on {prices().looked_up}: {prices().note}", "soft")


def month(environment: str, remediations: int, findings: int) -> Bill:
    """A month's bill: what stands there, and what happens."""
    with TemporaryDirectory() as folder:
        stands = standing(build(Path(folder), environment))
    happens = [*times(REMEDIATION, remediations, "remediations"), *times(WATCHED, findings, "findings")]
    return bill(f"one month ({environment}): {remediations} remediations, {findings} findings", [*stands, *happens])


def tell(made: Bill) -> None:
    """Print a bill."""
    say.table(
        ("item", "quantity", "dollars", "price", "as of", "why"),
        (
            (
                line.usage.price,
                f"{line.usage.quantity.normalize():,f}",
                f"{line.dollars:.6f}",
                f"{line.price.dollars} for {line.price.per:,}",
                line.price.as_of,
                line.usage.why,
            )
            for line in made.lines
        ),
        title=made.title,
        one_word=True,
    )
    say.line(f"{made.title}: {made.total:.6f} dollars" if made.total < 1 else f"{made.title}: {made.total:.2f} dollars")
