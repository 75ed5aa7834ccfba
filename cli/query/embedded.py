"""The embedded engine: the same SQL over the same files, on this machine, without a network."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from cli.errors import Declined, Unavailable
from cli.export import LINES, files
from cli.query.asked import Answer, Asked
from edsr.times import iso
from infra.auditing.queries import parse, views

MEMORY = "1GB"
LONGEST_LINE = 1_048_576
"""Bytes; DynamoDB takes items of 400 KB, and JSON writes a character in six at most."""

LARGEST_FILE = 67_108_864
"""Bytes of a file of the trail, unpacked: of twice as much, two that are read at a time do not fit into the memory."""

IDENTITY = (
    "STRUCT(type VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, invokedBy VARCHAR, "
    "sessionContext STRUCT(sessionIssuer STRUCT(type VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, "
    "userName VARCHAR)))"
)
PLACE = "/([a-z0-9-]+)/([0-9]{4}/[0-9]{2}/[0-9]{2})/[^/]+$"
EVENT = (
    f"STRUCT(eventTime VARCHAR, eventID VARCHAR, eventSource VARCHAR, eventName VARCHAR, userIdentity {IDENTITY}, "
    "requestParameters JSON, errorCode VARCHAR, readOnly VARCHAR)"
)


class Lake:
    """The files of an export, and, where there are some, of a trail, as the tables that Athena has of them.

    Once they are read nothing else can be: a query reaches no file, no network and no setting.
    """

    def __init__(self, folder: Path, at: datetime, trail: Path | None = None) -> None:
        self._at = at
        self._has_trail = trail is not None
        self._db = duckdb.connect(config={"memory_limit": MEMORY, "threads": 2})
        try:
            self._read(folder, trail)
        except duckdb.Error as exc:
            what = "a file of the export or the trail cannot be read (`edsr audit verify` names those of the export)"
            raise Unavailable(f"{what}: {exc}") from exc
        for name, view in views().items():
            if view.tables <= self.tables:
                self._db.execute(f'CREATE VIEW "{name}" AS {translated(view.sql, at)}')
        for setting in ("enable_external_access = false", "lock_configuration = true"):
            self._db.execute(f"SET {setting}")

    def _read(self, folder: Path, trail: Path | None) -> None:
        """A line that is no JSON is a row without anything, as it is to Athena."""
        self._db.execute("CREATE TABLE audit_lines (line VARCHAR, dt VARCHAR)")
        if lines := list(files(folder, LINES)):
            self._db.execute(
                "INSERT INTO audit_lines SELECT CASE WHEN json_valid(line) THEN line END, "
                "regexp_extract(filename, 'dt=([0-9-]+)/', 1) FROM read_csv($1, "
                "columns = {'line': 'VARCHAR'}, auto_detect = false, header = false, delim = chr(1), quote = '', "
                "escape = '', compression = 'gzip', filename = true, max_line_size = $2)",
                [[str(file) for file in lines], LONGEST_LINE],
            )
        if trail is not None:
            self._read_trail(trail)

    @property
    def tables(self) -> set[str]:
        """What can be asked about."""
        return {"audit_lines", *({"trail"} if self._has_trail else ())}

    def ask(self, asked: Asked) -> Answer:
        """Raises Declined with the engine's reason when it cannot be answered, Unavailable without a trail."""
        if not self._has_trail and asked.tables & {"trail", "calls"}:
            raise Unavailable("this asks about CloudTrail: name the folder of its files with --trail")
        try:
            result = self._db.execute(translated(asked.sql, self._at), list(asked.values))
        except duckdb.Error as exc:
            raise Declined(f"the query failed: {exc}") from exc
        return Answer(tuple(column[0] for column in result.description), [*map(_row, result.fetchall())])

    def _read_trail(self, trail: Path) -> None:
        """A file of CloudTrail's is one document, `{"Records": [...]}`, under `<region>/<year>/<month>/<day>/`."""
        found = [str(file) for file in sorted(trail.rglob("*.json.gz"))]
        source = "read_json($1, columns = {'Records': '" + EVENT + "[]'}, filename = true, maximum_object_size = $2)"
        columns = ", ".join(f"event.{name} AS {name.lower()}" for name in _FIELDS)
        region, day = (f"regexp_extract(filename, '{PLACE}', {group})" for group in (1, 2))
        rows = f'SELECT filename, unnest("Records") AS event FROM {source}' if found else _NO_EVENTS  # noqa: S608 - no input in it  # nosec B608
        self._db.execute(
            f"CREATE TABLE trail AS SELECT {region} AS region, {day} AS day, {columns} FROM ({rows})",  # noqa: S608 - no input in it  # nosec B608
            [found, LARGEST_FILE] if found else [],
        )


_FIELDS = (
    "eventTime",
    "eventID",
    "eventSource",
    "eventName",
    "userIdentity",
    "requestParameters",
    "errorCode",
    "readOnly",
)
_NO_EVENTS = f"SELECT '' AS filename, CAST(NULL AS {EVENT}) AS event LIMIT 0"


def trail_at(folder: Path) -> Path:
    """A folder with files of CloudTrail's in their places. Raises Unavailable for another, in which nothing would
    seem to have been called."""
    files = [str(file) for file in sorted(folder.rglob("*.json.gz"))]
    astray = [file for file in files if not re.search(PLACE, file)]
    if astray or not files:
        where = "<region>/<year>/<month>/<day>/....json.gz, as CloudTrail writes them"
        named = astray[0] if astray else folder
        raise Unavailable(f"{named}: the trail's files lie in {where}; copy the bucket with its folders")
    return folder


def translated(sql: str, at: datetime) -> str:
    """Athena's SQL in the engine's. Every time of ours is in UTC, and times are compared as such; now is `at`."""
    now = exp.cast(exp.Literal.string(iso(at)), exp.DataType.Type.TIMESTAMP)

    def told(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.CurrentTimestamp):
            return now.copy()
        if isinstance(node, exp.FromISO8601Timestamp):
            return exp.cast(node.this, exp.DataType.Type.TIMESTAMP)
        return node

    return parse(sql).transform(told).sql(dialect="duckdb", comments=False)


def _row(row: Sequence[Any]) -> tuple[str | int | float | None, ...]:
    return tuple(value if value is None or isinstance(value, str | int | float) else str(value) for value in row)
