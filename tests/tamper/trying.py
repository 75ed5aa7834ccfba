"""Every operator at every position, and what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from edsr.model import Kind
from tests.tamper import record_operators, store_operators
from tests.tamper.audits import Audit, By, Found, Look, found, untouched
from tests.tamper.chains import INCIDENT, MONTH, RECORDS, a_chain
from tests.tamper.operator import Operator

OPERATORS: tuple[Operator, ...] = (*record_operators.OPERATORS, *store_operators.OPERATORS)


@dataclass
class Tally:
    """What came of one operator: how often it was done, found, and named exactly as expected.

    `anchored` counts what only an anchor can find. `unexpected` says what came otherwise.
    """

    operator: Operator
    positions: int = 0
    found: int = 0
    exact: int = 0
    anchored: int = 0
    unexpected: list[str] = field(default_factory=list)

    def count(self, position: int, length: int, seen: Found | None) -> None:
        """One more try."""
        wanted = self.operator.expected(position, length)
        anchored = wanted.by is By.ANCHOR
        exact = bool(seen and (seen.by, seen.flaw.seq) == (wanted.by, wanted.named.seq(position, length)))
        self.positions += 1
        self.anchored += anchored
        self.found += seen is not None
        self.exact += exact
        if not exact:
            self.unexpected.append(f"at {position} {wanted.by} should name record {wanted.named}; found: {seen}")

    @property
    def as_expected(self) -> bool:
        """Whether everything was found and rightly named."""
        return self.exact == self.positions and not self.unexpected


def genuine(length: int = RECORDS) -> Audit:
    """An incident's audit that nobody touched."""
    return untouched(INCIDENT, a_chain(INCIDENT, length))


def month(length: int = RECORDS) -> Audit:
    """A month of control records that nobody touched."""
    return untouched(MONTH, a_chain(MONTH, length, kinds=[Kind.CONTROL]))


def attempts(
    incident: Audit,
    controls: Audit,
    look: Look,
    operators: Sequence[Operator] = OPERATORS,
    tell: Callable[[int], None] = lambda _: None,
) -> list[Tally]:
    """Each operator at each position of a chain of incident's, or control, records; `tell` hears of each position."""
    tallies = [Tally(operator) for operator in operators]
    length = len(incident.records)
    for position in range(1, length + 1):
        for tally in tallies:
            if position in tally.operator.positions(length):
                whole = controls if tally.operator.month else incident
                tally.count(position, length, found(tally.operator.act(whole, position), look))
        tell(position)
    return tallies
