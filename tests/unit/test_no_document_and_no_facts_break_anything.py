"""Bad input: a document is read or told what is wrong with it, and every readable policy decides, whatever is known."""

import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from decide.chain import CHAIN, decide
from edsr.budget import Counted, budget_left, burn_rate
from edsr.errors import DocumentInvalid
from edsr.model import Finding
from edsr.policy import Objective, Playbook, Policy, Service
from edsr.policy.library import parse
from edsr.policy.safeguards import Safeguards
from tests.estate import ROOT
from tests.unit.test_the_chain_of_gates_decides import FACTS, FINDINGS

POLICY = json.loads((ROOT / "policies" / "lambda-canary-rollback.json").read_text())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
WORDS = st.sampled_from(
    [
        "PT5M",
        "PT0S",
        "cron(0 9 ? * FRI *)/PT8H Europe/Berlin",
        "service",
        "policy",
        "subject",
        "automatic",
        "checkout-availability",
        "7.5",
        True,
        -1,
        0,
        1,
        50,
    ]
)


def paths(document: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [at, *(path for name, value in inner for path in paths(value, (*at, name)))]


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The document with another value in one place."""
    if not path:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[path[0]] = changed(copy[path[0]], path[1:], value)
    return copy


def read(text: str, model: type[BaseModel]) -> BaseModel | None:
    try:
        return parse("some.json", text, model)
    except DocumentInvalid:
        return None


@given(st.text(max_size=200) | JSON.map(json.dumps), st.sampled_from([Policy, Playbook, Objective, Service]))
def test_whatever_is_in_a_file_is_read_or_told(text: str, model: type[BaseModel]) -> None:
    read(text, model)


@given(st.data(), FINDINGS, FACTS)
@settings(max_examples=300)
def test_a_policy_with_anything_in_any_place_is_told_or_decides(
    data: st.DataObject, finding: Finding, facts: Any
) -> None:
    path = data.draw(st.sampled_from(paths(POLICY)))
    policy = read(json.dumps(changed(POLICY, path, data.draw(JSON | WORDS))), Policy)
    if isinstance(policy, Policy):
        assert len(decide(finding, policy, facts).rows) == len(CHAIN)


OBJECTIVE = json.loads((ROOT / "policies" / "objectives" / "checkout-availability.json").read_text())
FIGURES = st.decimals()


@given(st.data(), FIGURES, FIGURES)
def test_an_objective_with_anything_in_any_place_is_told_or_measures(
    data: st.DataObject, total: Decimal, part: Decimal
) -> None:
    path = data.draw(st.sampled_from(paths(OBJECTIVE)))
    objective = read(json.dumps(changed(OBJECTIVE, path, data.draw(JSON | WORDS))), Objective)
    if isinstance(objective, Objective):
        rate = burn_rate(objective, Counted(total, part))
        assert rate is None or rate >= 0
        left = budget_left(objective, Counted(total, part))
        assert left is None or left <= 100
        assert len(objective.digest) == 64


NAMES = ["max", "per", "scope", "percent", "count", "within", "allow", "deny", "subjects", "lasts", "objective"]
LEAVES = st.sampled_from([*NAMES, "max-burn-rate", "min-budget-left", "restores-budget"])
GUARDS = st.dictionaries(
    st.sampled_from([field.alias or name for name, field in Safeguards.model_fields.items()]),
    WORDS | st.dictionaries(LEAVES, WORDS | st.lists(WORDS, max_size=2), max_size=3),
    max_size=4,
)


@given(GUARDS, FINDINGS, FACTS)
@settings(max_examples=300)
def test_any_safeguards_are_told_or_decide(safeguards: dict[str, Any], finding: Finding, facts: Any) -> None:
    policy = read(json.dumps(POLICY | {"safeguards": safeguards}), Policy)
    if isinstance(policy, Policy):
        assert len(decide(finding, policy, facts).rows) == len(CHAIN)
