"""One incident, told stage by stage with the real handlers; nothing runs between the calls of a test."""

import json
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

import anchor.handler
import approve.asked
import control.handler
import control.rehearse
import detect.heartbeat
import forward.handler
import notify.handler
import record.compare
import record.digest
import record.handler
import record.shown
import sweep.missed
from edsr import settings
from edsr.audit import read
from edsr.aws.items import plain, typed
from edsr.errors import Denied
from edsr.model import Judged, State
from edsr.ports import utc_now
from edsr.protocol import keys
from edsr.protocol.controls import Engaged, engage
from edsr.protocol.incident import CHECK_EVERY
from edsr.times import epoch, iso, parse
from infra.catalogue import discover
from tests import browsing, estate, policies
from tests.announcing import announced
from tests.aws.capacity import SELECTIONS
from tests.aws.hands import made
from tests.aws.test_the_kill_switch_comes_into_being import CloudFormation
from tests.flow.conftest import FUNCTIONS, Suite
from tests.proof.calls import Recorder
from tests.proof.needs import EXPORT
from tests.sources import became
from tests.things import ALIAS

BUS = "edsr"
TOPIC = f"arn:aws:sns:{estate.REGION}:{estate.ACCOUNT}:edsr-digests"
PATIENCE = 150
VERIFY = {"alarm": "canary-checkout-errors"}
CLEARED = {"alarm.$": "evidence.alarm"}
UNDOABLE = {"action": "move-alias", "target": ALIAS, "with": {"to": "1"}}
HOPELESS = {"probe": "alarm-is-ok", "within": "PT1S", "every": "PT1S", "with": CLEARED}
GARBAGE = {"detail-type": "CloudWatch Alarm State Change", "source": "aws.cloudwatch", "detail": {}}


def _first(source: str) -> str:
    """The first of a source's events of which something is found."""
    files = sorted((estate.EVENTS / source).glob("*.json"))
    return next(file.stem for file in files if became(source, estate.event(f"{source}/{file.stem}"))[0] == "f")


TOLD = {source: _first(source) for source in sorted(set(discover().detectors) - {"cloudwatch"})}
"""An event of every source but CloudWatch, of which the incident itself is told."""

COUNTED = {
    "billing": ("group-growth", "instance-launched", "ActivityId"),
    "delivery": ("ecs-service-impaired", "ecs-service-impaired", "createdAt"),
    "logs": ("thundering-herd", "cold-start", "id"),
}
"""Of each source with a policy that counts: the policy, an event, and what in it tells one from another."""

NOTE = {"TopicArn": "arn:aws:sns:us-east-1:123456789012:alerts", "MessageId": "1", "Message": "disk full"}
DELIVERY = {"Records": [{"EventSource": "aws:sns", "Sns": NOTE | {"Timestamp": "2026-03-02T03:04:05.000Z"}}]}


POLLED: dict[str, dict[str, Any]] = {
    "ListBuilds": {"ids": ["checkout:1"]},
    "BatchGetBuilds": {"builds": []},
    "ListDeployments": {"deployments": ["d-1"]},
    "BatchGetDeployments": {"deploymentsInfo": []},
    "ListPipelines": {"pipelines": [{"name": "release"}]},
    "ListPipelineExecutions": {"pipelineExecutionSummaries": []},
    "DescribeServices": {"services": []},
    "DescribeEvents": {"events": [{"arn": "e", "service": "EC2", "lastUpdatedTime": utc_now()}]},
    "DescribeAffectedEntities": {"entities": []},
    "ListDetectors": {"DetectorIds": ["d"]},
    "GetFindings": {"Findings": []},
    "ListFindings": {"FindingIds": ["f"], "findings": []},
    "BatchGetAccountStatus": {"accounts": [{"state": {"status": "ENABLED"}}]},
    "ListAnalyzers": {
        "analyzers": [
            {"arn": f"arn:aws:access-analyzer:{estate.REGION}:{estate.ACCOUNT}:analyzer/{kind}", "type": kind}
            | {"status": "ACTIVE"}
            for kind in ("ACCOUNT", "ACCOUNT_UNUSED_ACCESS")
        ]
    },
    "ListFindingsV2": {"findings": []},
}
"""What the services answer to polls: moto has neither builds nor pipelines that fail, nor all of these services."""


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
    drawn: dict[str, Any] = field(default_factory=dict)
    results: list[dict[str, Any]] = field(default_factory=list)
    tries: int = 0
    anchored: int = 0
    signing: str = ""
    forms: str = ""
    form: str = ""
    worlds: ExitStack = field(default_factory=ExitStack)
    probe: tuple[str, dict[str, Any]] = ("alarm-is-ok", VERIFY)
    meddles: Callable[[], object] = lambda: None

    def tell(self, *steps: str) -> Any:
        """Take some steps, by the names of these methods (`name:source` where one takes a source); gives what the last
        one answered."""
        calls = [step.split(":") for step in steps]
        return [getattr(self, name)(*said) for name, *said in calls][-1] if calls else None

    def detect(self) -> Any:
        """The canary's alarm."""
        answer = self.suite.alarm(at=self.recorder.alarmed_at)
        self.incident = answer["incident"]
        return answer

    def recover(self) -> Any:
        """The canary's alarm is back to OK."""
        event = estate.event("cloudwatch/canary-alarm-ok")
        event["account"], event["detail"]["state"]["timestamp"] = estate.ACCOUNT, iso(utc_now())
        answer = self.suite.detect(event)
        self.messages = self.suite.messages(self.suite.findings)
        return answer

    def detect_garbage(self) -> Any:
        """An event that is no alarm."""
        return self.suite.detect(GARBAGE)

    def see(self, source: str) -> Any:
        """What another source tells."""
        return self.suite.detect(estate.event(f"{source}/{TOLD[source]}"), source)

    def see_again_and_again(self, source: str) -> Any:
        """What is found once it has come often enough, three seconds apart; gives what the last made of it."""
        name, file, identity = COUNTED[source]
        event, count = estate.event(f"{source}/{file}"), self.suite.library.policy(name).detect.count
        at = [iso(parse(event["time"]) + timedelta(seconds=3 * n)) for n in range(count.at_least if count else 0)]
        came = [event | {"id": each, "time": each, "detail": event["detail"] | {identity: each}} for each in at]
        return [self.suite.detect(one, source, name) for one in came][-1]

    def hear(self) -> Any:
        """A backup came, two days ago."""
        event = estate.event("data/backup-completed")
        return self.suite.detect(event | {"time": iso(utc_now() - timedelta(days=2))}, "data", "backup-missing")

    def see_garbage(self, source: str) -> Any:
        """Nothing that another source would tell."""
        return self.suite.detect({}, source)

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

    def approving(self) -> None:
        """The policy asks before it acts, from here on."""
        self.suite.rewrite(mode="approve")

    def lasting(self) -> None:
        """The playbook takes a measure for a second, from here on."""
        self.suite.play({"steps": [UNDOABLE | {"lasts": "PT1S"}]})

    def worsening(self) -> None:
        """What the playbook does does not help, from here on, and another policy has made it worse already."""
        self.suite.rewrite(verify=HOPELESS)
        key = keys.REGRESSIONS
        item = {"pk": key.pk, "sk": key.sk, "seen": {"another-policy": epoch(utc_now())}, "ver": 1}
        estate.client("dynamodb").put_item(TableName=estate.TABLES.state_table, Item=typed(item))

    def world(self, action: str) -> None:
        """The playbook takes another action, in its world, from here on."""
        world = self.worlds.enter_context(made(action))
        lasts = {"lasts": "PT1H"} if world.lasts else {}
        self.probe, self.meddles = world.probe or self.probe, world.drift or self.meddles
        self.suite.play({"steps": [{"action": action, "target": world.target, "with": world.args, **lasts}]})

    def selecting(self, selector: str) -> None:
        """The playbook's step acts on what a selector finds, from here on."""
        action, step = SELECTIONS[selector]
        self.worlds.enter_context(made(action))
        self.suite.play({"steps": [step]})

    def meddle(self) -> None:
        """Another hand changes the target."""
        self.meddles()

    def helps(self) -> None:
        """The alarm clears."""
        estate.set_alarm("canary-checkout-errors", "OK")

    def drift(self) -> None:
        """Somebody touches the alias: a plan that is drawn now is another."""
        said = {"FunctionName": "checkout", "Name": "live", "Description": "last-good=1 by hand"}
        estate.client("lambda").update_alias(**said)

    def plan(self) -> Any:
        """Drawn and committed."""
        self.drawn = self._invoke("edsr-plan", {"inc": self.incident, "direction": "apply"})
        return self.drawn

    def plan_undo(self) -> Any:
        """What is to be undone."""
        return self._invoke("edsr-plan", {"inc": self.incident, "direction": "revert"})

    def approve(self) -> Any:
        """A person is asked; whenever the task is tried again, it waits with another token."""
        self.tries += 1
        said = {"inc": self.incident, "token": f"token-{self.tries}", "attempt": self.tries}
        return self._invoke("edsr-approve", said)

    def agree(self) -> Any:
        """A person says yes."""
        return self.suite.answer(self.incident, "ann")

    def agree_unheard(self) -> None:
        """A person says yes, and the task is not told."""
        self.recorder.denying = lambda call: call.service == "SFN"
        with suppress(Denied):
            self.agree()
        self.recorder.denying = lambda _: False
        self.recorder.denied.clear()

    def consent(self) -> None:
        """Whatever is asked about a plan, a person agrees to it."""
        if self.drawn["plan"]["asks"]:
            self.approve()
            self.agree()

    def look_on_page(self) -> Any:
        """A person opens the page."""
        self.form = self._on_page("GET")["token"]

    def agree_on_page(self) -> Any:
        """A person sends the form."""
        return self._on_page("POST", {"token": self.form, "answer": "approve"})

    def reject_on_page(self) -> Any:
        """A person sends the form with its other button."""
        return self._on_page("POST", {"token": self.form, "answer": "reject"})

    def _on_page(self, method: str, said: dict[str, str] | None = None) -> Any:
        """What the page asks in the name of whoever has signed in."""
        kms = estate.client("kms")
        if not self.forms:
            self.forms = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["Arn"]
        claims = {"email": "ann@example.com", "email_verified": "true"}
        given = browsing.ASKED.model_copy(update={"page_key": self.forms})
        asked = browsing.guarded(method, self.incident, claims, json.dumps(said) if said else None)
        answer = estate.call(approve.asked.handler, asked, given, self.suite.library)
        assert answer["statusCode"] == 200, answer["body"]
        return json.loads(answer["body"])

    def reject(self) -> Any:
        """A person says no."""
        return self.suite.answer(self.incident, "ann", "reject")

    def act(self) -> Any:
        """The alias is shifted."""
        ((step,),) = (stage["steps"] for stage in self.drawn["plan"]["stages"])
        said = {name: step[name] for name in ("n", "target", "direction")}
        done = self._invoke(step["function"], {**self.drawn, **said, "verdicts": []})
        judged = {"judged": Judged.BETTER.value, "observed": "canary-checkout-errors is OK"}
        self.results = [{"step": step["n"], "direction": "apply", **done, **judged}]
        return done

    def act_undo(self) -> Any:
        """What was done is undone."""
        ((step,),) = (stage["steps"] for stage in self.drawn["plan"]["stages"])
        said = {"n": step["n"], "target": step["target"], "direction": "revert", "verdicts": []}
        return self._invoke(step["function"], {**self.drawn, **said})

    def weigh(self) -> None:
        """The alias has canary weights from here on."""
        self.recorder.weights = {"1": 0.1}

    def verify(self) -> Any:
        """The alarm is looked at."""
        probe, args = self.probe
        how = {"probe": probe, "within": 60, "every": 1, "args": args}
        step = {"n": 1, "direction": "apply", "verify": how}
        return self._invoke("edsr-verify", {"step": step, "outcome": {"status": "DONE", "at": iso(utc_now())}})

    def compare(self) -> Any:
        """A canary is compared with a baseline, over minutes that are over."""
        metric = {"namespace": "AWS/Lambda", "name": "Errors"}
        both = {side: {"total": metric, "bad": metric} for side in ("canary", "baseline")}
        how = {"probe": "canary-is-no-worse", "within": 60, "every": 1, "args": both}
        step, at = {"n": 1, "direction": "apply", "verify": how}, iso(utc_now() - timedelta(minutes=10))
        return self._invoke("edsr-verify", {"step": step, "outcome": {"status": "DONE", "at": at}})

    def close(self) -> Any:
        """The incident ends well."""
        return self._close(State.RESOLVED, self.results)

    def close_worse(self) -> Any:
        """It ends badly, and its policy is judged by it."""
        return self._close(State.ESCALATED, [result | {"judged": Judged.WORSE.value} for result in self.results])

    def _close(self, end: State, results: list[dict[str, Any]]) -> Any:
        run = {**self.drawn, "inc": self.incident, "verdicts": [], "stage": {"results": results}}
        return self._invoke("edsr-close", {"end": end.value, "run": run})

    def follow(self) -> str:
        """The machine runs to its end, and a person agrees to whatever it asks; gives how it ended."""
        for _ in range(PATIENCE):
            if (ended := self.suite.finish(self.incident, seconds=0.2)) != "RUNNING":
                return ended
            if self.suite.incident(self.incident).state is State.ASKED:
                self.agree()
        raise AssertionError(f"{self.incident} is still under way")

    def stop(self) -> None:
        """Somebody aborts the execution."""
        arn = self.suite.machine.replace(":stateMachine:", ":execution:") + f":{self.incident}"
        estate.client("stepfunctions").stop_execution(executionArn=arn)

    def sweep(self) -> Any:
        """After as long as it takes to become due."""
        return self.suite.sweep(CHECK_EVERY + timedelta(seconds=5))

    def sweep_late(self) -> Any:
        """After longer than a person may take to answer."""
        return self.suite.sweep(timedelta(minutes=31))

    def poll(self, name: str = "alarms") -> Any:
        """The sweep looks for what the bus dropped, a minute later: the canary's alarm stands; of the other polls a
        policy waits for each, and there is nothing that failed."""
        later = utc_now() + timedelta(minutes=1)
        said = {"v": 1, "poll": name}
        for kind in discover().polls[name].detail_types if name != "alarms" else ():
            policy = policies.read(self.suite.folder / "flaky-build.json")
            waits = {"source": discover().polls[name].source, "pattern": {"detail-type": [kind]}}
            policy |= {"id": f"poll-{name}", "detect": policy["detect"] | waits}
            policies.write(self.suite.folder / f"poll-{name}.json", policy)
        self.recorder.answers = POLLED
        return estate.call(sweep.missed.handler, said, estate.TABLES, self.suite.library, lambda: later)

    def forward(self) -> Any:
        """A message comes over SNS."""
        return self._forward(DELIVERY)

    def forward_garbage(self) -> Any:
        """Something comes that is no message."""
        return self._forward({"Records": [{}]})

    def _forward(self, delivery: dict[str, Any]) -> Any:
        given = settings.Forward(bus=BUS, quarantine_queue=self.suite.quarantine)
        return estate.call(forward.handler.handler, delivery, given, self.suite.library)

    def beat(self) -> Any:
        """The heartbeat comes."""
        given = settings.Detect(
            findings_queue=self.suite.findings, quarantine_queue=self.suite.quarantine, state_table="edsr-state"
        )
        return estate.call(detect.heartbeat.handler, {"time": iso(utc_now())}, given, self.suite.library)

    def engage(self) -> None:
        """A person stops a service for a minute."""
        until = epoch(utc_now()) + 60
        engage(self.suite.store, "service:basket", Engaged("ann", "a test", until=until), utc_now)

    def stop_all(self) -> None:
        """A person stops everything."""
        engage(self.suite.store, "all", Engaged("ann", "a test"), utc_now)

    def record(self) -> Any:
        """The incident's audit, as its stream brings it."""
        items = estate.client("dynamodb").scan(TableName="edsr-audit", ConsistentRead=True)["Items"]
        changes = [
            {"eventName": "INSERT", "dynamodb": {"SequenceNumber": f"{n:05d}", "NewImage": item}}
            for n, item in enumerate(sorted(items, key=lambda item: int(plain(item)["seq"])))
        ]
        given = settings.Record(**estate.TABLES.model_dump(), export_bucket=EXPORT, bus=BUS)
        return estate.call(record.handler.handler, {"Records": changes}, given, self.suite.library)

    def show(self) -> Any:
        """A dashboard asks for the latest incidents."""
        return estate.call(record.shown.handler, {"count": 3}, estate.TABLES, self.suite.library)

    def digest(self) -> Any:
        """A week is told."""
        given = settings.Digest(digest_topic=TOPIC)
        return estate.call(record.digest.handler, {"v": 1, "days": 7}, given, self.suite.library)

    def notify(self) -> Any:
        """People hear of what was announced."""
        items = estate.client("dynamodb").scan(TableName="edsr-audit", ConsistentRead=True)["Items"]
        return self._notify(announced([read(plain(item)) for item in items]))

    def notify_garbage(self) -> Any:
        """Something comes that is no announcement."""
        return self._notify([{"messageId": "m", "body": "{}"}])

    def _notify(self, messages: list[dict[str, Any]]) -> Any:
        given = settings.Notify(**estate.TABLES.model_dump(), bus=BUS, quarantine_queue=self.suite.quarantine)
        return estate.call(notify.handler.handler, {"Records": messages}, given, self.suite.library)

    def compare_export(self) -> Any:
        """Every row of the audit is looked for in the export, seven hours later."""
        given = settings.Comparing(audit_table="edsr-audit", export_bucket=EXPORT)
        later = timedelta(hours=7)
        return estate.call(record.compare.handler, {}, given, self.suite.library, lambda: utc_now() + later)

    def anchor(self) -> Any:
        """What was exported is signed, five minutes after the last time."""
        kms = estate.client("kms")
        if not self.signing:
            self.signing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
        self.anchored += 1
        later = timedelta(minutes=2 + 5 * self.anchored)
        given = settings.Anchoring(export_bucket=EXPORT, anchor_key=self.signing)
        return estate.call(anchor.handler.handler, {}, given, self.suite.library, lambda: utc_now() + later)

    def control(self) -> Any:
        """CloudFormation asks for the kill switch."""
        said = {"RequestType": "Create", "ResponseURL": self.url, "StackId": "s", "RequestId": "r"}
        given = said | {"LogicalResourceId": "l"}
        estate.call(control.handler.handler, given, estate.TABLES, self.suite.library)
        return Answers.told[-1]

    def lose(self) -> None:
        """A copy of the kill switch is gone, and an action and a subject are latched."""
        lost, denied, circled = keys.switch(3), keys.latch("shift-alias", estate.ACCOUNT), keys.guard(ALIAS)
        dynamodb = estate.client("dynamodb")
        dynamodb.delete_item(TableName="edsr-state", Key=typed({"pk": lost.pk, "sk": lost.sk}))
        for key, said in ((denied, {"state": "open", "incident": "i-1"}), (circled, {"latched": "i-1"})):
            dynamodb.put_item(TableName="edsr-state", Item=typed({"pk": key.pk, "sk": key.sk, **said}))

    def switch_off(self) -> Any:
        """A person stops a service."""
        return self.suite.switch("ann", do="off", scope="service:checkout", reason="it flaps")

    def switch_on(self) -> Any:
        """A person lets it go on."""
        return self.suite.switch("ann", do="on", scope="service:checkout", reason="mended")

    def unlatch(self) -> Any:
        """A person has seen to what was denied, and to what went in circles."""
        latches = (f"action:shift-alias:{estate.ACCOUNT}", f"subject:{ALIAS}")
        return [self.suite.switch("ann", "/latches", latch=latch, reason="mended") for latch in latches][-1]

    def demote(self) -> Any:
        """A person demotes a policy, again for longer, and lifts it."""
        said: dict[str, Any] = {"policy": "lambda-canary-rollback", "reason": "noisy"}
        self.suite.switch("ann", "/demotions", **said, to="observe")
        self.suite.switch("ann", "/demotions", **said, to="approve")
        return self.suite.switch("ann", "/demotions", **said, to=None)

    def rehearse(self) -> Any:
        """People are asked for an answer that acts on nothing."""
        return self._rehearse({"do": "ask"}, utc_now)

    def miss_rehearsal(self) -> Any:
        """Two days later somebody looks for it."""
        return self._rehearse({"do": "look"}, lambda: utc_now() + timedelta(days=2))

    def answer_rehearsal(self) -> Any:
        """A person answers it."""
        return self.suite.switch("ann", "/rehearsals")

    def _rehearse(self, said: dict[str, str], clock: Callable[[], Any]) -> Any:
        given = settings.Rehearse(**estate.TABLES.model_dump(), bus=BUS)
        return estate.call(control.rehearse.handler, said, given, self.suite.library, clock)

    def label(self) -> Any:
        """A person says what the incident was, and says otherwise later."""
        said = {"incident": self.incident, "reason": "looked at it"}
        self.suite.switch("ann", "/labels", **said, label="true-positive")
        return self.suite.switch("ann", "/labels", **said, label="false-positive")

    def _invoke(self, name: str, said: dict[str, Any]) -> Any:
        handler, given = FUNCTIONS[name]
        return estate.call(handler, {"v": 1, **said}, given, self.suite.library)


def places() -> None:
    """Where record writes to."""
    estate.client("s3").create_bucket(Bucket=EXPORT)
    estate.client("events").create_event_bus(Name=BUS)
    estate.client("sns").create_topic(Name="edsr-digests")
