"""What came of an intent is committed; steps beside it move the incident's head, so it may have to be read again."""

from act.hands import Work
from edsr import audit
from edsr.errors import Transient
from edsr.model import Outcome
from edsr.ports import Cancelled
from edsr.protocol import keys
from edsr.protocol.incident import Incident
from edsr.protocol.stepping import outcome

RACES = 5


def settle(work: Work, done: Outcome, head: audit.Head) -> tuple[Outcome, audit.Head]:
    """Commit the outcome under its fence; gives it, and where the chain stands then."""
    for _ in range(RACES):
        writes, last = outcome(work.attempt, done, head=head, at=work.runtime.clock())
        try:
            work.store.commit(writes)
        except Cancelled as exc:
            if "STEP" in exc.found:
                raise Transient(f"a later attempt took over step {done.step}") from exc
            key = keys.incident(work.attempt.incident.id)
            head = Incident.of(work.store.read([key])[key]).head
        else:
            return done, last
    raise Transient(f"the outcome of step {done.step} lost {RACES} races")
