"""The one error of this package: an event pattern that is not valid."""

from typing import NoReturn

from edsr.errors import EdsrError


class PatternInvalid(EdsrError):
    """A pattern that cannot be used; `path` is its JSON path, `reason` what is wrong there and what is allowed."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def refuse(path: str, reason: str) -> NoReturn:
    raise PatternInvalid(path, reason)


def kind(value: object) -> str:
    """What a value is called in JSON, for messages."""
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", type(None): "null"}
    names |= {dict: "an object", list: "a list"}
    return names.get(type(value), f"a Python {type(value).__name__}")
