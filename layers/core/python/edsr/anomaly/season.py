"""The usual day: for each five minutes of it, what is usual and how far from it is usual."""

from array import array

SLOTS = 288
_DAYS = 7
_CLIP = 3.0
NEVER, MOST = 0, 255


class Season:
    """A centre and a mean distance for each slot of the day, in single precision, relative to the series' origin."""

    __slots__ = ("centre", "distance", "seen")

    def __init__(self) -> None:
        self.centre = array("f", bytes(4 * SLOTS))
        self.distance = array("f", bytes(4 * SLOTS))
        self.seen = bytearray(SLOTS)

    def expected(self, slot: int) -> float | None:
        """The middle of this slot's centre and its two neighbours'; None where nothing was seen."""
        seen, centre = self.seen, self.centre
        after = slot + 1 if slot + 1 < SLOTS else 0
        if seen[slot - 1] and seen[slot] and seen[after]:
            a, b, c = centre[slot - 1], centre[slot], centre[after]
            return b if a <= b <= c or c <= b <= a else a if b <= a <= c or c <= a <= b else c
        found = [centre[near] for near in (slot - 1, slot, after) if seen[near]]
        return sum(found) / len(found) if found else None

    def learn(self, slot: int, value: float) -> None:
        """Take a value in: an outlier moves the centre by no more than three usual distances."""
        days = self.seen[slot]
        if days < MOST:
            self.seen[slot] = days + 1
        if days == NEVER:
            self.centre[slot] = value
            return
        weight = 1.0 / (days + 1) if days < _DAYS else 1.0 / _DAYS
        away = value - self.centre[slot]
        size = abs(away)
        usual = self.distance[slot]
        if days > 2 and 0.0 < _CLIP * usual < size:
            away = _CLIP * usual if away > 0.0 else -_CLIP * usual
        self.centre[slot] += weight * away
        self.distance[slot] = usual + weight * (size - usual) if days > 1 else size

    def move(self, by: float) -> None:
        """Shift the whole day: its shape is kept at a new level."""
        for slot in range(SLOTS):
            if self.seen[slot]:
                self.centre[slot] += by
