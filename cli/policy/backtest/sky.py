"""The unwell of one kind of a service, and its storms, while recorded events pass."""

from collections import OrderedDict
from datetime import datetime

from edsr.model import Decision, DecisionVerdict, Finding
from edsr.policy import Policy
from edsr.policy.safeguards import UNWELL
from edsr.protocol.storms import BEGINS, Weather
from edsr.times import epoch


class Sky:
    """What decide would read of the unwell, and of who told of a storm."""

    def __init__(self) -> None:
        self._unwell: OrderedDict[str, int] = OrderedDict()
        self._told, self._until = "", 0

    @property
    def weather(self) -> Weather:
        """How it stands."""
        return Weather(self._unwell, self._told, self._until)

    def note(self, found: Finding, policy: Policy, decision: Decision, now: datetime) -> None:
        """Something was found about a subject; what is long ago is forgotten."""
        self._unwell[found.subject.arn] = epoch(now)
        self._unwell.move_to_end(found.subject.arn)
        while self._unwell[oldest := next(iter(self._unwell))] <= epoch(now - UNWELL):
            del self._unwell[oldest]
        begins = any(row.gate == BEGINS and not row.allowed for row in decision.rows)
        if decision.verdict is DecisionVerdict.ESCALATE and begins:
            self._told, self._until = found.incident_id, epoch(now + policy.safeguards.storm.lasts)
