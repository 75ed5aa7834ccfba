"""Data: queues and streams that back up, tables and rules that data breaks, jobs and executions that failed."""

from datetime import datetime
from typing import Any

from detect import alarms
from detect.envelope import Seen, arn, moment, said, told
from detect.intake import Ignored, intake, section, text
from detect.kinds import Event, Kind, instant, read
from detect.resources import listed
from edsr.declare import Detector
from edsr.errors import Malformed
from edsr.kinds import kind_of
from edsr.model import Finding
from edsr.policy import Policy

SPACES = ("AWS/SQS", "AWS/Kinesis", "AWS/Firehose", "AWS/Kafka", "AWS/DynamoDB", "AWS/States", "Glue")
"""Whose metrics tell of backlog, iterator age, dead letters and throttling."""

FAILED = ("FAILED", "TIMED_OUT", "ABORTED")
ENDED_BADLY = ("FAILED", "TIMEOUT", "ERROR")
SUCCEEDED = "SUCCEEDED"
BREAKING = ("UpdateTable", "DeleteTable", "CreateTable")
"""Changes of a table's schema; partitions come and go all day."""


def detect(event: dict[str, Any], policy: Policy, now: datetime) -> Finding | Ignored:
    """A Finding for what broke; the run, execution or result is the episode, however often it is told."""
    return told(read(event, KINDS), event, policy, now, DETECTOR.source)


def _execution(event: Event) -> Seen | Ignored:
    """An execution of a state machine, once for each redrive. One that was redriven and succeeds is the end of what
    failed before; of what another was to do, it says nothing."""
    status, detail = text(event, "detail", "status"), section(event, "detail")
    redrives = detail.get("redriveCount")
    redriven = isinstance(redrives, int) and redrives > 0
    over = f"status is {status[:64]}" if status == SUCCEEDED and redriven else ""
    if status not in FAILED and not over:
        return Ignored(f"status is {status[:64]}")
    execution = text(event, "detail", "executionArn")
    machine = said(detail, "stateMachineArn") or ":".join(execution.split(":")[:7]).replace(
        ":execution:", ":stateMachine:"
    )
    if machine.rsplit(":", 1)[-1].startswith("edsr-"):
        return Ignored("the suite did it itself")
    ended, (first, *others) = detail.get("stopDate"), map(_ended, (status,) if status in FAILED else FAILED)
    return Seen(
        arn=machine,
        kind=kind_of(machine),
        condition=first,
        episode=execution.rsplit(":", 1)[-1] + (f" {redrives}" if redriven else ""),
        at=moment(event, "time") if ended is None else instant(_seconds(ended), "detail.stopDate"),
        title=f"an execution of {machine.rsplit(':', 1)[-1]} ended as {status}",
        evidence={"execution": execution, "error": said(detail, "error"), "cause": said(detail, "cause")},
        over=over,
        also=tuple(others),
        same=("execution",),
    )


def _ended(status: str) -> str:
    return f"execution-{status.lower().replace('_', '-')}"


def _seconds(milliseconds: Any) -> Any:
    return milliseconds / 1000 if type(milliseconds) is int and abs(milliseconds) < 1 << 60 else None


def _job(event: Event) -> Seen | Ignored:
    """A run of a Glue job; one that succeeds is the end of those that did not."""
    state = text(event, "detail", "state")
    if state not in (*ENDED_BADLY, SUCCEEDED):
        return Ignored(f"state is {state[:64]}")
    job, run = text(event, "detail", "jobName"), text(event, "detail", "jobRunId")
    return Seen(
        arn=arn(event, "glue", f"job/{job}"),
        kind="glue:job",
        condition=f"job-{(ENDED_BADLY[0] if state == SUCCEEDED else state).lower()}",
        episode=run,
        at=moment(event, "time"),
        title=f"a run of {job} ended as {state}",
        evidence={"run": run, "message": said(event, "detail", "message")},
        over=f"state is {state}" if state == SUCCEEDED else "",
        also=tuple(f"job-{one.lower()}" for one in ENDED_BADLY[1:]),
    )


def _quality(event: Event) -> Seen | Ignored:
    """What Glue Data Quality found of a table, or of what a job wrote. That its state is FAILED means that rules of
    the set failed, not that the run did."""
    detail, context = section(event, "detail"), section(event, "detail", "context")
    state = text(event, "detail", "state")
    if state not in ("FAILED", SUCCEEDED):
        return Ignored(f"state is {state[:64]}")
    table = said(context, "databaseName"), said(context, "tableName")
    job = said(context, "jobName")
    run = said(context, "runId") or said(context, "jobRunId")
    result = said(detail, "resultId") or said(detail, "resultID") or run
    if not result or not (all(table) or job):
        raise Malformed("the result names neither itself, nor the table or job that it is about")
    sets = ", ".join(one for one in listed(detail.get("rulesetNames")) if isinstance(one, str))
    return Seen(
        arn=arn(event, "glue", f"table/{table[0]}/{table[1]}" if all(table) else f"job/{job}"),
        kind="glue:table" if all(table) else "glue:job",
        condition=f"data-quality {sets}"[:512].strip(),
        episode=result,
        at=moment(event, "time"),
        title=f"data of {'.'.join(table) if all(table) else job} fails its rules",
        evidence={
            "rulesets": sets[:1024],
            "score": str(detail.get("score", ""))[:32],
            "failed": str(detail.get("numRulesFailed", detail.get("rulesFailed", "")))[:32],
            "run": run,
        },
        over=f"state is {state}" if state == SUCCEEDED else "",
    )


def _ruleset(event: Event) -> Seen | Ignored:
    """What DataBrew found of a data set."""
    state = text(event, "detail", "validationState")
    if state not in ("FAILED", "ERROR", SUCCEEDED):
        return Ignored(f"validationState is {state[:64]}")
    ruleset, run = text(event, "detail", "rulesetArn"), text(event, "detail", "jobRunId")
    return Seen(
        arn=ruleset,
        kind="databrew:ruleset",
        condition=f"data-quality {text(event, 'detail', 'datasetName')}",
        episode=f"{run} {state}",
        at=moment(event, "time"),
        title=f"data of {text(event, 'detail', 'datasetName')} fails {ruleset.rsplit('/', 1)[-1]}",
        evidence={"run": run, "report": said(event, "detail", "validationReportS3Location")},
        over=f"validationState is {state}" if state == SUCCEEDED else "",
    )


def _schema(event: Event) -> Seen | Ignored:
    """A change of a table's schema, by whomever: crawlers make them as well. Nothing names it but its moment."""
    change = text(event, "detail", "typeOfChange")
    if change not in BREAKING:
        return Ignored(f"typeOfChange is {change[:64]}")
    changed = [one for one in listed(section(event, "detail").get("changedTables")) if isinstance(one, str)]
    table = said(event, "detail", "tableName") or ", ".join(changed)
    if not table:
        raise Malformed("the change names no table")
    database = text(event, "detail", "databaseName")
    return Seen(
        arn=arn(event, "glue", f"table/{database}/{changed[0] if changed else table}"),
        kind="glue:table",
        condition=change,
        episode=f"{said(event, 'time')} {table}"[:256],
        at=moment(event, "time"),
        title=f"{change} of {database}: {table}",
        evidence={"database": database, "tables": table[:1024], "change": change},
    )


EXECUTION, JOB = "Step Functions Execution Status Change", "Glue Job State Change"
QUALITY, RULESET = "Data Quality Evaluation Results Available", "DataBrew Ruleset Validation Result"
KINDS = {
    **alarms.kinds(*SPACES),
    EXECUTION: Kind("aws.states", _execution),
    JOB: Kind("aws.glue", _job),
    QUALITY: Kind("aws.glue-dataquality", _quality),
    RULESET: Kind("aws.databrew", _ruleset),
    "Glue Data Catalog Database State Change": Kind("aws.glue", _schema),
    "Glue Data Catalog Table State Change": Kind("aws.glue", _schema),
}

DETECTOR = Detector(
    source="data",
    title="Alarms on queues, streams, tables and state machines; executions, Glue jobs and data quality that failed; "
    "changes of schemas",
    detail_types=tuple(KINDS),
    delivery="best-effort",
    recovers={
        **alarms.OVER,
        EXECUTION: {"detail.status": (SUCCEEDED,)},
        JOB: {"detail.state": (SUCCEEDED,)},
        QUALITY: {"detail.state": (SUCCEEDED,)},
        RULESET: {"detail.validationState": (SUCCEEDED,)},
    },
    recovers_if={EXECUTION: {"redriveCount": [{"numeric": [">", 0]}]}},
)
handler = intake(DETECTOR, detect)
