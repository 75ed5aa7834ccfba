"""The audit asked by Athena: in the suite's own workgroup, whose limits nobody who asks can change."""

from typing import Any

from cli.errors import Declined, Unavailable
from cli.query.asked import Answer, Asked
from edsr.ports import Client, Sleep
from infra.auditing.tables import DATABASE, WORKGROUP

POLL_SECONDS = 0.5
LONGEST_SECONDS = 300
NUMBERS: dict[str, type] = {"tinyint": int, "smallint": int, "integer": int, "bigint": int, "double": float}


def ask(athena: Client, asked: Asked, sleep: Sleep) -> Answer:
    """Start a query and wait for what it comes to.

    Raises Declined with Athena's reason when it fails, such as a limit of the workgroup; Unavailable when it takes too
    long: then it is stopped.
    """
    started = athena.start_query_execution(
        QueryString=asked.sql,
        WorkGroup=WORKGROUP,
        QueryExecutionContext={"Database": DATABASE},
        **({"ExecutionParameters": [literal(value) for value in asked.values]} if asked.values else {}),
    )
    _wait(athena, started["QueryExecutionId"], sleep)
    return _answer(athena.get_paginator("get_query_results").paginate(QueryExecutionId=started["QueryExecutionId"]))


def literal(value: str) -> str:
    """A value as Athena takes it for a parameter: a literal of Trino's, in which only a quote ends text."""
    return "'" + value.replace("'", "''") + "'"


def _wait(athena: Client, query: str, sleep: Sleep) -> None:
    for _ in range(int(LONGEST_SECONDS / POLL_SECONDS)):
        status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
        match status["State"]:
            case "SUCCEEDED":
                return
            case "FAILED" | "CANCELLED":
                raise Declined(f"Athena: {status.get('StateChangeReason', status['State'])}")
        sleep(POLL_SECONDS)
    athena.stop_query_execution(QueryExecutionId=query)
    raise Unavailable(f"Athena took longer than {LONGEST_SECONDS} seconds: ask for fewer days")


def _answer(pages: Any) -> Answer:
    """Athena's first row says the columns again; every value comes as text."""
    rows: list[tuple[str | int | float | None, ...]] = []
    columns: list[dict[str, str]] = []
    for number, page in enumerate(pages):
        found = page["ResultSet"]
        columns = columns or found["ResultSetMetadata"]["ColumnInfo"]
        for row in found["Rows"][1 if number == 0 else 0 :]:
            values = [cell.get("VarCharValue") for cell in row["Data"]]
            rows.append(tuple(_typed(one, column["Type"]) for one, column in zip(values, columns, strict=True)))
    return Answer(tuple(column["Name"] for column in columns), rows)


def _typed(value: str | None, kind: str) -> str | int | float | None:
    read = NUMBERS.get(kind, str)
    return None if value is None else read(value)
