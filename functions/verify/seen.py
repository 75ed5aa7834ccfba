"""What a probe sees at one moment; what it means is judged once the time for it is over."""

from typing import NamedTuple

from edsr.model import Judged


class Seen(NamedTuple):
    """`judged` as things stand, and what was observed."""

    judged: Judged
    observed: str
