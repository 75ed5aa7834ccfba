"""The packs of cdk-nag find nothing that is not answered with a reason."""

from pathlib import Path

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks, ServerlessChecks

from infra import POLICIES
from infra.config import environments, load
from infra.suite import add_stacks, new_app

OTLP = {"endpoint": "https://c.example.com", "secret": "arn:aws:secretsmanager:us-east-1:123456789012:secret:c"}
SIGN_IN = {"issuer": "https://id.example.com", "client-id": "edsr"}
"""The switches are on in one environment, so that what they add is looked at, too."""

PACKS = [AwsSolutionsChecks, ServerlessChecks, NIST80053R5Checks]


def findings(app: App, pack: type[AwsSolutionsChecks]) -> list[str]:
    """`rule: resources` of every finding that no reason answers."""
    report = pack(app).validate_scope(app)
    return [
        f"{found.rule_name}: {', '.join(item.construct_path or '' for item in found.violating_resources)}"
        for found in report.violations
    ]


@pytest.fixture(scope="module", params=environments())
def suite(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> App:
    app = new_app(tmp_path_factory.mktemp("nag"))
    switched = {"otlp": OTLP, "sign-in": SIGN_IN} if request.param == "staging" else {}
    add_stacks(app, load(request.param, switched), Path(POLICIES))
    return app


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_finds_nothing_unanswered(suite: App, pack: type[AwsSolutionsChecks]) -> None:
    assert findings(suite, pack) == []


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_would_find_something(pack: type[AwsSolutionsChecks]) -> None:
    app = App()
    stack = Stack(app, "Careless")
    s3.Bucket(stack, "Bucket")
    sqs.Queue(stack, "Queue")
    assert findings(app, pack)
