"""Style that a reader feels: sizes, names, docstrings, errors, and what must not stand in a repository."""

import ast
import re
from statistics import median

import pytest

from tests.house.source import PRODUCT, STAGES, functions, imported, modules, text_of, tracked

FUNCTION_LINES, FILE_LINES = 50, 250
FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "manager", "base"}
OURS = ("edsr", "cli", "infra", *STAGES)


def own_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_no_function_is_longer_than_a_screen() -> None:
    sizes = {
        f"{file}:{function.lineno} {function.name}": own_lines(function)
        for file, tree in modules(*PRODUCT).items()
        for function in functions(tree)
    }
    ordered = sorted(sizes.values())
    figures = f"median {median(ordered)}, p90 {ordered[len(ordered) * 9 // 10]}, of {len(ordered)} functions"
    assert {name: size for name, size in sizes.items() if size > FUNCTION_LINES} == {}, figures
    assert median(ordered) <= 10, figures


def test_no_file_is_longer_than_can_be_read_at_once() -> None:
    sizes = {file: len((text_of(file) or "").splitlines()) for file in modules(*PRODUCT, "tests")}
    code = [size for file, size in sizes.items() if not file.startswith("tests/") and not file.endswith("__init__.py")]
    figures = f"median {median(code)} of {len(code)} files"
    long = {file: size for file, size in sizes.items() if size > FILE_LINES and not file.startswith("tests/")}
    assert long == {}, figures
    assert median(code) <= 80, figures


@pytest.mark.parametrize("folder", [*PRODUCT, "tests"])
def test_every_module_opens_with_what_it_is_for(folder: str) -> None:
    silent = {file for file, tree in modules(folder).items() if tree.body and not ast.get_docstring(tree)}
    assert silent == set()


@pytest.mark.parametrize("folder", PRODUCT)
def test_no_error_is_caught_without_knowing_which(folder: str) -> None:
    broad = {
        f"{file}:{node.lineno}"
        for file, tree in modules(folder).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and {"Exception", "BaseException", ""} & caught(node)
    }
    assert broad == set()


def caught(handler: ast.ExceptHandler) -> set[str]:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {ast.unparse(kind).rsplit(".", 1)[-1] if kind else "" for kind in kinds}


@pytest.mark.parametrize("folder", [*PRODUCT, "tests"])
def test_no_name_says_nothing(folder: str) -> None:
    named = {
        (file, part)
        for file in modules(folder)
        for part in re.split(r"[/_.]", file.removesuffix(".py").removeprefix(folder))
    }
    assert {file for file, part in named if part in FORBIDDEN} == set()


def test_no_test_patches_our_own_code() -> None:
    found = set()
    for file, tree in modules("tests").items():
        if any("mock" in name.split(".") and not name.startswith("moto") for name in imported(tree)):
            found.add(f"{file}: imports mock")
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            patched = ast.unparse(node.args[0]).strip("'\"")
            if node.func.attr == "setattr" and patched.split(".")[0] in OURS:
                found.add(f"{file}:{node.lineno} {patched}")
    assert found == set()


def hosts() -> re.Pattern[str]:
    """Written in pieces, so that this file is not found by itself."""
    registries = ["pypi" + ".", "pythonhosted" + ".", "registry" + ".npmjs", "artifactory" + ".", "nexus" + "."]
    places = ["/work" + "/", "/home" + "/", "/Users" + "/", "/root" + "/"]
    return re.compile("|".join(re.escape(text) for text in [*registries, *places]))


def test_no_file_names_a_registry_or_a_place_on_somebodys_machine() -> None:
    found = {
        f"{name}:{number} {match.group()}"
        for name in tracked()
        for number, line in enumerate((text_of(name) or "").splitlines(), 1)
        if (match := hosts().search(line))
    }
    assert found == set()


@pytest.mark.parametrize(
    "lock",
    [
        name
        for name in tracked()
        if name.endswith(".txt") and ("locks/" in name or name.startswith("layers/")) and "requirements.in" not in name
    ],
)
def test_a_lock_carries_hashes_and_no_address(lock: str) -> None:
    text = text_of(lock) or ""
    pinned = [
        line for line in text.replace("\\\n", " ").splitlines() if "==" in line and not line.lstrip().startswith("#")
    ]
    assert pinned
    assert [line for line in pinned if "--hash=sha256:" not in line] == []
    assert "://" not in text
    assert "index-url" not in text
