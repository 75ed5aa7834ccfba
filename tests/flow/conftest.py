"""The suite on moto: the real machine runs the real handlers in this process."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws
from moto.awslambda.models import LambdaFunction

import act.actuators.shift_alias
import approve.answer
import approve.handler
import close.handler
import control.switch
import decide.handler
import detect.detectors.cloudwatch
import plan.handler
import sweep.handler
import verify.handler
from act.hands import Hands
from act.step import actuator
from edsr import settings
from edsr.audit import Head
from edsr.audit import verify as verify_chain
from edsr.aws import budgets
from edsr.aws.items import typed
from edsr.aws.readers import lambda_alias
from edsr.aws.store import DynamoStore
from edsr.errors import Denied
from edsr.model import AuditRecord, State
from edsr.policy import Library
from edsr.protocol import keys
from edsr.protocol.incident import Incident
from edsr.serve import Handler
from edsr.times import iso
from infra.catalogue import discover
from tests import estate, policies
from tests.asking import Answer, ask, request
from tests.flow.deployed import account as account
from tests.flow.deployed import home as home
from tests.flow.deployed import sandbox as sandbox
from tests.things import ALIAS


def _denied(*_: Any) -> None:
    raise Denied("updating the alias: AccessDenied")


SHIFT = act.actuators.shift_alias
HANDS = Hands(lambda_alias.observe, SHIFT.goal, SHIFT.guard, SHIFT.apply)
MOVE = SHIFT.ACTION.model_copy(update={"id": "move-alias", "restores": False})
"""An action like shift-alias, but one that may be undone."""
DENY = SHIFT.ACTION.model_copy(update={"id": "deny-alias"})
"""An action whose role lacks the permission."""

QUEUES = settings.Detect(
    state_table="edsr-state",
    **{
        f"{name}_queue": f"https://sqs.{estate.REGION}.amazonaws.com/{estate.ACCOUNT}/edsr-{name}"
        for name in ("findings", "quarantine")
    },
)
"""Where moto's queues are."""

FUNCTIONS: dict[str, tuple[Handler[Any], settings.Settings]] = {
    **{entry.name: (import_module(entry.module).handler, estate.ACT) for entry in discover().family("act")},
    "edsr-act-move-alias": (actuator(MOVE, HANDS), estate.ACT),
    "edsr-act-deny-alias": (actuator(DENY, HANDS._replace(apply=_denied)), estate.ACT),
    "edsr-approve": (approve.handler.handler, estate.TABLES),
    "edsr-approve-answer": (approve.answer.handler, estate.ROUTE),
    "edsr-control-switch": (control.switch.handler, estate.ROUTE),
    "edsr-plan": (plan.handler.handler, estate.TABLES),
    "edsr-verify": (verify.handler.handler, settings.Verify()),
    "edsr-close": (close.handler.handler, estate.TABLES),
    "edsr-detect-cloudwatch": (detect.detectors.cloudwatch.handler, QUEUES),
}


@dataclass
class Suite:
    """The suite, deployed on moto, and what a test asks of it."""

    library: Library
    folder: Path
    machine: str
    findings: str
    quarantine: str

    def alarm(self, **changes: Any) -> dict[str, str]:
        """The canary's alarm fires: detect gets the event, as its rule would send it. Gives what detect answered."""
        event = estate.event("cloudwatch/canary-alarm")
        event["account"] = estate.ACCOUNT
        event["detail"]["state"]["timestamp"] = changes.pop("at", None) or iso(datetime.now(UTC))
        event["detail"].update(changes)
        return self.detect(event)

    def detect(
        self, event: dict[str, Any], source: str = "cloudwatch", policy: str = "lambda-canary-rollback"
    ) -> dict[str, str]:
        """Hand one event to a source's detector."""
        said = {"v": 1, "policy": policy, "event": event}
        given = settings.Detect(
            findings_queue=self.findings, quarantine_queue=self.quarantine, state_table="edsr-state"
        )
        detector = import_module(f"detect.detectors.{source}").handler
        answer: dict[str, str] = estate.call(detector, said, given, self.library)
        return answer

    def rewrite(self, **changes: Any) -> None:
        """Change the policy."""
        policies.library(self.folder, **changes)

    def play(self, *stages: dict[str, Any], policy: dict[str, Any] | None = None) -> None:
        """Let the playbook have these stages, on as many targets as they name, and know the actions of these tests."""
        file = self.folder / "playbooks" / "lambda-alias-rollback.json"
        policies.write(file, policies.read(file) | {"stages": list(stages)})
        known = policies.read(self.folder / "catalogue.json")
        for action in (MOVE, DENY):
            entry = {"id": action.id, "restores": action.restores, "function": f"edsr-act-{action.id}"}
            known["actions"][action.id] = known["actions"]["shift-alias"] | entry
        policies.write(self.folder / "catalogue.json", known)
        service = policies.read(self.folder / "services" / "checkout.json")
        steps = [step for stage in stages for step in stage["steps"]]
        kinds = {step["target"]: known["actions"][step["action"]]["resource"] for step in steps if "target" in step}
        targets = {ALIAS: "lambda:alias"} | kinds
        service["resources"] = [{"kind": kind, "arn": target} for target, kind in sorted(targets.items())]
        policies.write(self.folder / "services" / "checkout.json", service)
        self.rewrite(**{"safeguards": {"blast-radius": {"max-targets": 5, "max-percent": 100}}, **(policy or {})})

    def answer(self, incident_id: str, by: str, said: str = "approve", digest: str | None = None) -> Answer:
        """A person answers, about the plan that stands unless another is named."""
        digest = digest or self.incident(incident_id).plan_digest
        asked = request(by, "/answers", inc=incident_id, digest=digest, answer=said)
        return ask(approve.answer.handler, self.library, asked)

    def switch(self, by: str, path: str = "/switch", **said: Any) -> Answer:
        """A person switches, or releases what latched."""
        return ask(control.switch.handler, self.library, request(by, path, **said))

    def sweep(self, ahead: timedelta = timedelta(0)) -> dict[str, int]:
        """Let the sweep look, as if so much time had passed."""
        given = settings.Sweep(**estate.TABLES.model_dump(), machine=self.machine, findings_queue=self.findings)
        done: dict[str, int] = estate.call(
            sweep.handler.handler, {}, given, self.library, lambda: datetime.now(UTC) + ahead
        )
        return done

    def wait_until(self, incident_id: str, state: State, seconds: float = 20) -> None:
        """Wait until an incident is in a state."""
        until = time.monotonic() + seconds
        while self.incident(incident_id).state is not state:
            assert time.monotonic() < until, f"{incident_id} is {self.incident(incident_id).state}"
            time.sleep(0.05)

    def engage(self, scope: str = "all") -> None:
        """Pull the kill switch."""
        for number in range(keys.SWITCHES):
            key = keys.switch(number)
            item = typed({"pk": key.pk, "sk": key.sk, "engaged": {scope: {"by": "me", "reason": "test"}}})
            estate.client("dynamodb").put_item(TableName="edsr-state", Item=item)

    def executions(self) -> list[str]:
        """The names of every execution."""
        listed = estate.client("stepfunctions").list_executions(stateMachineArn=self.machine)["executions"]
        return [execution["name"] for execution in listed]

    def messages(self, queue: str) -> list[dict[str, Any]]:
        """Take what is in a queue, as Lambda does."""
        got = estate.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in got:
            estate.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [{"messageId": message["MessageId"], "body": message["Body"]} for message in got]

    def decide(self, messages: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        """Hand what is in the findings queue to decide."""
        given = settings.Decide(
            **estate.RATED.model_dump(mode="json"), machine=self.machine, quarantine_queue=self.quarantine
        )
        records = self.messages(self.findings) if messages is None else messages
        answer: dict[str, Any] = estate.call(decide.handler.handler, {"Records": records}, given, self.library)
        return answer

    def finish(self, incident_id: str, seconds: float = 30) -> str:
        """Wait for the incident's execution to end; gives its status."""
        states = estate.client("stepfunctions")
        arn = self.machine.replace(":stateMachine:", ":execution:") + f":{incident_id}"
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        status = "RUNNING"
        while status == "RUNNING" and datetime.now(UTC) < until:
            time.sleep(0.1)
            status = states.describe_execution(executionArn=arn)["status"]
        return status

    @property
    def store(self) -> DynamoStore:
        """The protocol's tables."""
        return DynamoStore(estate.client("dynamodb"), estate.TABLES)

    def wait_for(self, version: str, function: str = "checkout", seconds: float = 20) -> None:
        """Wait until the function's live alias points at a version."""
        until = time.monotonic() + seconds
        while estate.version_of(function) != version:
            assert time.monotonic() < until, f"{function} still points at {estate.version_of(function)}"
            time.sleep(0.05)

    def incident(self, incident_id: str) -> Incident:
        """An incident as it stands."""
        key = keys.incident(incident_id)
        return Incident.of(self.store.read([key])[key])

    def records(self, incident_id: str) -> list[AuditRecord]:
        """An incident's audit chain, checked against the head that the incident remembers."""
        items = self.store.partition("audit", f"INC#{incident_id}")
        chain = [AuditRecord.model_validate({n: item[n] for n in AuditRecord.model_fields}) for item in items]
        head = self.incident(incident_id).head
        assert verify_chain(incident_id, chain, Head(*head)) == []
        return chain


def _invoke(self: LambdaFunction, body: str, answer_headers: Any, library: Library) -> bytes:
    handler, given = FUNCTIONS[self.function_name]
    try:
        return json.dumps(estate.call(handler, json.loads(body), given, library)).encode()
    except Exception as exc:  # noqa: BLE001 - Lambda answers every exception with its class's name
        answer_headers["x-amz-function-error"] = "Unhandled"
        return json.dumps({"errorType": type(exc).__name__, "errorMessage": str(exc)}).encode()


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Suite]:
    """The suite on moto, with a checkout function whose live alias points at a bad version 2, and its alarm."""
    with on_moto(tmp_path / "policies", monkeypatch) as deployed:
        yield deployed


@contextmanager
def on_moto(folder: Path, patch: pytest.MonkeyPatch, *, runs: bool = True) -> Iterator[Suite]:
    """The suite on moto, its documents in this folder; executions are run, or only started."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        patch.setenv(name, "testing")
    patch.setenv("AWS_DEFAULT_REGION", estate.REGION)
    estate.one_at_a_time(patch)
    budgets._REMEMBERED.clear()
    library = policies.library(folder)
    patch.setattr(LambdaFunction, "invoke", lambda self, body, _, headers: _invoke(self, body, headers, library))
    with mock_aws(config={"stepfunctions": {"execute_state_machine": runs}}):
        yield _deploy(library, folder, hands=runs)


def _deploy(library: Library, folder: Path, *, hands: bool) -> Suite:
    """Only the machine calls hands, and in its playbooks those of aliases alone: to make each takes its time."""
    estate.make_tables()
    for name in (name for name in FUNCTIONS if not name.startswith("edsr-act-") or (hands and name.endswith("-alias"))):
        estate.make_function(name, "def handle(event, context): ...")
    good, bad = estate.make_function("checkout", "def handle(e, c): return 'good'", "def handle(e, c): raise OSError")
    estate.make_alias("checkout", bad, f"last-good={good}")
    estate.make_alarm("canary-checkout-errors")
    definition = (estate.ROOT / "statemachines" / "remediate.asl.json").read_text()
    for stage in ("Plan", "Approve", "Verify", "Close"):
        arn = f"arn:aws:lambda:{estate.REGION}:{estate.ACCOUNT}:function:edsr-{stage.lower()}"
        definition = definition.replace(f"${{{stage}Function}}", arn)
    role = estate.client("iam").create_role(RoleName="machine", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    machine = estate.client("stepfunctions").create_state_machine(
        name="edsr-remediate", definition=definition, roleArn=role
    )
    sqs = estate.client("sqs")
    findings, quarantine = (
        sqs.create_queue(QueueName=f"edsr-{name}")["QueueUrl"] for name in ("findings", "quarantine")
    )
    return Suite(library, folder, machine["stateMachineArn"], findings, quarantine)


def told(parameter: str, value: str) -> None:
    """What a stack says in the parameter store."""
    estate.client("ssm").put_parameter(Name=parameter, Value=value, Type="String")


def signing_key() -> str:
    """A key that signs, as the one of the anchors; gives its ARN."""
    made = estate.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return str(made["KeyMetadata"]["Arn"])
