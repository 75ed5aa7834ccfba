"""A retry that finds its own intent: a token is sent again, a blind call once more after it settled, a riddle never."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

import act.actuators.shift_alias as shift
from act.hands import TOKENS, Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import lambda_alias
from edsr.errors import Denied, Refused, Transient, Unknown
from edsr.ports import Clients
from edsr.protocol import keys
from edsr.protocol.stepping import SETTLES
from edsr.times import epoch
from tests.aws.conftest import Workshop, a_result
from tests.aws.services import Aliases, Crash, crash, refusal
from tests.things import ALIAS, AT

LIVES = 600


class Blind(Aliases):
    """A service that compares nothing: whatever arrives is done. It says when it was looked at."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.clock, self.looks = clock, list[datetime]()

    def get_alias(self, **said: str) -> dict[str, Any]:
        self.looks.append(self.clock())
        return super().get_alias(**said)

    def point(self, **said: Any) -> None:
        """Point it somewhere."""
        self.updates.append(said)
        self.before()
        self.version, self.revision = said["to"], self.revision + 1
        self.after()


def _point(clients: Clients, _target: str, reach: dict[str, Any], _revision: str, token: str) -> None:
    with named("pointing", target=True):
        clients("lambda", mutating=True).point(to=reach["version"], token=token)


def of_class(shop: Workshop, klass: str) -> Blind:
    """The workshop's action is one of this class from here on."""
    action = shift.ACTION.model_copy(update={"klass": klass, "token_seconds": LIVES if klass == "A" else 0})
    shop.handler = actuator(action, Hands(lambda_alias.observe, shift.goal, shift.guard, _point))
    shop.aliases = Blind(shop.clock)
    return shop.aliases


def dies(shop: Workshop, aliases: Blind, *, sent: bool = False) -> None:
    """The function dies before its call takes effect, or just after."""
    aliases.before, aliases.after = (lambda: None, crash) if sent else (crash, lambda: None)
    with pytest.raises(Crash):
        shop.act()
    aliases.before = aliases.after = lambda: None


def retried(shop: Workshop) -> dict[str, Any]:
    """The state machine tries again, as often as it does; gives what the last try answered."""
    for _ in range(2):
        try:
            return shop.act()
        except Transient:
            continue
    return shop.act()


def test_a_token_is_sent_again_at_once_and_it_is_the_same(workshop: Workshop) -> None:
    aliases = of_class(workshop, "A")
    dies(workshop, aliases)
    assert workshop.act()["status"] == "DONE"
    assert workshop.clock.now == AT, "nothing is waited for"
    name = f"{workshop.incident_id}#1#apply#{ALIAS}"
    assert [sent["token"] for sent in aliases.updates] == [str(uuid.uuid5(TOKENS, name))] * 2
    assert workshop.kinds() == ["DECISION", "PLAN", "INTENT", "INTENT", "OUTCOME"]


def test_an_undo_has_a_token_of_its_own(workshop: Workshop) -> None:
    aliases = of_class(workshop, "A")
    workshop.act()
    workshop.act(direction="revert")
    assert len({sent["token"] for sent in aliases.updates}) == 2


@pytest.mark.parametrize(("later", "sent"), [(LIVES - 47, 2), (LIVES - 46, 1), (LIVES, 1)])
def test_a_token_that_the_service_may_have_forgotten_on_arrival_is_no_token_any_more(
    workshop: Workshop, later: int, sent: int
) -> None:
    aliases = of_class(workshop, "A")
    dies(workshop, aliases, sent=True)
    workshop.clock.tick(seconds=later)
    assert workshop.act()["status"] == ("DONE" if sent == 2 else "RECOVERED")
    assert len(aliases.updates) == sent


def test_a_tokens_life_is_counted_from_the_first_attempt(workshop: Workshop) -> None:
    aliases = of_class(workshop, "A")
    for _ in range(2):
        dies(workshop, aliases)
        workshop.clock.tick(seconds=LIVES / 2)
    with pytest.raises(Unknown):
        workshop.act()
    assert len(aliases.updates) == 2, "the token is forgotten by then, and without one two calls are the most"


def test_a_blind_call_is_looked_for_only_once_it_can_take_effect_no_more(workshop: Workshop) -> None:
    aliases = of_class(workshop, "C")
    dies(workshop, aliases, sent=True)
    aliases.looks.clear()
    for left in (SETTLES.seconds - 20, SETTLES.seconds - 40):
        with pytest.raises(Transient, match=rf"an earlier attempt at {ALIAS} settles in {left} s"):
            workshop.act()
    assert aliases.looks == []
    assert workshop.act()["status"] == "RECOVERED"
    assert min(aliases.looks) >= AT + SETTLES
    assert len(aliases.updates) == 1


def test_a_blind_call_of_which_nothing_is_seen_is_sent_once_more_and_never_a_third_time(workshop: Workshop) -> None:
    aliases = of_class(workshop, "C")
    dies(workshop, aliases)
    aliases.before = crash
    with pytest.raises(Crash):
        retried(workshop)
    assert (len(aliases.updates), workshop.step()["attempt"]) == (2, 2)
    aliases.before = lambda: None
    with pytest.raises(Unknown, match="nobody can say whether step 1 took effect"):
        retried(workshop)
    assert len(aliases.updates) == 2
    assert workshop.step()["st"] == "UNKNOWN"


def test_a_blind_call_that_was_sent_once_more_may_do_it(workshop: Workshop) -> None:
    aliases = of_class(workshop, "C")
    dies(workshop, aliases)
    assert retried(workshop)["status"] == "DONE"
    assert (len(aliases.updates), aliases.version) == (2, "1")


def test_what_somebody_else_changed_meanwhile_is_unknown_and_left_alone(workshop: Workshop) -> None:
    aliases = of_class(workshop, "C")
    dies(workshop, aliases)
    aliases.changed_by_somebody("9")
    with pytest.raises(Unknown):
        retried(workshop)
    assert (len(aliases.updates), aliases.version) == (1, "9")


@pytest.mark.parametrize("sent", [True, False])
def test_a_riddle_is_never_sent_again_and_never_guessed(workshop: Workshop, sent: bool) -> None:
    aliases = of_class(workshop, "D")
    dies(workshop, aliases, sent=sent)
    looks = len(aliases.looks)
    for _ in range(2):
        with pytest.raises(Unknown):
            workshop.act()
    assert (len(aliases.updates), len(aliases.looks)) == (1, looks)
    assert workshop.kinds() == ["DECISION", "PLAN", "INTENT", "OUTCOME"]


def test_a_second_call_that_is_denied_latches_even_when_nobody_knows_of_the_first(workshop: Workshop) -> None:
    aliases = of_class(workshop, "A")
    dies(workshop, aliases)

    def denied() -> None:
        raise refusal("AccessDeniedException", 403)

    aliases.before = denied
    with pytest.raises(Denied):
        workshop.act()
    assert workshop.step()["st"] == "UNKNOWN"
    error = {"Error": "Denied", "Cause": "{}"}
    workshop.end("ESCALATED", [a_result(status="UNKNOWN", judged="unknown", error=error)])
    assert workshop.item(keys.latch("shift-alias", "123456789012"))["state"] == "open"


def test_a_call_is_not_sent_again_under_a_latch_that_came_meanwhile(workshop: Workshop) -> None:
    aliases = of_class(workshop, "C")
    dies(workshop, aliases)
    workshop.put(keys.latch("shift-alias", "123456789012"), state="open", incident="i-9", at=epoch(AT))
    with pytest.raises(Refused, match="was denied in account"):
        retried(workshop)
    assert (len(aliases.updates), workshop.step()["st"]) == (1, "REFUSED")


def test_an_attempt_that_was_taken_over_writes_no_outcome(workshop: Workshop) -> None:
    """It hung in its call while its lease ran out and the next attempt began: the fence keeps its word out."""
    aliases = of_class(workshop, "A")
    shop = Workshop(workshop.library, workshop.incident_id, aliases=aliases, clock=workshop.clock)
    shop.handler = workshop.handler

    def overtaken() -> None:
        aliases.before = lambda: None
        workshop.clock.tick(seconds=130)
        shop.act()

    aliases.before = overtaken
    with pytest.raises(Transient, match="a later attempt took over step 1"):
        workshop.act()
    assert workshop.kinds() == ["DECISION", "PLAN", "INTENT", "INTENT", "OUTCOME"]
    assert workshop.clock.now - AT == timedelta(seconds=130)
