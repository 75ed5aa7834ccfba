"""Whether what policies wait for was ever heard of: from its first time on it can be missed, and not before."""

from collections.abc import Iterator

from cli.diagnosis.finding import Level, Patient, Row, asking
from edsr.protocol import keys
from infra.parts.names import STATE_TABLE


def absences(patient: Patient) -> Iterator[Row]:
    """Policies that wait for something, and know of nothing yet."""
    for policy in patient.policies:
        if policy.detect.absence is None:
            continue
        with asking("the state table"):
            said = patient.ask(
                "dynamodb",
                "query",
                TableName=STATE_TABLE,
                IndexName="GSI1",
                Select="COUNT",
                Limit=1,
                KeyConditionExpression="#open = :of",
                ExpressionAttributeNames={"#open": "open"},
                ExpressionAttributeValues={":of": {"S": keys.absences(policy.id)}},
            )
        if not said["Count"]:
            why = "nothing that it waits for ever came, and nothing is expected from the beginning"
            yield Row(
                Level.BLOCKED, "what is expected", why, "let one come, or name a `kind` in `absence`", (policy.id,)
            )
