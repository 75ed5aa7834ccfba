"""Dead letters: listed, shown with their reason, and sent on their way again, whatever kind they are."""

import io
import json
from typing import Any

import pytest

from cli import dead_letters
from cli.account import Account
from cli.dead_letters import Redriven
from cli.errors import Declined, Unavailable
from cli.letters import asked
from edsr.ports import Client
from tests import estate
from tests.aws.services import refusal
from tests.things import a_finding

ASKED = {"v": 1, "policy": "lambda-canary-rollback", "event": {"detail-type": "CloudWatch Alarm State Change"}}
FAILED = {
    "requestContext": {"condition": "RetriesExhausted"},
    "requestPayload": ASKED,
    "responsePayload": {"errorType": "Transient", "errorMessage": "sending a finding"},
}
QUEUES = ("findings", "findings-dlq", "detect-cloudwatch-dlq", "bus-dlq", "sweep-dlq", "record-dlq", "quarantine")


class Here:
    """The account: moto's queues, and a Lambda and a bus that keep what they are given."""

    def __init__(self) -> None:
        self.sqs = estate.client("sqs")
        self.urls = {name: self.sqs.create_queue(QueueName=f"edsr-{name}")["QueueUrl"] for name in QUEUES}
        self.invoked: list[tuple[str, Any]] = []
        self.put: list[dict[str, Any]] = []
        self.refuses = False
        self.account = Account("here", self.client, is_sandbox=True)

    def client(self, service: str) -> Client:
        """Of queues there are real ones, which cannot move messages by themselves."""
        return {"lambda": self, "events": self, "sqs": Unmoving(self.sqs)}[service]

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        """Lambda."""
        if self.refuses:
            raise refusal("TooManyRequestsException", 429)
        assert InvocationType == "Event"
        self.invoked.append((FunctionName, json.loads(Payload)))
        return {"StatusCode": 202, "Payload": io.BytesIO()}

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        """EventBridge."""
        self.put += Entries
        return {"FailedEntryCount": 0, "Entries": [{}]}

    def send(self, queue: str, body: Any, **attributes: str) -> None:
        """Put a message into a queue."""
        said = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        text = body if isinstance(body, str) else json.dumps(body)
        self.sqs.send_message(QueueUrl=self.urls[queue], MessageBody=text, MessageAttributes=said)

    def depth(self, queue: str) -> int:
        """How many lie in it, hidden ones included."""
        asked = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        said = self.sqs.get_queue_attributes(QueueUrl=self.urls[queue], AttributeNames=asked)["Attributes"]
        return sum(map(int, said.values()))

    def redrive(self, name: str, most: int = 1000) -> Redriven:
        """As the command does."""
        return dead_letters.redrive(self.account, dead_letters.one(self.account, name), most)


class Unmoving:
    """An SQS like the sandbox's."""

    def __init__(self, sqs: Client) -> None:
        self._sqs = sqs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sqs, name)

    def start_message_move_task(self, **_: Any) -> None:
        """It has no such thing."""
        raise refusal("InvalidAction")


@pytest.fixture
def here(aws: None) -> Here:  # noqa: ARG001 - moto has to answer first
    return Here()


def test_every_queue_is_listed_the_fullest_first(here: Here) -> None:
    here.send("sweep-dlq", {})
    found = dead_letters.queues(here.account)
    assert next(queue.name for queue in found) == "edsr-sweep-dlq"
    assert {queue.name for queue in found} == {f"edsr-{name}" for name in QUEUES} - {"edsr-findings"}


def test_findings_go_back_to_decide(here: Here) -> None:
    bodies = [a_finding(episode=str(n)).model_dump_json() for n in range(25)]
    for body in bodies:
        here.send("findings-dlq", body)
    assert here.redrive("findings") == Redriven("edsr-findings-dlq", "sent", 25)
    assert here.depth("findings-dlq") == 0
    got = [here.sqs.receive_message(QueueUrl=here.urls["findings"], MaxNumberOfMessages=10) for _ in range(3)]
    assert sorted(message["Body"] for page in got for message in page["Messages"]) == sorted(bodies)


def test_where_sqs_can_it_moves_them_itself(here: Here) -> None:
    here.send("findings-dlq", a_finding().model_dump_json())
    here.account = Account("here", lambda _: Moving(here.sqs), is_sandbox=True)
    assert here.redrive("findings") == Redriven("edsr-findings-dlq", "moved", 1)


class Moving(Unmoving):
    """An SQS like AWS's."""

    def start_message_move_task(self, **said: Any) -> None:
        """Of dead letters only."""
        assert said["SourceArn"].endswith(":edsr-findings-dlq")


@pytest.mark.parametrize(
    ("body", "attributes"),
    [
        (FAILED, {}),
        (ASKED, {"ERROR_CODE": "THROTTLING"}),
        (ASKED["event"], {"RULE_ARN": "arn:aws:events:r:1:rule/edsr-cloudwatch-lambda-canary-rollback"}),
    ],
    ids=["that Lambda gave up", "that EventBridge could not deliver", "that EventBridge kept untransformed"],
)
def test_a_detector_is_asked_again_what_it_was_asked(here: Here, body: Any, attributes: dict[str, str]) -> None:
    here.send("detect-cloudwatch-dlq", body, **attributes)
    assert here.redrive("detect-cloudwatch").messages == 1
    assert here.invoked == [("edsr-detect-cloudwatch", ASKED)]
    assert here.depth("detect-cloudwatch-dlq") == 0


def test_what_could_not_be_sent_stays(here: Here) -> None:
    here.send("detect-cloudwatch-dlq", FAILED)
    here.refuses = True
    with pytest.raises(Exception, match="TooManyRequests"):
        here.redrive("detect-cloudwatch")
    assert here.depth("detect-cloudwatch-dlq") == 1


def test_no_more_are_sent_than_asked_for(here: Here) -> None:
    for _ in range(5):
        here.send("detect-cloudwatch-dlq", FAILED)
    assert here.redrive("detect-cloudwatch", most=2).messages == 2
    assert here.depth("detect-cloudwatch-dlq") == 3


def test_an_announcement_is_made_again(here: Here) -> None:
    here.send("bus-dlq", {"source": "edsr", "detail-type": "Incident Closed", "detail": {"v": 1}})
    assert here.redrive("bus").messages == 1
    wanted = {"EventBusName": "edsr", "Source": "edsr", "DetailType": "Incident Closed", "Detail": '{"v": 1}'}
    assert here.put == [wanted]


def test_what_the_next_one_made_good_is_dropped(here: Here) -> None:
    here.send("sweep-dlq", {})
    assert here.redrive("sweep") == Redriven("edsr-sweep-dlq", "dropped", 1)


@pytest.mark.parametrize(("queue", "why"), [("quarantine", "no retry can mend it"), ("record", "audit verify")])
def test_what_no_retry_can_mend_is_left_to_a_person(here: Here, queue: str, why: str) -> None:
    with pytest.raises(Declined, match=why):
        here.redrive(queue)


def test_each_is_shown_with_its_reason_and_stays(here: Here) -> None:
    here.send("detect-cloudwatch-dlq", FAILED)
    here.send("quarantine", {"v": 1, "stage": "decide", "reason": "not a finding", "sha256": "ab", "raw": "{"})
    here.send("findings-dlq", "{")
    shown = {
        name: dead_letters.letters(here.account, dead_letters.one(here.account, name), 10)[0]
        for name in ("detect-cloudwatch", "quarantine", "findings")
    }
    assert shown["detect-cloudwatch"].why == "Transient: sending a finding"
    assert shown["detect-cloudwatch"].what == "lambda-canary-rollback · CloudWatch Alarm State Change"
    assert shown["quarantine"].why == "not a finding"
    assert shown["findings"].what == "(nothing that is known)"
    assert here.depth("quarantine") == 1


def test_a_queue_that_is_not_there_is_told_from_those_that_are(here: Here) -> None:
    with pytest.raises(Unavailable, match="there is no queue 'moon'; there are edsr-bus-dlq"):
        dead_letters.one(here.account, "moon")


@pytest.mark.parametrize("body", ["{", "[]", "null", '{"requestPayload": 7}', '{"detail-type": "x"}'])
def test_what_says_nothing_of_what_was_asked_is_no_question(body: str) -> None:
    with pytest.raises(Unavailable, match="does not say"):
        asked({"MessageId": "m", "Body": body})
