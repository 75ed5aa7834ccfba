"""Athena is asked in the suite's workgroup, its values are literals of their own, and its reasons are told."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import botocore.session
import pytest
import sqlglot
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from cli.errors import Declined, Unavailable
from cli.query.asked import Asked, asked
from cli.query.athena import LONGEST_SECONDS, POLL_SECONDS, ask, literal
from tests.estate import REGION
from tests.things import ALIAS

QUERY = "q-1"
TODAY = date(2026, 3, 4)


@pytest.fixture
def stubbed() -> Iterator[tuple[Any, Stubber]]:
    """A client whose requests are checked against Athena's own model."""
    session = botocore.session.get_session()
    client = session.create_client("athena", REGION, aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub:
        yield client, stub


def expect_start(stub: Stubber, said: Asked, values: list[str] | None) -> None:
    request = {
        "QueryString": said.sql,
        "WorkGroup": "edsr-audit",
        "QueryExecutionContext": {"Database": "edsr_audit"},
        **({"ExecutionParameters": values} if values else {}),
    }
    stub.add_response("start_query_execution", {"QueryExecutionId": QUERY}, request)


def expect_state(stub: Stubber, state: str, **why: str) -> None:
    said = {"QueryExecution": {"Status": {"State": state, **why}}}
    stub.add_response("get_query_execution", said, {"QueryExecutionId": QUERY})


def test_a_named_query_is_asked_with_its_values_in_the_order_of_their_places(stubbed: tuple[Any, Stubber]) -> None:
    client, stub = stubbed
    said = asked("actions-on-a-resource", {"since": "2026-03-01", "resource": f"{ALIAS}'s"}, TODAY)
    expect_start(stub, said, ["'2026-03-01'", "'2026-03-04'", f"'{ALIAS}''s'"])
    expect_state(stub, "RUNNING")
    expect_state(stub, "SUCCEEDED")
    columns = [{"Name": name, "Type": kind} for name, kind in (("at", "varchar"), ("seq", "integer"))]
    rows = [[{"VarCharValue": "at"}, {"VarCharValue": "seq"}], [{"VarCharValue": "t"}, {"VarCharValue": "7"}], [{}, {}]]
    result = {"Rows": [{"Data": row} for row in rows], "ResultSetMetadata": {"ColumnInfo": columns}}
    stub.add_response("get_query_results", {"ResultSet": result}, {"QueryExecutionId": QUERY})
    waited: list[float] = []
    answer = ask(client, said, waited.append)
    assert answer == (("at", "seq"), [("t", 7), (None, None)])
    assert waited == [POLL_SECONDS]


def test_why_it_failed_is_told(stubbed: tuple[Any, Stubber]) -> None:
    client, stub = stubbed
    said = asked("SELECT 1 AS one", {}, TODAY)
    expect_start(stub, said, None)
    expect_state(stub, "FAILED", StateChangeReason="Bytes scanned limit was exceeded")
    with pytest.raises(Declined, match="Bytes scanned limit was exceeded"):
        ask(client, said, lambda _: None)


def test_what_takes_too_long_is_stopped(stubbed: tuple[Any, Stubber]) -> None:
    client, stub = stubbed
    said = asked("SELECT 1 AS one", {}, TODAY)
    expect_start(stub, said, None)
    for _ in range(int(LONGEST_SECONDS / POLL_SECONDS)):
        expect_state(stub, "RUNNING")
    stub.add_response("stop_query_execution", {}, {"QueryExecutionId": QUERY})
    with pytest.raises(Unavailable, match="fewer days"):
        ask(client, said, lambda _: None)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_whatever_a_value_is_it_stays_one_literal(value: str) -> None:
    (read,) = sqlglot.parse(f"SELECT {literal(value)}", dialect="trino")
    assert read is not None
    (only,) = read.expressions
    assert isinstance(only, exp.Literal)
    assert only.this == value
