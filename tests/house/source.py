"""The repository as text and as syntax: what the house rules are held against."""

import ast
import subprocess
from functools import cache
from pathlib import Path

from tests.estate import ROOT

CORE = ROOT / "layers" / "core" / "python"
STAGES = sorted(folder.name for folder in (ROOT / "functions").iterdir() if (folder / "__init__.py").exists())
PRODUCT = ("functions", "layers/core", "cli", "infra")


@cache
def modules(*folders: str) -> dict[str, ast.Module]:
    """Every Python file below some folders, parsed, by its path in the repository."""
    files = sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py") if "cdk.out" not in file.parts)
    return {str(file.relative_to(ROOT)): ast.parse(file.read_text(encoding="utf-8")) for file in files}


@cache
def tracked() -> tuple[str, ...]:
    """Every file that is, or is about to be, in the repository."""
    listed = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    said = subprocess.run(listed, capture_output=True, text=True, check=True).stdout  # noqa: S603 - a fixed command
    return tuple(name for name in said.split("\0") if name and (ROOT / name).is_file())


def text_of(name: str) -> str | None:
    """A file's text; None when it is not text."""
    try:
        return Path(ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def imported(tree: ast.AST) -> set[str]:
    """Every module that is imported anywhere below a node, and each name taken from one."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def outside_functions(tree: ast.Module) -> list[ast.AST]:
    """Every node that runs when the module is imported; a function's body does not, its defaults do."""
    found: list[ast.AST] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        found.append(node)
        deferred = node.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) else []
        skipped = deferred if isinstance(deferred, list) else [deferred]
        waiting += [child for child in ast.iter_child_nodes(node) if child not in skipped]
    return found
