"""The quarantine: an input that nothing can be made of is kept, with the reason, for a person to look at."""

import hashlib
import json
from datetime import datetime

from edsr.aws.faults import named
from edsr.ports import Client
from edsr.times import iso

RAW_KEPT = 200_000
"""Characters kept of the input; a message holds 256 KB."""


def quarantine(sqs: Client, queue: str, *, stage: str, raw: str, reason: str, at: datetime) -> str:
    """Put `{v, stage, reason, sha256, at, raw}` on the quarantine queue; gives the input's SHA-256."""
    sha256 = hashlib.sha256(raw.encode(errors="backslashreplace")).hexdigest()
    kept = {"v": 1, "stage": stage, "reason": reason, "sha256": sha256, "at": iso(at), "raw": raw[:RAW_KEPT]}
    with named("quarantining a message"):
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(kept))
    return sha256
