"""What README and docs tell a person to type is there."""

import re
from pathlib import Path
from typing import cast

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from cli.policy.app import policy_app
from tests.estate import ROOT

PAGES = [ROOT / "README.md", ROOT / "docs" / "policies.md", ROOT / "docs" / "lint.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_policy_command_that_a_page_names_exists_with_its_options(page: Path) -> None:
    commands = cast(TyperGroup, get_command(policy_app)).commands
    lines = page.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    asked = [found for line in lines for found in re.findall(r"edsr policy ([a-z]+)([^`#|]*)", line)]
    assert asked
    for name, rest in asked:
        assert name in commands, f"there is no edsr policy {name}"
        known = {option for parameter in commands[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, f"edsr policy {name} {rest}"
