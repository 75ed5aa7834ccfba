"""Laws that hold for every pattern and event."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from edsr import pattern

NAMES = ["a", "b", "c"]
TEXTS = st.sampled_from(["", "x", "X", "xy", "yx", "10.0.0.1", "010.0.0.1", "::1", "0::1", "é", "É"])
NUMBERS = st.sampled_from([0, 1, 1.0, -1, 0.5, 300, 2**53, 2**53 + 1, 1e22])
SCALARS = TEXTS | NUMBERS | st.sampled_from([None, True, False])


def operators() -> st.SearchStrategy[dict[str, Any]]:
    texts = [st.fixed_dictionaries({name: TEXTS}) for name in ("prefix", "suffix", "equals-ignore-case", "exactly")]
    listed = st.lists(TEXTS.filter(bool), min_size=1, max_size=3)
    return st.one_of(
        *texts,
        st.fixed_dictionaries({"prefix": st.fixed_dictionaries({"equals-ignore-case": TEXTS})}),
        st.fixed_dictionaries({"anything-but": TEXTS | listed | st.lists(st.sampled_from([0, 1, 0.5]), min_size=1)}),
        st.fixed_dictionaries({"anything-but": st.fixed_dictionaries({"prefix": listed})}),
        st.fixed_dictionaries(
            {"numeric": st.tuples(st.sampled_from(["<", "<=", "=", ">", ">="]), st.integers(-1, 2)).map(list)}
        ),
        st.fixed_dictionaries({"exists": st.booleans()}),
        st.fixed_dictionaries({"cidr": st.sampled_from(["10.0.0.0/24", "::/64"])}),
        st.fixed_dictionaries({"wildcard": st.sampled_from(["*", "x*", "*x*y"])}),
    )


WANTED = st.lists(SCALARS.filter(lambda value: value != 2**53 + 1) | operators(), min_size=1, max_size=3)


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(NAMES), inner, min_size=1, max_size=3)


PLAIN = objects(st.recursive(WANTED, objects, max_leaves=5))
OR = st.fixed_dictionaries({"$or": st.lists(objects(WANTED | objects(WANTED)), min_size=2, max_size=3)})
PATTERNS = PLAIN | OR | st.fixed_dictionaries({"d": OR | PLAIN, "e": WANTED})
FLAT = objects(WANTED) | st.fixed_dictionaries({"d": WANTED, "$or": st.lists(objects(WANTED), min_size=2, max_size=3)})
EVENTS = st.dictionaries(
    st.sampled_from([*NAMES, "d", "e", "a.b"]),
    st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | objects(inner), max_leaves=8),
    max_size=4,
)


def turned(value: Any) -> Any:
    """The same JSON with every object's names in the opposite order."""
    if isinstance(value, dict):
        return {name: turned(inner) for name, inner in reversed(value.items())}
    return [turned(inner) for inner in value] if isinstance(value, list) else value


@settings(max_examples=100)
@given(st.lists(PATTERNS, max_size=6), st.lists(EVENTS, min_size=1, max_size=4))
def test_an_index_agrees_with_its_patterns(patterns: list[dict[str, Any]], events: list[dict[str, Any]]) -> None:
    compiled = {str(number): pattern.compile(one) for number, one in enumerate(patterns)}
    index = pattern.Index(compiled)
    for event in events:
        assert index.match(event) == {name for name, one in compiled.items() if one.matches(event)}


@settings(max_examples=200)
@given(FLAT, st.dictionaries(st.sampled_from([*NAMES, "d"]), SCALARS, max_size=4))
def test_a_flat_object_is_matched_as_any_other(one: dict[str, Any], scalars: dict[str, Any]) -> None:
    compiled = pattern.compile(one)
    assert compiled.matches_flat(scalars) == compiled.matches(scalars)


@settings(max_examples=80)
@given(PLAIN, st.lists(PLAIN, min_size=2, max_size=3), EVENTS)
def test_an_or_distributes(shared: dict[str, Any], alternatives: list[dict[str, Any]], event: dict[str, Any]) -> None:
    factored = pattern.compile({"d": shared, "$or": alternatives})
    spelled_out = [pattern.compile({"d": shared, **alternative}) for alternative in alternatives]
    assert factored.matches(event) == any(one.matches(event) for one in spelled_out)


@settings(max_examples=100)
@given(PATTERNS, EVENTS)
def test_the_order_of_names_is_irrelevant(one: dict[str, Any], event: dict[str, Any]) -> None:
    expected = pattern.compile(one).matches(event)
    assert pattern.compile(turned(one)).matches(event) == expected
    assert pattern.compile(one).matches(turned(event)) == expected


@settings(max_examples=100)
@given(PLAIN, EVENTS)
def test_a_pattern_matches_when_every_row_of_its_explanation_does(one: dict[str, Any], event: dict[str, Any]) -> None:
    compiled = pattern.compile(one)
    assert compiled.matches(event) == all(row.matched for row in compiled.explain(event))
