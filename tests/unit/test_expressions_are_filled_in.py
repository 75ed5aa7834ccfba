"""A key that ends in .$ holds a JMESPath; what it does not find is not acted upon."""

from typing import Any

import pytest

from edsr import extract
from edsr.errors import Refused
from edsr.extract import ExpressionInvalid

CONTEXT = {"subject": {"arn": "arn:x", "tier": 0}, "items": [{"id": "a"}, {"id": "b"}], "empty": [], "no": False}


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ({"arn.$": "subject.arn", "plain": "subject.arn"}, {"arn": "arn:x", "plain": "subject.arn"}),
        ({"deep": {"er": {"ids.$": "items[].id"}}}, {"deep": {"er": {"ids": ["a", "b"]}}}),
        (
            {"listed": [{"arn.$": "subject.arn"}, [{"t.$": "subject.tier"}], 5]},
            {"listed": [{"arn": "arn:x"}, [{"t": 0}], 5]},
        ),
        ({"zero.$": "subject.tier", "none.$": "empty", "no.$": "no"}, {"zero": 0, "none": [], "no": False}),
        ({}, {}),
    ],
)
def test_every_expression_is_filled_in_at_any_depth(template: dict[str, Any], filled: dict[str, Any]) -> None:
    assert extract.resolve(template, CONTEXT) == filled


def test_an_expression_that_finds_nothing_is_refused_and_says_what_is_known() -> None:
    with pytest.raises(Refused, match=r"'subject.owner' finds nothing: known are empty, items, no, subject"):
        extract.resolve({"owner.$": "subject.owner"}, CONTEXT)


@pytest.mark.parametrize("expression", ["length(subject.tier)", "nonsense(subject)", "abs(subject.arn)"])
def test_an_expression_that_cannot_be_worked_out_is_refused(expression: str) -> None:
    with pytest.raises(Refused, match="cannot be worked out"):
        extract.find(expression, CONTEXT)


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ({"a.$": "sub ject"}, r"\$\.a\.\$"),
        ({"deep": {"a.$": "["}}, r"\$\.deep\.a\.\$"),
        ({"listed": [{"a.$": "items[}"}]}, r"\$\.listed\[0\]\.a\.\$"),
        ({"a.$": 5}, "holds a JMESPath, as text"),
    ],
)
def test_a_bad_expression_is_found_before_it_is_needed(template: dict[str, Any], path: str) -> None:
    with pytest.raises(ExpressionInvalid, match=path):
        extract.check(template)


def test_a_good_template_passes_the_check() -> None:
    extract.check({"a.$": "subject.arn", "b": [1, {"c.$": "items[0].id"}], "d": {"e": None}})
