"""One incident, told stage by stage with the real handlers; nothing runs between the calls of a test."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

import control.handler
import record.handler
import sweep.handler
from edsr import settings
from edsr.aws.items import plain
from edsr.model import Judged
from edsr.ports import utc_now
from edsr.protocol.incident import CHECK_EVERY
from edsr.times import iso
from tests import estate
from tests.aws.test_the_kill_switch_comes_into_being import CloudFormation
from tests.flow.conftest import FUNCTIONS, Suite
from tests.proof.calls import Recorder
from tests.proof.needs import EXPORT
from tests.things import ALIAS

BUS = "edsr"
VERIFY = {"alarm": "canary-checkout-errors"}
GARBAGE = {"detail-type": "CloudWatch Alarm State Change", "source": "aws.cloudwatch", "detail": {}}


class Answers(CloudFormation):
    """A CloudFormation of these stories' own: one that says no in another test says nothing here."""

    told: ClassVar[list[dict[str, Any]]] = []
    status: ClassVar[int] = 200


@dataclass
class Story:
    """The suite, an incident in it, and what each stage is asked and answers."""

    suite: Suite
    recorder: Recorder
    url: str
    incident: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)

    def tell(self, *steps: str) -> Any:
        """Take some steps, by the names of these methods; gives what the last one answered."""
        return [getattr(self, step)() for step in steps][-1] if steps else None

    def detect(self) -> Any:
        """The canary's alarm."""
        answer = self.suite.alarm(at=self.recorder.alarmed_at)
        self.incident = answer["incident"]
        return answer

    def detect_garbage(self) -> Any:
        """An event that is no alarm."""
        return self.suite.detect(GARBAGE)

    def decide(self) -> Any:
        """The finding; when it comes again, the same message."""
        self.messages = self.messages or self.suite.messages(self.suite.findings)
        return self.suite.decide(self.messages)

    def decide_garbage(self) -> Any:
        """A message that is no finding."""
        return self.suite.decide([{"messageId": "m", "body": "{}"}])

    def decide_and_die(self) -> Any:
        """Admitted, and dead before it could start the execution."""
        self.recorder.denying = lambda call: call.service == "SFN"
        self.decide()
        self.recorder.denying = lambda _: False
        self.recorder.denied.clear()

    def plan(self) -> Any:
        """Drawn and committed."""
        return self._invoke("edsr-plan", {"inc": self.incident, "direction": "apply"})

    def plan_undo(self) -> Any:
        """What is to be undone."""
        return self._invoke("edsr-plan", {"inc": self.incident, "direction": "revert"})

    def act(self) -> Any:
        """The alias is shifted."""
        said = {"inc": self.incident, "n": 1, "target": ALIAS, "direction": "apply", "verdicts": []}
        return self._invoke("edsr-act-shift-alias", said)

    def weigh(self) -> None:
        """The alias has canary weights from here on."""
        self.recorder.weights = {"1": 0.1}

    def verify(self) -> Any:
        """The alarm is looked at."""
        how = {"probe": "alarm-is-ok", "within": 60, "every": 1, "args": VERIFY}
        step = {"n": 1, "direction": "apply", "verify": how}
        return self._invoke("edsr-verify", {"step": step, "outcome": {"status": "DONE", "at": iso(utc_now())}})

    def close(self) -> Any:
        """The incident ends."""
        judged = {"step": 1, "direction": "apply", "status": "DONE", "judged": Judged.BETTER.value}
        return self._invoke(
            "edsr-close", {"end": "RESOLVED", "run": {"inc": self.incident, "stage": {"results": [judged]}}}
        )

    def stop(self) -> None:
        """Somebody aborts the execution."""
        arn = self.suite.machine.replace(":stateMachine:", ":execution:") + f":{self.incident}"
        estate.client("stepfunctions").stop_execution(executionArn=arn)

    def sweep(self) -> Any:
        """After as long as it takes to become due."""
        given = settings.Sweep(**estate.TABLES.model_dump(), machine=self.suite.machine)
        return estate.call(sweep.handler.handler, {}, given, self.suite.library, _later)

    def record(self) -> Any:
        """The incident's audit, as its stream brings it."""
        items = estate.client("dynamodb").scan(TableName="edsr-audit", ConsistentRead=True)["Items"]
        changes = [
            {"eventName": "INSERT", "dynamodb": {"SequenceNumber": f"{n:05d}", "NewImage": item}}
            for n, item in enumerate(sorted(items, key=lambda item: int(plain(item)["seq"])))
        ]
        given = settings.Record(export_bucket=EXPORT, bus=BUS)
        return estate.call(record.handler.handler, {"Records": changes}, given, self.suite.library)

    def control(self) -> Any:
        """CloudFormation asks for the kill switch."""
        said = {"RequestType": "Create", "ResponseURL": self.url, "StackId": "s", "RequestId": "r"}
        given = said | {"LogicalResourceId": "l"}
        estate.call(control.handler.handler, given, estate.TABLES, self.suite.library)
        return Answers.told[-1]

    def _invoke(self, name: str, said: dict[str, Any]) -> Any:
        handler, given = FUNCTIONS[name]
        return estate.call(handler, {"v": 1, **said}, given, self.suite.library)


def places() -> None:
    """Where record writes to."""
    estate.client("s3").create_bucket(Bucket=EXPORT)
    estate.client("events").create_event_bus(Name=BUS)


def _later() -> datetime:
    return utc_now() + CHECK_EVERY + timedelta(seconds=5)
