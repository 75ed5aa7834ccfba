"""A problem of a document: which rule it breaks, where, and what is wrong there."""

from collections.abc import Iterable
from typing import NamedTuple

from infra.lint.rules import Rule, Severity

Location = tuple[int | str, ...]
"""Where in a document: the keys and indices that lead there."""


class Said(NamedTuple):
    """What a rule says about one document: where in it, and what is wrong there."""

    rule: Rule
    at: Location
    what: str


class Problem(NamedTuple):
    """Something wrong in a document; `rule` says how bad it is, and what to do."""

    file: str
    line: int
    path: str
    rule: Rule
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule.severity} {self.rule.code}: {self.path}: {self.what}"

    def as_json(self) -> dict[str, str | int]:
        """The problem for programs, with what to do about it."""
        return {
            "code": self.rule.code,
            "severity": self.rule.severity.value,
            "file": self.file,
            "line": self.line,
            "path": self.path,
            "what": self.what,
            "remedy": self.rule.remedy,
        }


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Those that stop a deployment; the others are warnings."""
    return [problem for problem in problems if problem.rule.severity is Severity.ERROR]
