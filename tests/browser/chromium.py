"""Which Chromium there is: this machine's own, or one that Playwright fetched; `python -m` fetches one if need be."""

import shutil
import subprocess
import sys
from pathlib import Path

from cli import say

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def own() -> str | None:
    """This machine's own; None when it has none on its path."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def missing() -> str:
    """Why no browser can be driven; empty when one can."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return "what drives a browser is not installed: `make test-browser` does it"
    if own():
        return ""
    with sync_playwright() as playwright:
        return "" if Path(playwright.chromium.executable_path).exists() else "there is no Chromium on this machine"


def main() -> None:
    """Say which one there is, or fetch one; where that fails the tests are skipped."""
    if missing():
        fetched = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
        say.line("fetched Chromium" if fetched.returncode == 0 else "no Chromium: install one, then again")
    else:
        say.line(f"Chromium: {own() or 'as Playwright fetched it'}")


if __name__ == "__main__":
    main()
