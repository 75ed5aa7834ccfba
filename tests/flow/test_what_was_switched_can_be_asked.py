"""The audit of what was switched: its chain is checked with all the others, from month to month."""

from datetime import UTC, datetime

import pytest

from cli import audit
from cli.account import Account
from edsr.protocol.controls import Engaged, engage, release
from infra.parts.names import ANCHOR_KEY_PARAMETER, EXPORT_BUCKET_PARAMETER
from tests import estate
from tests.flow.conftest import Suite, signing_key, told

ACCOUNT = Account("test", estate.client, is_sandbox=False)
MARCH, APRIL = datetime(2026, 3, 31, 23, 59, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def switched(suite: Suite) -> Suite:
    """An account in which a service was stopped in one month and released in the next."""
    estate.client("s3").create_bucket(Bucket="export")
    told(EXPORT_BUCKET_PARAMETER, "export")
    told(ANCHOR_KEY_PARAMETER, signing_key())
    engage(suite.store, "service:checkout", Engaged("ann", "it flaps"), estate.Clock(MARCH))
    release(suite.store, "service:checkout", by="bob", reason="mended", clock=estate.Clock(APRIL))
    return suite


def test_an_untouched_chain_is_intact_over_the_turn_of_a_month(switched: Suite) -> None:
    del switched
    found = audit.check(ACCOUNT)
    assert (found.chains, found.records, found.flaws) == (2, 2, ())


@pytest.mark.parametrize("month", ["2026-03", "2026-04"])
def test_a_record_that_was_removed_is_named(switched: Suite, month: str) -> None:
    del switched
    key = {"pk": {"S": f"CTL#{month}"}, "seq": {"N": "1"}}
    estate.client("dynamodb").delete_item(TableName="edsr-audit", Key=key)
    assert (f"CTL#{month}", 1) in [(flaw.incident_id, flaw.seq) for flaw in audit.check(ACCOUNT).flaws]


def test_a_month_that_was_removed_whole_is_missed_by_the_next(switched: Suite) -> None:
    del switched
    dynamodb = estate.client("dynamodb")
    dynamodb.delete_item(TableName="edsr-audit", Key={"pk": {"S": "CTL#2026-03"}, "seq": {"N": "1"}})
    dynamodb.delete_item(TableName="edsr-state", Key={"pk": {"S": "CTL#2026-03"}, "sk": {"S": "HEAD"}})
    (flaw,) = audit.check(ACCOUNT).flaws
    assert "goes on from one that is not there" in flaw.what
