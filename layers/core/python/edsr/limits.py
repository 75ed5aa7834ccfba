"""How often something may happen: so many times in any span of so long."""

from datetime import timedelta
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, PlainSerializer

from edsr.times import duration_text, read_duration


class Limit(NamedTuple):
    """At most `most` times in any sliding `per`; written `10/PT1M`."""

    most: int
    per: timedelta

    def __str__(self) -> str:
        return f"{self.most}/{duration_text(self.per)}"


def read(said: Any) -> Limit:
    """Read `10/PT1M`; ValueError says what is wrong."""
    if isinstance(said, Limit):
        return said
    most, _, per = str(said).partition("/")
    if not most.isdecimal() or not 1 <= int(most) <= MOST:
        raise ValueError(f"{said!r}: write how many (1 to {MOST}), a slash, and an ISO 8601 duration, such as 10/PT1M")
    return Limit(int(most), read_duration(per))


MOST = 1000
"""Each time is kept: an item holds some tens of thousands."""

Rate = Annotated[Limit, BeforeValidator(read), PlainSerializer(str, when_used="json")]
"""A limit in a setting or a configuration, written `10/PT1M`."""
