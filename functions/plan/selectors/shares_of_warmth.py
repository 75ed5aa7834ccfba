"""shares-of-warmth: how much of each alias to keep ready, an equal share of one budget for all."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.errors import Refused
from edsr.policy import Library
from edsr.ports import Clients
from edsr.selecting import Selector


class Arguments(BaseModel):
    """Of which aliases, how many in all, and how many of one."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    aliases: list[str] = Field(min_length=1, title="Aliases", description="The ARNs of the aliases.")
    budget: int = Field(ge=1, title="Budget", description="No more than so many environments are paid for in all.")
    most: int = Field(ge=1, title="Most", description="No more than so many of one alias.")


SELECTOR = Selector(
    id="shares-of-warmth",
    title="The aliases, each with an equal share of what is paid for in all: `selected.ready`",
    arguments=Arguments,
    permissions=(),
)


def select(_clients: Clients, _library: Library, args: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """`{alias: {ready}}`; Refused where the budget does not give one to each."""
    how = Arguments.model_validate(args)
    aliases = sorted(set(how.aliases))
    share = min(how.most, how.budget // len(aliases))
    if not share:
        raise Refused(f"{how.budget} kept ready in all are fewer than one for each of {len(aliases)} aliases")
    return {alias: {"ready": share} for alias in aliases}
