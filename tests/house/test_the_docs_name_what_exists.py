"""What the documents point at is there: every file that a page names, by its path."""

import re

import pytest

from tests.estate import ROOT
from tests.house.source import text_of, tracked

PATH = re.compile(r"`((?:tests|functions|infra|cli|layers|docs|statemachines)/[\w/.-]*[\w/])`")
LINK = re.compile(r"\]\(([\w./-]+)(?:#[\w-]+)?\)")
PAGES = [name for name in tracked() if name.endswith(".md")]


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_a_page_names_is_there(page: str) -> None:
    text = text_of(page) or ""
    named = {path for path in PATH.findall(text) if "<" not in path}
    linked = {str((ROOT / page).parent.joinpath(link)) for link in LINK.findall(text)}
    assert {path for path in named if not (ROOT / path).exists()} == set()
    assert {path for path in linked if not (ROOT / path).exists()} == set()
