"""decide's function: findings from the queue are decided, admitted once, and their execution started."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from decide.chain import decide
from decide.facts import Facts
from decide.gather import Asked, gather
from decide.recover import recover, recovery_of
from decide.suspects import blamed, suspected
from edsr.aws.budgets import measure
from edsr.aws.executions import start
from edsr.aws.quarantine import quarantine
from edsr.aws.store import DynamoStore
from edsr.declare import Function, Permission
from edsr.errors import DocumentInvalid, EdsrError, Malformed, Transient
from edsr.model import DecisionVerdict, Finding, State
from edsr.policy import Objective, Policy
from edsr.ports import Cancelled, Store, Write
from edsr.protocol import keys
from edsr.protocol.admission import admit
from edsr.protocol.attributing import Blame, attribute, to_read
from edsr.protocol.confirming import confirm
from edsr.protocol.observing import observe
from edsr.protocol.recovering import unchanged
from edsr.protocol.storms import open_storm
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Decide
from edsr.times import epoch, parse

RACES = 5
BEGUN = (DecisionVerdict.ACT, DecisionVerdict.ASK)
"""The verdicts that an execution follows."""

HEARTBEAT = "heartbeat"
"""What the machine is told instead of an incident, so that it ends at once."""


def run(event: Event, runtime: Runtime[Decide]) -> dict[str, Any]:
    """Handle a batch of findings and recoveries; those that failed go back to the queue, the others do not."""
    store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
    failed = []
    for message in event["Records"]:
        try:
            if (beat := _heartbeat(message["body"])) is None:
                _accept(message["body"], store, runtime)
            else:
                _beat(beat, message, store, runtime)
        except (EdsrError, KeyError, ValueError) as exc:  # the last two: an incident that this version cannot read
            runtime.log.warning("back to the queue", extra={"error": type(exc).__name__, "reason": str(exc)})
            failed.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failed}


def _heartbeat(body: str) -> datetime | None:
    """When a heartbeat was put on the bus; None for everything else."""
    if not body.startswith('{"v": 1, "heartbeat": '):
        return None
    return parse(json.loads(body)["heartbeat"])


def _beat(put: datetime, message: dict[str, Any], store: Store, runtime: Runtime[Decide]) -> None:
    """Count a heartbeat, how long it took and waited, and keep when it came: the sweep misses the one that does not
    come. The first of an hour goes on through the machine."""
    now = runtime.clock()
    store.commit([Write("BEAT", "Put", keys.HEARTBEAT, item={"put": epoch(put), "came": epoch(now)})])
    sent = int(message.get("attributes", {}).get("SentTimestamp", epoch(now) * 1000)) / 1000
    runtime.count("QueueLagSeconds", max(0.0, now.timestamp() - sent))
    runtime.count("HeartbeatLagSeconds", max(0.0, (now - put).total_seconds()))
    runtime.count("Heartbeats")
    if put.minute == 0:
        start(runtime.clients("stepfunctions"), runtime.settings.machine, HEARTBEAT, f"{HEARTBEAT}-{put:%Y%m%d%H}")


def _accept(body: str, store: Store, runtime: Runtime[Decide]) -> None:
    try:
        if recovery := recovery_of(body):
            recover(recovery, store, runtime)
        else:
            _take(_read(body), store, runtime)
    except Malformed as exc:
        _quarantine(body, str(exc), runtime)


def _read(body: str) -> Finding:
    try:
        return Finding.model_validate_json(body)
    except ValidationError as exc:
        raise Malformed(f"not a finding: {exc}") from exc


def _take(finding: Finding, store: Store, runtime: Runtime[Decide]) -> None:
    """Decide and admit one finding. A lost race is looked at anew: what won it may be this finding's twin."""
    library = runtime.library()
    try:
        policy = library.policy(finding.policy)
        playbook = library.playbook(policy.respond.playbook)
        asked = Asked.of(finding, policy, playbook, library, runtime.settings)
        spared = policy.safeguards.error_budget
        objective = library.objective(spared.objective) if spared else None
    except DocumentInvalid as exc:
        raise Malformed(f"its policy cannot be read: {exc}") from exc
    for _ in range(RACES):
        facts, before, ended = gather(store, asked, runtime.clock())
        if facts.claimed or (before and before.state is not State.SUPPRESSED):
            _again(finding, facts.standing, runtime)
            return
        facts = _measured(facts, policy, objective, runtime)
        harm, case = suspected(facts, asked, library, store, runtime.clients)
        facts = facts._replace(harm=harm)
        decision = decide(finding, policy, facts)
        blame = blamed(finding, decision, facts, case)
        try:
            admitted = admit(
                finding, decision, policy, playbook, before=before, at=facts.now, crowd=len(facts.weather.unwell)
            )
            counted = confirm(finding, policy, facts.confirming, facts.now)
            told = observe(finding, decision, policy, facts.observed, facts.now)
            begun = [unchanged(finding, ended)] if decision.verdict in BEGUN else []
            harmed = attribute(blame, store.read(to_read(blame.case, facts.now)), facts.now) if blame else []
            stormy = open_storm(decision, policy, asked.brief, facts.now)
            store.commit([*begun, *admitted, *counted, *told, *stormy, *harmed])
        except Cancelled as exc:
            if "SIG" in exc.found:
                _again(finding, _standing(exc.found.get("INC", {})), runtime)
                return
            continue
        refused = {row.gate: row.reason for row in decision.rows if not row.allowed}
        said = {"policy": policy.id, "verdict": decision.verdict.value, "refused": refused}
        runtime.log.info("decided", extra={"incident_id": finding.incident_id, **said})
        runtime.count("Decisions", policy=policy.id, verdict=decision.verdict.value)
        if finding.origin == "sweep" and before is None:
            runtime.count("Missed", source=finding.source)  # the bus never brought it
        if decision.verdict in BEGUN:
            _start(finding, runtime)
        if blame:
            _compensate(blame, runtime)
        return
    raise Transient(f"{finding.incident_id} lost {RACES} races to be admitted")


def _measured(facts: Facts, policy: Policy, objective: Objective | None, runtime: Runtime[Decide]) -> Facts:
    """The facts, with how the objective stands whose budget the policy spares; where it spares none, nothing is asked.

    What cannot be measured is not known: the gate says what that calls for, and the log why.
    """
    said = policy.safeguards.error_budget
    if said is None or objective is None:
        return facts
    left = said.min_budget_left is not None
    budget = measure(runtime.clients("cloudwatch"), objective, left=left, now=facts.now)
    if budget.rate is None:
        runtime.log.warning("burn rate not known", extra={"objective": objective.id, "reason": budget.why})
    return facts._replace(budget=budget)


def _compensate(blame: Blame, runtime: Runtime[Decide]) -> None:
    """Start what undoes the harm; where this dies before, the sweep does so within a minute."""
    incident = blame.case.incident
    runtime.log.warning("harm", extra={"incident_id": incident.id, "by": blame.found.incident_id, "reason": blame.why})
    if blame.case.undoable:
        name = replace(incident, holds=incident.holds + 1).run_to_end
        start(runtime.clients("stepfunctions"), runtime.settings.machine, incident.id, name)


def _again(finding: Finding, standing: State | None, runtime: Runtime[Decide]) -> None:
    """A duplicate: nothing to do, unless the first one died before it could start the execution."""
    runtime.count("Duplicates", policy=finding.policy)
    if standing is State.DECIDED:
        _start(finding, runtime)


def _standing(item: dict[str, Any]) -> State | None:
    return State(item["st"]) if item else None


def _start(finding: Finding, runtime: Runtime[Decide]) -> None:
    """Start the incident's execution. Its name is the incident's id, so a second start changes nothing."""
    if not start(runtime.clients("stepfunctions"), runtime.settings.machine, finding.incident_id):
        runtime.log.info("already started", extra={"incident_id": finding.incident_id})


def _quarantine(body: str, reason: str, runtime: Runtime[Decide]) -> None:
    sqs, queue = runtime.clients("sqs"), runtime.settings.quarantine_queue
    sha256 = quarantine(sqs, queue, stage="decide", raw=body, reason=reason, at=runtime.clock())
    runtime.log.warning("quarantined", extra={"reason": reason, "sha256": sha256})
    runtime.count("Quarantined", stage="decide")


handler = Handler(
    run,
    Function(
        settings=Decide,
        permissions=(
            Permission(
                actions=(
                    "dynamodb:BatchGetItem",
                    "dynamodb:ConditionCheckItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ),
                on="state-table",
            ),
            Permission(actions=("dynamodb:PutItem",), on="audit-table"),
            Permission(actions=("states:StartExecution", "states:SendTaskFailure"), on="remediate-machine"),
            Permission(actions=("sqs:SendMessage",), on="quarantine-queue"),
            Permission(
                actions=("cloudwatch:GetMetricData",),
                on="*",
                reason="GetMetricData cannot be limited to metrics; it reads figures and changes nothing",
            ),
        ),
    ),
)
