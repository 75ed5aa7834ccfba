"""Tests on strings: prefix, suffix, equality without regard to case, and wildcards, each linear in the string."""

from collections import deque
from collections.abc import Callable

Test = Callable[[object], bool]


def starts(text: str) -> Test:
    closing = _quote_at(text[-1:])
    return lambda value: isinstance(value, str) and (value + closing).startswith(text)


def ends(text: str) -> Test:
    opening = _quote_at(text[:1])
    return lambda value: isinstance(value, str) and (opening + value).endswith(text)


def starts_in_any_case(text: str) -> Test:
    closing, size = _quote_at(text[-1:]), len(text)
    if text.isascii():
        same = _same_in_any_case(text)
        return lambda value: isinstance(value, str) and same((value + closing)[:size])
    spellings = _spellings(text)
    return lambda value: isinstance(value, str) and _spelled(value + closing, spellings) is not None


def ends_in_any_case(text: str) -> Test:
    opening, size = _quote_at(text[:1]), len(text)
    if text.isascii():
        same = _same_in_any_case(text)
        return lambda value: isinstance(value, str) and same((opening + value)[-size:] if size else "")
    spellings = _spellings(text, backwards=True)
    return lambda value: isinstance(value, str) and _spelled((opening + value)[::-1], spellings) is not None


def equals_in_any_case(text: str) -> Test:
    if text.isascii():
        same = _same_in_any_case(text)
        return lambda value: isinstance(value, str) and same(value)
    spellings = _spellings(text)
    return lambda value: isinstance(value, str) and _spelled(value, spellings) == len(value)


def fits(pieces: list[str]) -> Test:
    """A test for strings made of the pieces of a wildcard, in order, with anything between them."""
    if len(pieces) == 1:
        return lambda value: value == pieces[0]
    first, *between, last = pieces
    shortest = len(first) + len(last)

    def test(value: object) -> bool:
        if not isinstance(value, str) or len(value) < shortest:
            return False
        return value.startswith(first) and value.endswith(last) and _in_order(value, between, len(first), len(last))

    return test


def wildcard_pieces(text: str) -> list[str]:
    """The literal pieces between the stars; `\\*` and `\\\\` are literal. ValueError says what is wrong."""
    pieces, position = [""], 0
    while position < len(text):
        character = text[position]
        following = text[position + 1 : position + 2]
        if character == "*":
            if following == "*":
                raise ValueError(f"two stars in a row at position {position}; one is enough")
            pieces.append("")
        elif character == "\\":
            if following not in {"*", "\\"}:
                raise ValueError(f"a backslash at position {position} may only stand before '*' or another backslash")
            pieces[-1] += following
            position += 1
        else:
            pieces[-1] += character
        position += 1
    return pieces


def wildcard_complexity(pieces: list[str]) -> int:
    """How many partial matches of one wildcard a hostile string can keep alive at once.

    Every star keeps one alive, and so does each beginning of a piece that the string so far ends with: counted by an
    Aho-Corasick automaton over the pieces that follow a star, the last one closed by the quote that ends the string.
    """
    children: list[dict[str, int]] = [{}]
    alive = [0]
    for piece in [*pieces[1:-1], pieces[-1] + '"']:
        node = 0
        for character in piece:
            if character not in children[node]:
                children[node][character] = len(children)
                children.append({})
                alive.append(0)
            node = children[node][character]
            alive[node] += 1
    _add_shorter_beginnings(children, alive)
    return len(pieces) - 1 + max(alive)


def _add_shorter_beginnings(children: list[dict[str, int]], alive: list[int]) -> None:
    shorter = [0] * len(children)
    queue = deque(children[0].values())
    while queue:
        node = queue.popleft()
        alive[node] += alive[shorter[node]]
        for character, child in children[node].items():
            back = shorter[node]
            while back and character not in children[back]:
                back = shorter[back]
            shorter[child] = children[back].get(character, 0)
            queue.append(child)


def _in_order(value: str, pieces: list[str], start: int, reserved: int) -> bool:
    end = len(value) - reserved
    for piece in pieces:
        start = value.find(piece, start, end)
        if start < 0:
            return False
        start += len(piece)
    return True


def _quote_at(edge: str) -> str:
    """The reference matches strings inside their quotes, so a prefix that ends in a quote may meet the closing one."""
    return '"' if edge == '"' else ""


def _same_in_any_case(text: str) -> Callable[[str], bool]:
    lowered = text.lower()
    # Some characters beyond ASCII fold into it (the Kelvin sign into k); the reference tells them apart.
    return lambda value: value.lower() == lowered and value.isascii()


def _spellings(text: str, *, backwards: bool = False) -> list[set[str]]:
    """The lower and the upper form of each character; some are several characters long, none begins another."""
    characters = reversed(text) if backwards else text
    return [
        {form[::-1] if backwards else form for form in (character.lower(), character.upper())}
        for character in characters
    ]


def _spelled(value: str, spellings: list[set[str]]) -> int | None:
    """How much of the value's beginning is the text in some spelling, None when it does not begin with it."""
    position = 0
    for forms in spellings:
        form = next((form for form in forms if value.startswith(form, position)), None)
        if form is None:
            return None
        position += len(form)
    return position
