"""A browser, the suite in a sandbox, and the console as a process of its own beside it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import ARGUMENTS, missing, own
from tests.estate import ROOT
from tests.flow.deployed import account as account
from tests.flow.deployed import home as home
from tests.flow.deployed import sandbox as sandbox

PICTURES = ROOT / "build" / "screenshots"
SIZES = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
THEMES = ("light", "dark")
FAINT = (Path(__file__).parent / "faint.js").read_text(encoding="utf-8").partition("\n")[2]
"""Every text of a page that stands out too little from what is behind it."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real browser without a window; skipped, with the reason, where there is none."""
    if why := missing():
        pytest.skip(why)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=own(), args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def running(home: Path) -> Iterator[str]:
    """`edsr console` for the sandbox of a folder; gives its address."""
    command = [sys.executable, "-u", "-m", "cli.app", "console", "--port", "0", "--no-open", "--as", "ann"]
    environment = {**os.environ, "EDSR_HOME": str(home), "COLUMNS": "200"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT) as process:  # noqa: S603 - our own command
        try:
            assert process.stdout
            said = process.stdout.readline()
            found = re.search(r"http://\S+?(?=/)", said)
            assert found, said
            yield found.group()
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def console(home: Path, sandbox: Any) -> Iterator[str]:
    """The console of the sandbox."""
    del sandbox
    with running(home) as address:
        yield address


@pytest.fixture
def tab(chromium: Any, console: str) -> Iterator[Any]:
    """A page to look at, on which nothing may go wrong: no script's error, nothing that the policy forbids."""
    context = chromium.new_context(viewport=SIZES["desktop"], base_url=console)
    page, wrong = context.new_page(), list[str]()
    page.set_default_timeout(180_000)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert [line for line in wrong if "status of 4" not in line] == []


def pictures(browser: Any, console: str, name: str, path: str) -> None:
    """What a page looks like, wide and narrow, in light and dark; none is wider than its screen."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        for size, viewport in SIZES.items():
            context = browser.new_context(viewport=viewport, color_scheme=theme, base_url=console)
            page = context.new_page()
            page.goto(path)
            page.screenshot(path=PICTURES / f"{name}-{size}-{theme}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], (name, size)
            assert page.evaluate(FAINT) == [], (name, theme)
            context.close()
