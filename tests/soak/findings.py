"""The findings to come: several episodes of each subject's alarm, each as the event that CloudWatch would send."""

import json
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from edsr.model import Finding
from edsr.times import iso
from infra.trial import see
from tests.estate import event
from tests.soak.documents import Subject
from tests.things import a_policy

APART = timedelta(seconds=10)
"""Between the transitions of one alarm."""

APPEARING = 0.6
"""Part of the whole in which subjects appear; the copies of each come in no order within the rest."""

FILE, NAME, ALARM = "cloudwatch/canary-alarm", "checkout:live", "canary-checkout-errors"


class Episode(NamedTuple):
    """One transition of a subject's alarm; its time is its identity."""

    subject: Subject
    at: datetime

    @property
    def key(self) -> tuple[str, str]:
        """How its finding names it: the subject and the episode."""
        return self.subject.arn, iso(self.at)

    def event(self) -> dict[str, Any]:
        """What CloudWatch sends."""
        said = json.dumps(event(FILE)).replace(NAME, self.subject.name).replace(ALARM, self.subject.alarm)
        made: dict[str, Any] = json.loads(said.replace('"checkout"', json.dumps(self.subject.function)))
        made["detail"]["state"]["timestamp"] = iso(self.at).replace("Z", "+0000")
        return made

    @property
    def incident(self) -> str:
        """The id of the incident that has to come of it."""
        found = see(a_policy(), self.event())
        assert isinstance(found, Finding)
        return found.incident_id


def episodes(subjects: list[Subject], findings: int, now: datetime) -> list[Episode]:
    """As many as are asked for, spread evenly; the last transition of each alarm is now."""
    return [Episode(subjects[n % len(subjects)], now - APART * (n // len(subjects))) for n in range(findings)]


def shuffled(of: list[Episode], copies: int, seed: int) -> list[Episode]:
    """Each so many times, in an order that only the seed decides; new subjects appear until well past the middle."""
    dice = Random(seed)  # noqa: S311 - an order, not a secret
    appears = {subject: dice.uniform(0, APPEARING) for subject in dict.fromkeys(episode.subject for episode in of)}
    order = [(appears[episode.subject] + dice.uniform(0, 1 - APPEARING), episode) for episode in of * copies]
    return [episode for _, episode in sorted(order)]
