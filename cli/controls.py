"""The chains of what was switched, month after month: where each begins, where it ends, and whether they join."""

from itertools import pairwise
from typing import NamedTuple

from cli.account import Account
from edsr.audit import GENESIS, START, Flaw, Head
from edsr.aws.items import plain
from edsr.protocol import keys


class Month(NamedTuple):
    """What is remembered of a month's chain: the head it goes on from, the head it has, and whether it is sealed."""

    begins: Head
    ends: Head
    sealed: bool


def months(account: Account) -> dict[str, Month]:
    """Every month in which something was switched, by its chain, the earliest first."""
    items = account.scan(
        "edsr-state",
        FilterExpression="#sk = :head AND begins_with(#pk, :control)",
        ExpressionAttributeNames={"#pk": "pk", "#sk": "sk"},
        ExpressionAttributeValues={":head": {"S": keys.HEAD}, ":control": {"S": keys.CONTROL}},
    )
    found = {item["pk"]: item for item in map(plain, items)}
    return {
        chain: Month(
            Head(0, item.get("began_with", GENESIS)),
            Head(item["head_seq"], item["head_hash"]),
            bool(item.get("sealed")),
        )
        for chain, item in sorted(found.items())
    }


def joints(found: dict[str, Month], oldest: str = "") -> list[Flaw]:
    """Each month goes on where the one before ended, and sealed it; the first begins with nothing, unless what was
    before it is older than `oldest` (`2026-03`) and gone."""
    flaws = [
        Flaw(chain, 1, "is the first month, and goes on from one that is not there: it was removed")
        for chain, month in list(found.items())[:1]
        if month.begins != START and chain.removeprefix(keys.CONTROL) > oldest
    ]
    for (earlier, before), (later, month) in pairwise(found.items()):
        if month.begins.hash != before.ends.hash:
            flaws.append(Flaw(later, 1, f"does not go on where {earlier} ended: one of them was replaced"))
        if not before.sealed:
            flaws.append(Flaw(earlier, before.ends.seq, f"is not sealed, although {later} goes on from it"))
    return flaws
