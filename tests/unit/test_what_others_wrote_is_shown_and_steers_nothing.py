"""Text of an event on its way to a terminal, a page or a document: it is read, and does nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approve import view
from cli import say
from cli.page import TEMPLATES
from edsr.legible import escape, legible
from edsr.postmortem.markdown import plain
from notify.saying import line

CLEARS, TITLES, TURNS, HALF, CSI = "\x1b[2J", "\x1b]0;x\x07", "\u202egnp.exe", "\ud800", "\x9b31m"
HOSTILE = (CLEARS, TITLES, TURNS, HALF, CSI, "\r", "\x7f", "\u2067x\u2069", "\u200f")


@pytest.mark.parametrize("said", HOSTILE)
def test_what_steers_is_shown_as_its_escape(said: str) -> None:
    for shown in (legible(said), escape(said), plain(said), view.message(said, said)):
        assert not set(shown) & set("\x1b\x07\x9b\r\x7f\u202e\u2067\u2069\u200f\ud800")
    assert legible(CLEARS) == "\\x1b[2J"
    assert legible(TURNS) == "\\u202egnp.exe"


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs"))))
def test_what_is_only_read_stays_as_it_is(said: str) -> None:
    assert legible(said) == said
    assert legible(f"{said}\n\t{said}") == f"{said}\n\t{said}"


@pytest.mark.parametrize("said", HOSTILE)
def test_no_template_lets_it_through_and_ours_stays_markup(said: str) -> None:
    page = TEMPLATES.from_string("<i>{{ said }}</i>{{ ours }}")
    assert page.render(said=said, ours=TEMPLATES.globals["way_style"]).startswith(f"<i>{escape(said)}</i>ol.way")


@pytest.mark.parametrize("said", HOSTILE)
def test_no_terminal_is_told_anything_but_text(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    say.line(said)
    say.moment(said, said)
    say.table(("a", "b"), [[said, (said, "bad")]])
    say.problem(said)
    told = capsys.readouterr()
    for out in (told.out, told.err):
        assert legible(said) in out
        assert not set(out) & set("\x1b\x07\x9b\r\x7f\u202e\u2067\u2069\u200f")


def test_a_notice_is_as_long_as_every_channel_takes_and_says_that_it_was_cut() -> None:
    assert line(f"a\n{CLEARS}") == "a \\x1b[2J"
    assert line("x" * 1_000) == "x" * 1_000
    assert (len(line("x" * 9_000)), line("x" * 9_000)[-1]) == (1_000, "\N{HORIZONTAL ELLIPSIS}")
