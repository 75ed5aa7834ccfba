"""What people do on a game day, by the same commands as on any other."""

from collections.abc import Sequence

from cli import approvals, history
from cli.account import Account
from cli.errors import Unavailable
from cli.gameday.happenings import Labels, Person, Switch
from cli.route import ask
from edsr.model import OPEN, State
from edsr.protocol.incident import Incident


def answer(account: Account, said: Person, ours: Sequence[Incident]) -> None:
    """Somebody answers the plan that waits; Declined says why the answer does not count."""
    waiting = [one for one in ours if one.state is State.ASKED and said.policy in (None, one.policy.id)]
    if not waiting:
        raise Unavailable(f"{said.who} was to answer, and nothing waits for an answer")
    incident = waiting[0]
    _, asking = approvals.one(account, incident.id)
    given = {"inc": incident.id, "answer": said.answer, "digest": asking.digest, "reason": "a game day"}
    ask(account, "/answers", given, said.who)


def label(account: Account, said: Labels, ours: Sequence[Incident]) -> None:
    """Somebody says what the incident about something was, the latest that has ended."""
    ended = [one for one in ours if said.about in one.finding.subject.arn and one.state not in OPEN]
    if not ended:
        raise Unavailable(f"{said.who} was to label an incident about {said.about}, and none has ended")
    history.give(account, ended[-1].id, said.label, "a game day", said.who)


def switch(account: Account, said: Switch, scope: str) -> None:
    """Somebody stops automation, or lets it go on."""
    ask(account, "/switch", {"do": said.turn, "scope": scope, "reason": "a game day", "undo": False}, said.who)
