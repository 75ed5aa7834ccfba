"""The customer's estate: functions with two releases, their aliases, and an alarm for each alias."""

import time
from itertools import groupby

from cli.account import Account
from cli.errors import Unavailable
from edsr.ports import Client
from tests.sandbox.estate import ROLE, zipped
from tests.soak.documents import PERIOD, Kind, Subject

RELEASES = ("def handle(event, context):\n    return 1\n", "def handle(event, context):\n    raise RuntimeError\n")
SETTLED_SECONDS = 60


def make(account: Account, subjects: list[Subject]) -> dict[str, str]:
    """Make it all, and wait until the alarms are quiet; gives each alias's revision by its ARN."""
    functions, alarms = account.client("lambda"), account.client("cloudwatch")
    revisions = {}
    for function, aliases in groupby(subjects, lambda subject: subject.function):
        good, bad = _versions(functions, function)
        for subject in aliases:
            revisions[subject.arn] = _alias(functions, subject, good, bad)
            _alarm(alarms, subject)
    _wait(alarms, sum(subject.kind is not Kind.SILENT for subject in subjects))
    return revisions


def revisions(account: Account, subjects: list[Subject]) -> dict[str, str]:
    """Each alias's revision as it is now."""
    get = account.client("lambda").get_alias
    return {each.arn: get(FunctionName=each.function, Name=each.alias)["RevisionId"] for each in subjects}


def _versions(functions: Client, name: str) -> list[str]:
    functions.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=ROLE,
        Handler="app.handle",
        Code={"ZipFile": zipped(app=RELEASES[0])},
    )
    good = functions.publish_version(FunctionName=name)["Version"]
    functions.update_function_code(FunctionName=name, ZipFile=zipped(app=RELEASES[1]))
    return [good, functions.publish_version(FunctionName=name)["Version"]]


def _alias(functions: Client, subject: Subject, good: str, bad: str) -> str:
    made = functions.create_alias(
        FunctionName=subject.function,
        Name=subject.alias,
        FunctionVersion=good if subject.kind is Kind.GOOD else bad,
        Description="" if subject.kind is Kind.UNRECORDED else f"last-good={good}",
    )
    return str(made["RevisionId"])


def _alarm(alarms: Client, subject: Subject) -> None:
    """Nobody calls these functions: their alarms have no data, and say what they are told to make of that."""
    alarms.put_metric_alarm(
        AlarmName=subject.alarm,
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[
            {"Name": "FunctionName", "Value": subject.function},
            {"Name": "Resource", "Value": subject.name},
        ],
        Statistic="Sum",
        Period=PERIOD,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="missing" if subject.kind is Kind.SILENT else "notBreaching",
    )


def _wait(alarms: Client, quiet: int) -> None:
    until = time.monotonic() + SETTLED_SECONDS
    while (found := _quiet(alarms)) < quiet:
        if time.monotonic() > until:
            raise Unavailable(f"only {found} of {quiet} alarms are OK after {SETTLED_SECONDS} s")
        time.sleep(0.5)


def _quiet(alarms: Client) -> int:
    pages = alarms.get_paginator("describe_alarms").paginate(AlarmNamePrefix="canary-soak-", StateValue="OK")
    return sum(len(page["MetricAlarms"]) for page in pages)
