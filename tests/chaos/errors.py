"""The errors of AWS as its SDK raises them: made by their code, caught by their class."""

from functools import cache
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError


@cache
def kind(code: str) -> type[ClientError]:
    """The class of an error, as `client.exceptions` names it."""
    made: type[ClientError] = type(code, (ClientError,), {})
    return made


def error(code: str, message: str, *, status: int = 400, **more: Any) -> ClientError:
    """An error with this code; `more` goes beside it in the response."""
    response = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "RetryAttempts": 0},
        **more,
    }
    return kind(code)(response, "call")


def timeout() -> ReadTimeoutError:
    """No answer came: whether the call took effect is not known."""
    return ReadTimeoutError(endpoint_url="https://aws.test")


class Exceptions:
    """`client.exceptions`: every error there is, by its code."""

    def __getattr__(self, code: str) -> type[ClientError]:
        return kind(code)
