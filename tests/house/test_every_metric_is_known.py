"""Metrics: what is emitted is what the table says, each with its dimensions, and few enough to be paid for."""

import ast
from collections.abc import Iterator
from typing import Any

from edsr.indicators.table import INDICATORS
from edsr.metrics import METRICS, MOST
from tests.house.source import modules


def emitting() -> Iterator[tuple[str, ast.Call]]:
    """Every call of `count` of a runtime, and where it stands."""
    for file, tree in modules("functions", "layers/core").items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "count":
                owner = ast.unparse(node.func.value)
                if owner.split(".")[-1] == "runtime":
                    yield f"{file}:{node.lineno}", node


def name_of(call: ast.Call) -> Any:
    """The metric, where it stands there in letters."""
    return call.args[0].value if isinstance(call.args[0], ast.Constant) else None


def test_what_is_emitted_is_in_the_table_with_all_of_its_dimensions() -> None:
    wrong = {}
    for place, call in emitting():
        name, given = name_of(call), {word.arg for word in call.keywords}
        if name is not None and (name not in METRICS or not set(METRICS[name].dimensions) <= given):
            wrong[place] = name
    assert wrong == {}


def test_nothing_is_in_the_table_that_nobody_emits() -> None:
    measured = {one.metric for one in INDICATORS}
    literal = {name_of(call) for _, call in emitting()}
    assert set(METRICS) - literal - measured == set()


def test_they_are_few_enough() -> None:
    assert sum(metric.series for metric in METRICS.values()) <= MOST == 60
