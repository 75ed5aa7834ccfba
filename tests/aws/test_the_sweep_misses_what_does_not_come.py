"""The sweep finds what did not come in time: once, though two sweep at once, die, or a brake holds it back."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

import detect.detectors.data
import sweep.handler
from cli.diagnosis.expected import absences
from cli.diagnosis.finding import Level, Patient
from edsr import settings
from edsr.aws.store import DynamoStore
from edsr.model import Finding
from edsr.policy import Library
from edsr.ports import Item, Write
from edsr.protocol import keys
from edsr.serve import Runtime
from edsr.times import iso
from tests import estate, policies
from tests.aws.services import refusal
from tests.things import AT

ME = "backup-missing"
ARN = f"arn:aws:rds:{estate.REGION}:000000000000:db:orders"
KEY = keys.absent(ME, ARN)


class Unable:
    """A queue that takes nothing."""

    def send_message(self, **_: Any) -> None:
        raise refusal("ThrottlingException", 400)


@dataclass
class Watch:
    """The detector that hears of backups, and the sweep."""

    library: Library
    queue: str
    clock: estate.Clock = field(default_factory=lambda: estate.Clock(AT))
    sqs: Any = None

    def hear(self, arn: str = ARN, **ago: float) -> dict[str, str]:
        """A backup was completed so long ago."""
        event = estate.event("data/backup-completed") | {"time": iso(self.clock() - timedelta(**ago))}
        event["detail"]["resourceArn"] = arn
        given = settings.Detect(findings_queue=self.queue, quarantine_queue=self.queue, state_table="edsr-state")
        said = {"v": 1, "policy": ME, "event": event}
        answer: dict[str, str] = estate.call(detect.detectors.data.handler, said, given, self.library, self.clock)
        return answer

    def sweep(self, **later: float) -> dict[str, int]:
        self.clock.tick(**later)
        given = settings.Sweep(**estate.TABLES.model_dump(), machine="m", findings_queue=self.queue)
        runtime = Runtime(given, self._client, self.clock, lambda: self.library)
        done: dict[str, int] = sweep.handler.handler.handle({"v": 1}, runtime)
        return done

    def _client(self, service: str, *, mutating: bool = False) -> Any:
        assert not mutating
        return self.sqs if service == "sqs" and self.sqs else estate.client(service)

    def sent(self) -> list[Any]:
        """What was sent since it was looked at last."""
        found = []
        while got := estate.client("sqs").receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in got:
                estate.client("sqs").delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
        return found

    @property
    def store(self) -> DynamoStore:
        return DynamoStore(estate.client("dynamodb"), estate.TABLES)

    def claim(self, finding: str) -> None:
        """decide has taken it up."""
        item: Item = {"inc_id": "i-1", "finding_id": finding, "exp": 1}
        self.store.commit([Write("SIG", "Put", keys.claim(finding), item=item)])


@pytest.fixture
def watch(aws: None, library: Library) -> Watch:  # noqa: ARG001 - moto has to answer first
    estate.make_tables()
    return Watch(library, estate.client("sqs").create_queue(QueueName="findings")["QueueUrl"])


def test_what_does_not_come_is_told_of_and_once_it_is_taken_up_no_more(watch: Watch) -> None:
    assert watch.hear() == {"ignored": "it came; the next is expected by 2026-03-03T03:05:00.000Z"}
    assert "absent" not in watch.sweep(hours=29)
    assert watch.sweep(hours=1, minutes=1)["absent"] == 1
    (said,) = watch.sent()
    found = Finding.model_validate(said)
    assert (found.policy, found.subject.arn, found.origin) == (ME, ARN, "event")
    watch.claim(found.id)
    for _ in range(5):
        assert "absent" not in watch.sweep(minutes=3)
    assert watch.sent() == []


def test_it_is_told_of_again_while_nobody_takes_it_up_and_stays_the_same(watch: Watch) -> None:
    watch.hear()
    watch.sweep(hours=31)
    assert "absent" not in watch.sweep(minutes=1)
    watch.sweep(minutes=2)
    first, second = (Finding.model_validate(said) for said in watch.sent())
    assert first.id == second.id


def test_what_could_not_be_sent_is_sent_by_the_next_sweep(watch: Watch) -> None:
    watch.hear()
    watch.sqs = Unable()
    assert watch.sweep(hours=31)["failed"] == 1
    watch.sqs = None
    assert watch.sweep(minutes=3)["absent"] == 1
    assert len(watch.sent()) == 1


def test_sweeps_at_once_make_one_finding(watch: Watch) -> None:
    for number in range(3):
        watch.hear(f"{ARN}-{number}")
    watch.clock.tick(hours=31)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: watch.sweep(), range(8)))
    found = [Finding.model_validate(said) for said in watch.sent()]
    assert {one.subject.arn for one in found} == {f"{ARN}-{number}" for number in range(3)}
    assert len({one.id for one in found}) == 3


def test_what_comes_late_or_twice_changes_nothing_and_what_is_newer_is_waited_for(watch: Watch) -> None:
    watch.hear(hours=1)
    for ago in (1, 5, 20):
        assert watch.hear(hours=ago) == {"ignored": "what was heard of it is as new"}
    watch.hear()
    assert "absent" not in watch.sweep(hours=29, minutes=59)


def test_what_comes_again_after_it_was_missed_is_told_to_be_over(watch: Watch) -> None:
    watch.hear()
    watch.sweep(hours=31)
    watch.sent()
    assert "it came again" in watch.hear()["recovered"]
    (said,) = watch.sent()
    assert (said["recovery"]["policy"], said["recovery"]["condition"]) == (ME, "expected every P1D")
    assert "absent" not in watch.sweep(hours=29)


def test_what_is_in_the_catalogue_is_expected_from_the_beginning(watch: Watch) -> None:
    folder = policies.folder_of(watch.library)
    said = policies.read(folder / f"{ME}.json")
    said["detect"]["absence"]["kind"] = "lambda:alias"
    policies.write(folder / f"{ME}.json", said)
    watch.sweep()
    assert watch.sweep(hours=31)["absent"] >= 1
    found = [Finding.model_validate(each) for each in watch.sent()]
    assert {one.subject.kind for one in found} == {"lambda:alias"}
    assert all("never seen since" in one.title for one in found)
    assert len({one.id for one in found}) == len(found)


def test_the_doctor_says_what_nothing_was_ever_heard_of(watch: Watch) -> None:
    patient = Patient(estate.client, [watch.library.policy(ME)], estate.REGION)
    (row,) = absences(patient)
    assert (row.level, row.policies) == (Level.BLOCKED, (ME,))
    watch.hear()
    assert list(absences(Patient(estate.client, [watch.library.policy(ME)], estate.REGION))) == []
