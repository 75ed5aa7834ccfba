"""What an action's class promises about its call, its code keeps: the token is sent, the revision compared."""

import ast
import importlib
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from decide.gather import careful
from edsr.declare import Action
from edsr.policy import Playbook
from edsr.ports import Clients
from infra.catalogue import catalogue, discover
from tests.things import a_playbook

ACTIONS = discover().actions
Apply = Callable[..., None]
NEEDS = {"A": ("token", 4), "B": ("revision", 3)}
"""Which of `apply`'s arguments a class lives by; C and D have neither."""


def unkept(klass: str, apply: Apply) -> str | None:
    """What a class promises that the call does not do."""
    if klass not in NEEDS:
        return None
    what, place = NEEDS[klass]
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(apply))).body
    assert isinstance(function, ast.FunctionDef)
    given = function.args.args[place].arg
    sent = {
        name.id
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        for name in ast.walk(keyword.value)
        if isinstance(name, ast.Name)
    }
    return None if given in sent else f"class {klass}: the {what} is never sent"


@pytest.mark.parametrize("module", sorted(ACTIONS))
def test_an_action_sends_what_its_class_lives_by(module: str) -> None:
    assert unkept(ACTIONS[module].klass, importlib.import_module(module).apply) is None


def forgets(_clients: Clients, _target: str, _reach: dict[str, Any], _revision: str, _token: str) -> None:
    _clients("lambda").update_alias(Name=_target)


@pytest.mark.parametrize(("klass", "what"), [("A", "token"), ("B", "revision")])
def test_a_call_without_what_its_class_lives_by_is_found(klass: str, what: str) -> None:
    assert unkept(klass, forgets) == f"class {klass}: the {what} is never sent"


@pytest.mark.parametrize(("klass", "seconds"), [("A", 0), ("B", 600), ("C", 600), ("D", 600)])
def test_class_a_and_only_it_says_how_long_its_token_is_remembered(klass: str, seconds: int) -> None:
    said = {name: getattr(next(iter(ACTIONS.values())), name) for name in Action.model_fields}
    with pytest.raises(ValueError, match="class A, and only it, says for how many seconds its token is remembered"):
        Action.model_validate(said | {"klass": klass, "token_seconds": seconds})


@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda action: action.id)
def test_what_cannot_be_taken_back_or_told_apart_or_is_seen_by_customers_is_always_asked_about(action: Action) -> None:
    step = {"action": action.id, "target": "t", "with": {}}
    playbook: Playbook = a_playbook(stages=[{"steps": [step]}])
    assert (action.id in careful(playbook, catalogue())) is (
        not action.reversible or action.klass == "D" or action.customer_visible
    )
