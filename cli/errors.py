"""Errors that a person at the command line can do something about, and the exit codes that say which."""

from botocore.exceptions import ClientError

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


_NOT_THERE = "the suite is not deployed in this account and Region: name another --profile, or deploy it there"
_NOT_ALLOWED = "your permissions do not reach so far: docs/operating.md says which policy lets you in"
_TOO_OLD = "sign in again, as with `aws sso login`"
_ADVICE = {
    "ParameterNotFound": _NOT_THERE,
    "ResourceNotFoundException": _NOT_THERE,
    "AccessDenied": _NOT_ALLOWED,
    "AccessDeniedException": _NOT_ALLOWED,
    "UnauthorizedOperation": _NOT_ALLOWED,
    "ExpiredToken": _TOO_OLD,
    "ExpiredTokenException": _TOO_OLD,
}
"""What to do about AWS's own errors, by their codes."""


def advised(exc: ClientError) -> str:
    """What AWS said, and what to do about it where we know."""
    advice = _ADVICE.get(exc.response["Error"]["Code"])
    return f"{exc}; {advice}" if advice else str(exc)
