"""A retry that finds its own intent: nobody knows yet whether the call was sent, and whether it took effect.

What may be done about it depends on what the service offers: a token (A), a compare-and-set (B), a state that can be
observed (C), or neither (D). Only A and B may send again before the first call has settled.
"""

from datetime import timedelta

from act.hands import Work
from act.settle import settle
from edsr import audit
from edsr.errors import Gone, Unknown
from edsr.model import Outcome, Status
from edsr.ports import Item
from edsr.protocol.stepping import SETTLES
from edsr.times import epoch, parse_epoch

SENDS = 2
"""So often a call that only its effect can tell apart is sent, at most."""


def again(work: Work) -> Outcome | None:
    """What came of the earlier attempt, once it is known; None when the call is to be sent again.

    Raises Unknown when nobody can say, Gone when the target is, Transient while it has not settled.
    """
    earlier = work.attempt.earlier or {}
    match work.action.klass:
        case "A" if _token_lives(work, earlier):
            return None
        case "D":
            return _known(work, _settled(work, Status.UNKNOWN, earlier))
        case "A" | "C":
            work.outwait(earlier)
    status = _came_of(work, earlier)
    if status is None and _may_send(work, earlier):
        return None
    return _known(work, _settled(work, status or Status.UNKNOWN, earlier))


def concluded(work: Work, otherwise: Status, head: audit.Head, *, standing: bool = False) -> Outcome:
    """Nothing more is sent: the outcome says what is seen now, or, where nothing was changed, `otherwise`.

    `standing` says that the intent that stands is still the earlier attempt's. Raises Unknown and Gone like `again`.
    """
    earlier = work.attempt.earlier or {}
    settled = epoch(work.runtime.clock()) >= earlier["intent_at"] + SETTLES.total_seconds()
    unseen = otherwise if settled else Status.UNKNOWN
    status = _came_of(work, earlier) or unseen
    done = work.said(status, earlier["pre"]["state"])
    fence = earlier["fence"] if standing else work.attempt.fence
    return _known(work, settle(work, done.model_copy(update={"fence": fence}), head)[0])


def _came_of(work: Work, earlier: Item) -> Status | None:
    """What is seen of the earlier call: it took effect, the target is gone, somebody else changed it; None for
    nothing at all."""
    try:
        seen = work.observe()
    except Gone:
        return Status.GONE
    if work.reached(seen.state):
        return Status.RECOVERED
    pre = earlier["pre"]
    same = seen.revision == pre["revision"] if work.action.klass == "B" else seen.state == pre["state"]
    return None if same else Status.UNKNOWN


def _may_send(work: Work, earlier: Item) -> bool:
    return work.action.klass == "B" or int(earlier["attempt"]) < SENDS


def _token_lives(work: Work, earlier: Item) -> bool:
    """Whether the service will still know the token of the first attempt when a call that is sent now arrives; its
    life is counted from when it was sent first."""
    lasts = timedelta(seconds=work.action.token_seconds) - SETTLES
    return work.runtime.clock() < parse_epoch(earlier["begun_at"]) + lasts


def _settled(work: Work, status: Status, earlier: Item) -> Outcome:
    """Close the earlier attempt's intent, under that attempt's fence."""
    done = work.said(status, earlier["pre"]["state"]).model_copy(update={"fence": earlier["fence"]})
    return settle(work, done, work.attempt.incident.head)[0]


def _known(work: Work, done: Outcome) -> Outcome:
    if done.status is Status.UNKNOWN:
        raise Unknown(f"nobody can say whether step {done.step} took effect on {work.target}: it is held as it is")
    if done.status is Status.GONE:
        raise Gone(f"{work.target} is gone")
    return done
