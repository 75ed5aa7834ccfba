"""Where each item of the protocol is kept."""

import hashlib

from edsr.model import Direction
from edsr.ports import Key

SOLE = "-"
HEAD = "HEAD"
CONTROL = "CTL#"
COUNTED, SEQUENCES, SERIES, ABSENT = "CNT#", "SEQ#", "ANM#", "ABS#"
SWITCHES = 16
OPEN_SHARDS = 4
BYTES = 1024
"""Of what an event says in a key; DynamoDB takes 2,048 in all."""


def claim(finding_id: str) -> Key:
    """The dedupe item of a finding."""
    return Key("state", f"SIG#{finding_id}", SOLE)


def guard(subject_arn: str) -> Key:
    """The guard of a subject: one running remediation, whichever policy."""
    return Key("state", f"GRD#{subject_arn}", SOLE)


def incident(incident_id: str) -> Key:
    """An incident's head."""
    return Key("state", f"INC#{incident_id}", HEAD)


def plan(incident_id: str) -> Key:
    """An incident's plan."""
    return Key("state", f"INC#{incident_id}", "PLAN")


def step(incident_id: str, n: int, direction: Direction) -> Key:
    """What was intended and done for one step in one direction."""
    return Key("state", f"INC#{incident_id}", f"STEP#{n}#{direction}")


def approval(incident_id: str, number: int) -> Key:
    """One asking for approval, counted from 1."""
    return Key("state", f"INC#{incident_id}", f"APR#{number}")


def measure(incident_id: str, n: int) -> Key:
    """The temporary measure that a step has taken."""
    return Key("state", f"INC#{incident_id}", f"EXP#{n}")


def lock(target: str) -> Key:
    """The fenced lease on a target."""
    return Key("state", f"LCK#{target}", SOLE)


def rate(scope: str) -> Key:
    """The times of the last remediations of a scope."""
    return Key("state", f"RTE#{scope}", SOLE)


def slots(scope: str) -> Key:
    """The incidents that act on a scope at once."""
    return Key("state", f"SEM#{scope}", SOLE)


def breaker(policy: str, service: str) -> Key:
    """The circuit breaker of a policy on a service."""
    return Key("state", f"BRK#{policy}#{service}", SOLE)


def latch(action: str, account: str) -> Key:
    """What stops an action in an account in which it was denied."""
    return Key("state", f"BRK#deny#{action}#{account}", SOLE)


def confirming(policy: str, subject_arn: str) -> Key:
    """What a policy has found about a subject lately."""
    return Key("state", f"CNF#{policy}#{subject_arn}", SOLE)


def observed(policy: str, subject_arn: str) -> Key:
    """What a policy that only observes last told of a subject."""
    return Key("state", f"OBS#{policy}#{subject_arn}", SOLE)


def recovered(policy: str, subject_arn: str) -> Key:
    """What has ended lately on a subject, for a policy."""
    return Key("state", f"RCV#{policy}#{subject_arn}", SOLE)


def demotions(policy: str) -> Key:
    """How far people let a policy go, on each service and everywhere."""
    return Key("state", f"MOD#{policy}", SOLE)


def label(incident_id: str) -> Key:
    """What an operator said that an incident was."""
    return Key("state", f"LBL#{incident_id}", SOLE)


REHEARSAL = Key("state", "RHS", SOLE)
"""The latest rehearsal of an approval: when people were asked, until when, and who answered."""

RECENT = "RECENT"
"""The partition of incidents that something was to be done about, by when that was decided; a dashboard reads it."""


def recent(decided: str, incident_id: str) -> Key:
    """An incident among those of the last days."""
    return Key("state", RECENT, f"{decided}#{incident_id}")


def latched(name: str) -> Key | None:
    """The latch that people call `action:<action>:<account>` or `subject:<ARN>`; None when it is neither."""
    kind, _, rest = name.partition(":")
    action, _, account = rest.partition(":")
    if kind == "action" and action and account:
        return latch(action, account)
    return guard(rest) if kind == "subject" and rest.startswith("arn:") else None


REGRESSIONS = Key("state", "BRK#all", SOLE)
"""The latest regressions of every policy."""


def unwell(service: str, kind: str, window: int) -> Key:
    """The subjects of a kind of a service about which something was found in one window of time."""
    return Key("state", f"ILL#{service}#{kind}#{window}", SOLE)


def acts(service: str, window: int) -> Key:
    """The incidents that began to act on a service in one window of time."""
    return Key("state", f"ACT#{service}#{window}", SOLE)


def storm(service: str, kind: str) -> Key:
    """The storm among a kind of a service, and who told of it."""
    return Key("state", f"STM#{service}#{kind}", SOLE)


def counted(policy: str, about: str, bucket: int) -> Key:
    """The events that a policy has counted about something in one bucket of time."""
    return Key("state", f"{COUNTED}{policy}#{_bounded(about)}", f"{bucket}")


def episodes(policy: str, about: str) -> Key:
    """The episodes that a policy has told of by counting."""
    return Key("state", f"{COUNTED}{policy}#{_bounded(about)}", "TOLD")


def sequenced(policy: str, by: str, about: str, bucket: int) -> Key:
    """The events of a policy's sequence about something in one bucket of time."""
    return Key("state", f"{SEQUENCES}{policy}#{by}#{_bounded(about)}", f"{bucket}")


def series(policy: str, about: str) -> Key:
    """The series of numbers that a policy reads about something."""
    return Key("state", f"{SERIES}{policy}#{_bounded(about)}", SOLE)


def notice(group: str) -> Key:
    """What the incidents of a group need of people, and what they were told."""
    return Key("state", f"NTC#{_bounded(group)}", SOLE)


def absent(policy: str, about: str) -> Key:
    """When a policy has heard of something last."""
    return Key("state", f"{ABSENT}{policy}#{_bounded(about)}", SOLE)


def absences(policy: str) -> str:
    """The partition of the index of what is to be looked at that holds what a policy waits for."""
    return f"absent#{policy}"


def control(month: str) -> Key:
    """The head of a month's chain of what people and brakes have switched; `2026-03`."""
    return Key("state", f"{CONTROL}{month}", HEAD)


def switch(number: int) -> Key:
    """One of the kill switch's sixteen copies."""
    return Key("state", f"KIL#{number:02d}", SOLE)


def switch_of(incident_id: str) -> Key:
    """The copy of the kill switch that this incident checks; sixteen spread the transactions' conflicts."""
    return switch(_spread(incident_id, SWITCHES))


HEARTBEAT = Key("state", "BEAT", SOLE)
"""The last heartbeat that came to decide: when it was put, and when it came."""


def poll(name: str) -> Key:
    """What a poll of the sweep has left of its calls, and what it has handed on."""
    return Key("state", f"PLL#{name}", SOLE)


OPEN_INDEX = tuple(f"open#{number}" for number in range(OPEN_SHARDS))
"""The partitions of the index of open incidents."""


BEGUN = "begun"
"""The partition of the steps that have begun what goes on by itself."""


def open_shard(incident_id: str) -> str:
    """The partition of the index that an open incident is in."""
    return OPEN_INDEX[_spread(incident_id, OPEN_SHARDS)]


def chain(owner: str) -> str:
    """The partition of the audit that holds a chain: an incident's, or a month's of what was switched."""
    return owner if owner.startswith(CONTROL) else f"INC#{owner}"


def record(owner: str, seq: int) -> Key:
    """A record of an audit chain."""
    return Key("audit", chain(owner), seq)


def _bounded(text: str) -> str:
    """What others say may be longer than a key: then its hash stands for it."""
    return text if len(text.encode()) <= BYTES else "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _spread(text: str, parts: int) -> int:
    return hashlib.sha256(text.encode()).digest()[0] % parts
