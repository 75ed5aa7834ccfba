"""In the sandbox: a policy that waits for calls that only read is told of them, through its own rule."""

import json
from uuid import uuid4

import pytest

from cli import incidents
from cli.account import Account
from edsr.ports import utc_now
from edsr.times import iso
from tests.estate import event
from tests.flow.deployed import until

pytestmark = pytest.mark.sandbox


def test_an_attack_that_only_reads_is_seen_by_its_policy(account: Account) -> None:
    said = event("cloudtrail/attacks/user-data-read")
    said["detail"] |= {"eventID": str(uuid4()), "eventTime": iso(utc_now())}
    entry = {"Source": said["source"], "DetailType": said["detail-type"], "Detail": json.dumps(said["detail"])}
    assert account.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
    (seen,) = until(lambda: [one for one in incidents.every(account) if one.finding.policy == "attack-user-data-read"])
    assert seen.finding.episode == said["detail"]["eventID"]
    assert seen.finding.origin == "event"
