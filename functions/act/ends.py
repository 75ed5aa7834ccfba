"""How a step ends without having been done: what each status means to the machine, and why an intent was cancelled."""

from datetime import datetime, timedelta

from edsr.errors import Denied, EdsrError, Gone, Refused, Rejected, Transient, Unknown
from edsr.model import OPEN, Outcome, Status
from edsr.ports import Cancelled
from edsr.protocol.stepping import COMPENSATION, Attempt, scopes_of
from edsr.times import epoch

STATUS: dict[type[EdsrError], Status] = {
    Gone: Status.GONE,
    Denied: Status.DENIED,
    Refused: Status.REFUSED,
    Rejected: Status.REFUSED,
}

_ERRORS: dict[Status, type[EdsrError]] = {
    Status.GONE: Gone,
    Status.DENIED: Denied,
    Status.REFUSED: Rejected,
    Status.UNKNOWN: Unknown,
}


def ended(outcome: Outcome) -> Outcome:
    """What an earlier attempt came to. What did not go well is raised again: its first answer may have been lost."""
    if error := _ERRORS.get(outcome.status):
        raise error(f"step {outcome.step} ended before: {outcome.status}")
    return outcome


def final(cancelled: Cancelled, attempt: Attempt, now: datetime) -> Refused | None:
    """Why a cancelled intent will never go through; None when it is worth reading everything again.

    Raises Transient while another incident holds the target.
    """
    incident, found = attempt.incident, cancelled.found
    if "KIL" in found:
        engaged = set(found["KIL"].get("engaged", {})) & set(scopes_of(incident.brief, attempt.step).values())
        return Refused(f"the kill switch is engaged ({', '.join(sorted(engaged)) or 'its item is missing'})")
    if found.get("LCK", {}).get("owner", incident.id) != incident.id:
        raise Transient(f"{attempt.step.target} is held by {found['LCK']['owner']}")
    if "GRD" in found:
        return Refused(f"{found['GRD'].get('inc_id')} is at work on {incident.brief.subject}")
    head = found.get("HEAD")
    if head and (head["st"] not in OPEN or _late(head["deadline"], attempt, now)):
        return Refused(f"{incident.id} is {head['st']} or past its deadline")
    if head and head["origin"] not in ("event", "sweep"):
        return Refused(f"a {head['origin']} finding is only observed")
    return None


def _late(deadline: int, attempt: Attempt, now: datetime) -> bool:
    """A compensation has some time more, and the end of a temporary measure has no deadline."""
    grace = COMPENSATION if attempt.undoing else timedelta(0)
    return not attempt.expiring and deadline <= epoch(now - grace)
