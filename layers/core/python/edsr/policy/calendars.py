"""Named calendars: windows of time that many policies name, kept in one place, such as a freeze."""

from pydantic import Field

from edsr.policy.windows import Span
from edsr.policy.words import Document, Id, Text


class Calendar(Document):
    """Windows of time under one name; a policy's `window` names it as calendar:ID."""

    schema_: str | None = Field(default=None, alias="$schema", title="Schema", description="For editors.")
    id: Id = Field(title="Id", description="The file's name without .json.")
    title: Text = Field(title="Title", description="What time this is, for whoever wonders that nothing was done.")
    owner: Id = Field(title="Owner", description="The team that keeps it.")
    windows: list[Span] = Field(
        min_length=1,
        max_length=100,
        title="Windows",
        description="Such as cron(0 0 19 12 ? 2026)/P16D Europe/Berlin; it is this time within any of them.",
    )
