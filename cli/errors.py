"""Errors that a person at the command line can do something about, and the exit codes that say which."""

from edsr.errors import EdsrError

FAULT = 1
"""What was asked about is not well: a policy that does not lint, a chain that is not intact; or what was asked for was
refused: an answer that cannot count, a switch by who may not."""

UNAVAILABLE = 3
"""What is needed to answer is not there: no sandbox runs, no such incident, no credentials."""


class Unavailable(EdsrError):
    """Something that is needed is not there; the text says what to do."""


class Declined(EdsrError):
    """What was asked for is not done; the text says why."""
