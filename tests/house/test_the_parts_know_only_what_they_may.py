"""Who may import whom, and what may happen while a module is imported."""

import ast

import pytest

from tests.house.source import STAGES, functions, imported, modules, outside_functions

SDK = ("boto3", "botocore")


def tops(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_no_other_stage(stage: str) -> None:
    others = set(STAGES) - {stage}
    found = {file: tops(imported(tree)) & others for file, tree in modules(f"functions/{stage}").items()}
    assert {file: names for file, names in found.items() if names} == {}


def test_the_core_imports_no_stage_and_neither_cli_nor_infra() -> None:
    foreign = {*STAGES, "cli", "infra", "tests"}
    assert {
        file: names for file, tree in modules("layers/core").items() if (names := tops(imported(tree)) & foreign)
    } == {}


def test_only_edsr_aws_imports_the_sdk_and_only_when_it_must() -> None:
    importing = {file for file, tree in modules("functions", "layers/core").items() if tops(imported(tree)) & set(SDK)}
    assert importing
    assert {file for file in importing if "/edsr/aws/" not in file} == set()
    at_import = {
        file
        for file in importing
        for node in outside_functions(modules("functions", "layers/core")[file])
        if isinstance(node, ast.Import | ast.ImportFrom) and tops(imported(node)) & set(SDK)
    }
    assert at_import == set()


def test_nothing_reads_the_environment_or_makes_a_client_while_it_is_imported() -> None:
    asked = {"environ", "getenv", "client", "resource", "Session"}
    found = {
        f"{file}:{node.lineno}"
        for file, tree in modules("functions", "layers/core").items()
        for node in outside_functions(tree)
        if (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"))
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in asked)
    }
    assert found == set()


def test_only_the_shell_around_handlers_reads_the_environment() -> None:
    reading = {
        file
        for file, tree in modules("functions", "layers/core").items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    }
    assert reading == {"layers/core/python/edsr/serve.py"}


def test_only_ports_know_the_time_and_how_to_let_it_pass() -> None:
    telling = {
        f"{file}: {node.attr}"
        for file, tree in modules("functions", "layers/core").items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "utcnow", "today", "time", "sleep", "uuid4", "random")
        if isinstance(node.value, ast.Name) and node.value.id in ("datetime", "date", "time", "uuid", "random")
    }
    assert telling == {"layers/core/python/edsr/ports.py: now", "layers/core/python/edsr/ports.py: sleep"}


def test_verify_never_imports_act_however_it_is_spelled() -> None:
    for file, tree in modules("functions/verify").items():
        said = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        assert "act" not in tops(imported(tree)), file
        assert not any(text.startswith("act.") for text in said), file


def test_only_what_mutates_asks_for_a_mutating_client() -> None:
    asking = {
        file
        for file, tree in modules("functions").items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and any(keyword.arg == "mutating" for keyword in node.keywords)
    }
    assert asking
    assert all(file.startswith("functions/act/actuators/") for file in asking)


def test_no_function_imports_at_each_call_what_it_could_import_once() -> None:
    lazily = {
        file
        for file, tree in modules("functions").items()
        for function in functions(tree)
        if imported(ast.Module(body=function.body, type_ignores=[]))
    }
    assert lazily == set()
