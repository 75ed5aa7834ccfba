"""The templates are what CloudFormation takes."""

import pytest
from cfnlint.api import ManualArgs, lint

from tests.infra.reading import Assembly

UNFITTING = ["W3005"]  # the CDK writes every dependency down, also those that a reference implies


@pytest.mark.parametrize("stack", ["stateful", "compute"])
def test_cfn_lint_finds_nothing(prod: Assembly, stack: str) -> None:
    template = getattr(prod, stack)
    found = lint(template.text, config=ManualArgs(regions=["us-east-1"], ignore_checks=UNFITTING))
    assert [str(match) for match in found] == []
