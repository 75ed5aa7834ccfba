"""What passed the boundary, as CloudTrail would have it: a trail beside the audit, by a witness that is no part of it.

It knows of the suite's calls what CloudTrail records by default: what changes something, without the data events. The
role is named as its function is; the rest is as it was asked.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

from cli.gameday.place import READS, Seen
from cli.gameday.wire import Asked, Said, code, model, parameters
from cli.stack import ACCOUNT, REGION
from edsr.times import iso
from infra.lint.trails import DATA_CALLS

SUITE = "edsr-"
DATA_ONLY = frozenset({"dynamodb", "s3"})
"""Services of which the suite's functions ask for nothing but data."""

NOT_A_WRITE = frozenset({"events:PutEvents", "cloudwatch:PutMetricData", "logs:PutLogEvents", "kms:Sign"})
"""More data, and what CloudTrail calls a read: a signature changes nothing."""
Event = dict[str, Any]


def event(seen: Seen, asked: Asked, said: Said) -> Event | None:
    """A call's event; None for what no trail has by default: reads, data, and what others than the suite ask."""
    call, known = seen.call, model(seen.call.service)
    source = f"{known.endpoint_prefix if known else call.service}.amazonaws.com"
    of_data = call.service in DATA_ONLY or call.operation in DATA_CALLS.get(source, ())
    is_read = call.operation.startswith(READS) or call.name in NOT_A_WRITE
    if of_data or is_read or not call.caller.startswith(SUITE):
        return None
    role = f"arn:aws:iam::{ACCOUNT}:role/edsr/{call.caller}"
    issuer = {"type": "Role", "arn": role, "accountId": ACCOUNT, "userName": call.caller}
    return {
        "eventVersion": "1.11",
        "eventTime": iso(seen.at)[:19] + "Z",
        "eventID": str(uuid4()),
        "eventSource": source,
        "eventName": call.operation,
        "awsRegion": REGION,
        "readOnly": False,
        "managementEvent": True,
        "requestParameters": parameters(call, asked),
        "userIdentity": {
            "type": "AssumedRole",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{call.caller}/{call.caller}",
            "sessionContext": {"sessionIssuer": issuer},
        },
        **({"errorCode": refusal} if (refusal := code(said)) else {}),
    }


def write(folder: Path, events: Iterable[Event]) -> Path:
    """The events as CloudTrail delivers them: a document a day, in its Region's folder."""
    days: dict[str, list[Event]] = defaultdict(list)
    for one in events:
        days[one["eventTime"][:10].replace("-", "/")].append(one)
    folder.mkdir(parents=True, exist_ok=True)
    for day, said in days.items():
        file = folder / f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/{day}/{ACCOUNT}_CloudTrail_{REGION}.json.gz"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress(json.dumps({"Records": said}).encode()))
    return folder
