"""What is hashed is the same bytes on every machine, and different values are different bytes."""

import unicodedata
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsr.canonical import canonical, digest, plain, written

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LEAVES = st.none() | st.booleans() | st.integers(-(10**38) + 1, 10**38 - 1) | TEXT


def maps(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(TEXT.map(lambda text: unicodedata.normalize("NFC", text)), inner, max_size=4)


JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | maps(inner), max_leaves=12)


@pytest.mark.parametrize(
    ("value", "form", "sha256"),
    [
        ({}, b"{}", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"),
        (
            {"b": [1, None, True], "a": "x"},
            b'{"a":"x","b":[1,null,true]}',
            "dd9724fed115454f375681085d038f0f7fe70ad29c152075a018b5d3a495c856",
        ),
        (
            {"caf\u00e9": "\U0001f6d1 /\n"},
            b'{"caf\xc3\xa9":"\xf0\x9f\x9b\x91 /\\n"}',
            "25e2a724408c119253492217584e3b310cab405e1c8bd0496d47a830d0a224b2",
        ),
    ],
)
def test_the_golden_vectors_never_change(value: Any, form: bytes, sha256: str) -> None:
    assert canonical(value) == form
    assert digest(value) == sha256


@pytest.mark.parametrize("value", [1.5, [0.0], {"a": {"b": [1.0]}}, float("nan")])
def test_a_float_is_refused_at_any_depth(value: Any) -> None:
    with pytest.raises(TypeError, match="is a float: write integers or decimal strings"):
        canonical(value)


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", object()])
def test_what_json_does_not_know_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="has no canonical form"):
        canonical(value)


def test_half_a_surrogate_pair_is_no_text() -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        canonical("\ud800")


def test_one_letter_in_two_spellings_is_one_value() -> None:
    assert canonical("cafe\u0301") == canonical("caf\u00e9")


def test_two_keys_that_are_the_same_text_are_refused_since_chance_would_choose() -> None:
    with pytest.raises(ValueError, match="two keys of a map are the same text"):
        plain({"caf\u00e9": 1, "cafe\u0301": 2})


@pytest.mark.parametrize(
    ("value", "spelled"),
    [(1.5, "1.5"), (0.1, "0.1"), (1e22, "1E+22"), (-0.0, "-0.0"), (Decimal("1.10"), "1.10"), (float("nan"), "NaN")],
)
def test_plain_spells_numbers_that_are_not_whole(value: Any, spelled: str) -> None:
    assert plain({"x": [value]}) == {"x": [spelled]}


def test_plain_spells_an_integer_that_dynamodb_cannot_hold() -> None:
    assert plain([10**38 - 1, 10**38, -(10**38)]) == [10**38 - 1, "1" + "0" * 38, "-1" + "0" * 38]


@given(JSON)
def test_the_order_of_keys_does_not_matter(value: Any) -> None:
    assert canonical(value) == canonical(_reversed(value))


@given(JSON)
def test_making_a_value_plain_twice_is_making_it_plain_once(value: Any) -> None:
    assert plain(plain(value)) == plain(value)


@given(JSON, JSON)
def test_different_values_have_different_forms(one: Any, other: Any) -> None:
    assert (canonical(one) == canonical(other)) == (_typed(plain(one)) == _typed(plain(other)))


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(inner) for key, inner in reversed(value.items())}
    return [_reversed(inner) for inner in value] if isinstance(value, list) else value


def _typed(value: Any) -> Any:
    """Python says True == 1; JSON does not."""
    if isinstance(value, dict):
        return {key: _typed(inner) for key, inner in value.items()}
    return [_typed(inner) for inner in value] if isinstance(value, list) else (type(value), value)


@given(JSON)
def test_what_is_in_its_form_already_is_written_as_it_stands(value: Any) -> None:
    assert written(plain(value)) == canonical(value)


@pytest.mark.parametrize("value", [1.5, "cafe\u0301", {"cafe\u0301": 1}, 10**38])
def test_what_is_not_is_written_otherwise(value: Any) -> None:
    assert written(value) != canonical(plain(value))


@pytest.mark.parametrize("value", [Decimal("1.5"), {1, 2}, b"bytes"])
def test_what_json_has_no_word_for_is_not_written(value: Any) -> None:
    with pytest.raises(TypeError, match="is not JSON serializable"):
        written(value)
