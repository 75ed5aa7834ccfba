"""Linting what operators write: every problem with its code, file, line, JSON path, and what to do about it.

for problem in lint(Path("policies")):
    print(problem)
"""

from infra.lint.folder import lint
from infra.lint.problem import Problem, errors

__all__ = ["Problem", "errors", "lint"]
