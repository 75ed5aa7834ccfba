"""There is one way to change something: an actuator's `apply`, called by act.step once its intent is committed (G3)."""

import ast
from collections.abc import Iterable, Iterator
from typing import get_args

import pytest

from edsr.declare import Action, Permission, Resource
from infra.catalogue import discover
from tests.house.source import functions, imported, modules

HANDS = "functions/act/actuators/"
STEP = "functions/act/step.py"
READS = ("BatchGet", "Describe", "GET", "Get", "Head", "List", "Lookup", "Query", "Scan", "Search", "Simulate")
"""How AWS names what only reads. It is a list of what is allowed: a verb that is not in it counts as a change, so what
AWS names otherwise has to be looked at by a person first."""

STOPS = {"ssm:StopAutomationExecution", "states:StopExecution"}
"""The sweep asks what a hand began to stop, once the kill switch is engaged (decision 0066)."""


def calls_of(name: str, tree: ast.AST) -> list[ast.Call]:
    """Every call of an attribute of this name."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
    ]


def mentions(name: str, tree: ast.AST) -> list[ast.expr]:
    """Every place in which a name is read, called or not."""
    plain = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name]
    dotted = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == name]
    return [*plain, *dotted]


def test_apply_is_called_in_one_place() -> None:
    calling = {file: len(calls_of("apply", tree)) for file, tree in modules("functions", "layers/core").items()}
    assert {file: count for file, count in calling.items() if count} == {STEP: 1}


def test_it_is_called_once_the_intent_is_committed_and_the_time_looked_at_again() -> None:
    (caller,) = [function for function in functions(modules("functions")[STEP]) if calls_of("apply", function)]
    order = [
        node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        for statement in caller.body
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
    ]
    wanted = ["intent", "commit", "in_time", "apply"]
    assert [name for name in order[order.index("intent") :] if name in wanted] == wanted
    assert all(isinstance(statement, ast.Expr) for statement in caller.body if calls_of("commit", statement)), (
        "under no condition: what is not committed is not done"
    )


def test_what_is_committed_there_is_the_intent() -> None:
    (caller,) = [function for function in functions(modules("functions")[STEP]) if calls_of("apply", function)]
    (commit,) = calls_of("commit", caller)
    made = [
        node
        for node in ast.walk(caller)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "intent"
    ]
    (target,) = [ast.unparse(node.targets[0]).strip("()").split(",")[0] for node in made]
    assert [ast.unparse(given) for given in commit.args] == [target]


@pytest.mark.parametrize("file", [file for file in modules(HANDS) if not file.endswith("__init__.py")])
def test_a_hand_gives_its_apply_to_act_step_and_uses_it_nowhere_else(file: str) -> None:
    tree = modules(HANDS)[file]
    (given,) = mentions("apply", tree)
    (made,) = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Hands"]
    assert given in list(ast.walk(made))
    (passed,) = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "actuator"]
    assert made in passed.args


def test_nobody_else_takes_a_hand_into_theirs() -> None:
    taking = {
        file: name
        for file, tree in modules("functions", "layers/core").items()
        for name in imported(tree)
        if name.startswith("act.actuators.")
    }
    assert taking == {}


def test_a_mutating_client_is_asked_for_in_apply_alone() -> None:
    asking = {
        (file, function.name)
        for file, tree in modules("functions", "layers/core").items()
        for function in functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and any(keyword.arg == "mutating" for keyword in node.keywords)
    }
    assert asking
    assert {(file, name) for file, name in asking if not file.startswith(HANDS) or name != "apply"} == set()


def changes(permissions: Iterable[Permission]) -> Iterator[str]:
    """What may be changed of what is not the suite's own."""
    for said in permissions:
        if said.on not in get_args(Resource):
            yield from (action for action in said.actions if not action.split(":")[1].startswith(READS))


def test_only_hands_may_change_what_is_not_the_suites_own() -> None:
    able = {entry.name: set(changes(entry.permissions)) for entry in discover().functions.values()}
    hands = {entry.name for entry in discover().family("act")}
    assert hands
    others = {name: what for name, what in able.items() if what and name not in hands}
    assert others == {"edsr-sweep": STOPS}, "the sweep asks what hands began to stop, and begins nothing"
    assert all(able[name] for name in hands), "a hand that can change nothing is none"


def test_a_hand_changes_only_what_the_catalogue_names_or_asks_a_person_first() -> None:
    """What AWS lets nobody limit to some resources is for hands that are never taken unasked."""
    found = discover()
    for module, action in found.actions.items():
        entry = found.functions[module]
        beyond = [said for said in entry.permissions if not said.on.startswith("catalogue:")]
        if not asks(action):
            assert set(changes(beyond)) == set(), entry.name
        assert all(said.reason for said in beyond if set(changes([said]))), entry.name


def asks(action: Action) -> bool:
    """Whether a person is asked before it, whatever the policy's mode."""
    return not action.reversible or action.klass == "D" or action.customer_visible


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        (Permission(actions=("lambda:UpdateAlias",), on="catalogue:lambda:alias"), {"lambda:UpdateAlias"}),
        (Permission(actions=("ec2:RebootInstances", "ec2:DescribeTags"), on="*", reason="x"), {"ec2:RebootInstances"}),
        (Permission(actions=("dynamodb:PutItem",), on="state-table"), set()),
        (Permission(actions=("lambda:GetAlias",), on="catalogue:lambda:alias"), set()),
    ],
)
def test_a_change_is_told_from_a_look(said: Permission, changed: set[str]) -> None:
    assert set(changes([said])) == changed
