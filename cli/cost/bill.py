"""A bill: how much of what, by which list price, and what that comes to. Exact decimals, no free tiers."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, HttpUrl

FILE = Path(__file__).with_name("prices.json")


class Price(BaseModel):
    """So many dollars for so many of it; `source` is AWS's own page, `read_in` where the figure was read, `as_of` of
    when that is."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    dollars: Decimal
    per: int
    source: HttpUrl
    read_in: HttpUrl
    as_of: str

    def of(self, quantity: Decimal) -> Decimal:
        """What a quantity comes to."""
        return quantity * self.dollars / self.per


class Prices(BaseModel):
    """The list prices of one Region, and the day on which they were looked up."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    region: str
    looked_up: str
    note: str
    prices: dict[str, Price]


@cache
def prices() -> Prices:
    """Those that the bills go by."""
    return Prices.model_validate_json(FILE.read_text("utf-8"))


class Usage(NamedTuple):
    """So much of something that has a price; `why` says where the quantity comes from."""

    price: str
    quantity: Decimal
    why: str


class Line(NamedTuple):
    """A usage with its price, and what it comes to in dollars."""

    usage: Usage
    price: Price
    dollars: Decimal


class Bill(NamedTuple):
    """Lines, and their sum."""

    title: str
    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        """In dollars."""
        return sum((line.dollars for line in self.lines), Decimal(0))


def bill(title: str, usages: Iterable[Usage], known: Mapping[str, Price] | None = None) -> Bill:
    """Price usages, the dearest first; KeyError for something that has no price."""
    known = known or prices().prices
    lines = [Line(usage, known[usage.price], known[usage.price].of(usage.quantity)) for usage in usages]
    return Bill(title, tuple(sorted(lines, key=lambda line: -line.dollars)))


def times(usages: Iterable[Usage], count: int, what: str) -> list[Usage]:
    """The usage of `count` of something."""
    return [usage._replace(quantity=usage.quantity * count, why=f"{count} {what}: {usage.why}") for usage in usages]


def as_json(made: Bill) -> dict[str, Any]:
    """For --json: money as decimal strings."""
    return {
        "title": made.title,
        "dollars": f"{made.total:.6f}",
        "items": [
            {
                "item": line.usage.price,
                "quantity": f"{line.usage.quantity.normalize():f}",
                "dollars": f"{line.dollars:.6f}",
                "why": line.usage.why,
                "price": line.price.model_dump(mode="json"),
            }
            for line in made.lines
        ],
    }
