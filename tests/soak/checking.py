"""The accounts: whatever the suite promises and the evidence contradicts is named, a line each."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from edsr.model import OPEN, AuditRecord, DecisionVerdict, Kind, State, Status
from tests.soak.evidence import Evidence

DID = (Status.DONE, Status.RECOVERED)


class Doing(NamedTuple):
    """One step of one incident in one direction."""

    incident: str
    step: int
    direction: str

    def __str__(self) -> str:
        return f"{self.incident} step {self.step} {self.direction}"


def violations(evidence: Evidence) -> list[str]:
    """Everything that is wrong."""
    return [said for check in CHECKS for said in check(evidence)]


def every_effect_is_intended_and_happens_once(evidence: Evidence) -> Iterator[str]:
    """The witness's calls against the audit's intents, which name the revision that they were written for."""
    intended = _intended(evidence)
    for call in evidence.calls:
        if (call.target, call.expected) not in intended:
            yield f"{call.target} was changed from revision {call.expected} without an intent"
    for doing, count in _effects(evidence).items():
        if count > 1:
            yield f"{doing} took effect {count} times"
    for target, count in Counter(call.target for call in evidence.calls).items():
        if count > 1:
            yield f"{target} was changed {count} times within one cooldown"


def what_took_effect_is_what_is_said(evidence: Evidence) -> Iterator[str]:
    """An outcome DONE or RECOVERED for each effect, and an effect for each; an escalated incident may not know."""
    effects = _effects(evidence)
    said = Counter(doing for doing, record in _steps(evidence, Kind.OUTCOME) if record.body["status"] in DID)
    escalated = {incident.id for incident in evidence.incidents if incident.state is State.ESCALATED}
    for doing in sorted(effects.keys() | said.keys()):
        if said[doing] > effects[doing]:
            yield f"{doing} is said to be done {said[doing]} times, and took effect {effects[doing]} times"
        if said[doing] < effects[doing] and doing.incident not in escalated:
            yield f"{doing} took effect {effects[doing]} times, and is said to be done {said[doing]} times"


def the_witness_missed_nothing(evidence: Evidence) -> Iterator[str]:
    """From the revision that an alias was made with, the calls lead to the one it has now."""
    standing = dict(evidence.made)
    for call in evidence.calls:
        if standing[call.target] != call.expected:
            yield f"{call.target} was changed from {call.expected}, but was at {standing[call.target]}"
        standing[call.target] = call.revision
    for target, revision in standing.items():
        if evidence.found[target] != revision:
            yield f"{target} is at {evidence.found[target]}, and no witness saw how it came there from {revision}"


def every_finding_became_one_incident(evidence: Evidence) -> Iterator[str]:
    """Also one that is refused: that is written down and counted."""
    known = Counter((one.finding.subject.arn, one.finding.episode) for one in evidence.incidents)
    for subject, episode in sorted(evidence.episodes - known.keys()):
        yield f"the finding {episode} of {subject} is lost"
    for (subject, episode), count in known.items():
        if (subject, episode) not in evidence.episodes:
            yield f"nobody sent the finding {episode} of {subject}"
        if count > 1:
            yield f"the finding {episode} of {subject} became {count} incidents"


def every_subject_is_attended_to(evidence: Evidence) -> Iterator[str]:
    """Its first finding is refused by nothing."""
    attended = {one.finding.subject.arn for one in evidence.incidents if one.state is not State.SUPPRESSED}
    for target in sorted(evidence.made.keys() - attended):
        yield f"{target} was never attended to"


def every_incident_has_ended(evidence: Evidence) -> Iterator[str]:
    """At rest nothing is open."""
    for incident in evidence.incidents:
        if incident.state in OPEN:
            yield f"{incident.id} is still {incident.state}"


def every_intent_has_its_outcome(evidence: Evidence) -> Iterator[str]:
    """Unless a person was called: then nobody knows, and that is what is said."""
    escalated = {incident.id for incident in evidence.incidents if incident.state is State.ESCALATED}
    answered = {doing for doing, _ in _steps(evidence, Kind.OUTCOME)}
    for doing in sorted({doing for doing, _ in _steps(evidence, Kind.INTENT)} - answered):
        if doing.incident not in escalated:
            yield f"{doing} was intended, and nobody says what came of it"


def every_admitted_incident_runs_once(evidence: Evidence) -> Iterator[str]:
    """One execution at most for each decision to act, and none for anything else."""
    acting = {incident for incident, chain in evidence.chains.items() if any(map(_acts, chain))}
    for name, count in Counter(evidence.executions).items():
        if count > 1:
            yield f"{name} was executed {count} times"
        if name not in acting:
            yield f"{name} was executed, and nobody decided to act"
    decided = Counter(record.incident_id for chain in evidence.chains.values() for record in chain if _acts(record))
    for incident, count in decided.items():
        if count > 1:
            yield f"{incident} was decided {count} times"


def the_audit_is_complete(evidence: Evidence) -> Iterator[str]:
    """Every chain holds against its incident's head and against the export, and all of it is exported."""
    yield from map(str, evidence.audit.flaws)
    if missing := evidence.audit.records - evidence.audit.exported:
        yield f"{missing} of {evidence.audit.records} audit records are not exported"


def nothing_is_left_in_a_queue(evidence: Evidence) -> Iterator[str]:
    """Neither undelivered nor unreadable."""
    for name, depth in evidence.left.items():
        if depth:
            yield f"queue {name} holds {depth} messages"


CHECKS: tuple[Callable[[Evidence], Iterator[str]], ...] = (
    every_effect_is_intended_and_happens_once,
    what_took_effect_is_what_is_said,
    the_witness_missed_nothing,
    every_finding_became_one_incident,
    every_subject_is_attended_to,
    every_incident_has_ended,
    every_intent_has_its_outcome,
    every_admitted_incident_runs_once,
    the_audit_is_complete,
    nothing_is_left_in_a_queue,
)


def _acts(record: AuditRecord) -> bool:
    return record.kind is Kind.DECISION and record.body["decision"]["verdict"] == DecisionVerdict.ACT


def _steps(evidence: Evidence, kind: Kind) -> Iterator[tuple[Doing, AuditRecord]]:
    for incident, chain in evidence.chains.items():
        for record in chain:
            if record.kind is kind:
                yield Doing(incident, record.body["step"], record.body["direction"]), record


def _intended(evidence: Evidence) -> dict[tuple[str, str | None], Doing]:
    """Who intended to change a target from a revision; a later attempt of the same step intends the same."""
    return {
        (record.body["target"], record.body["before"]["revision"]): doing
        for doing, record in _steps(evidence, Kind.INTENT)
    }


def _effects(evidence: Evidence) -> Counter[Doing]:
    intended = _intended(evidence)
    return Counter(intended[key] for call in evidence.calls if (key := (call.target, call.expected)) in intended)
