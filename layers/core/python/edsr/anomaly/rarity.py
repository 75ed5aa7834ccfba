"""How rare a size is among those seen before: the empirical tail, in a histogram that fits into 204 bytes."""

from math import frexp, ldexp, log10

BUCKETS = 96
COMMON = 8
"""What an ordinary size counts, so that the old can be halved a few times before it is forgotten."""
_PER_OCTAVE = 4
_FULL = 5000 * COMMON
_FEW = 20 * COMMON
_HALF = 0.5 * COMMON
_BEYOND = 3.0


class Rarity:
    """Counts of sizes >= 0 in buckets a quarter of an octave wide; all are halved when 5000 sizes are counted."""

    __slots__ = ("counts", "largest", "top", "total")

    def __init__(self) -> None:
        self.counts = [0] * BUCKETS
        self.top = 0
        self.total = 0
        self.largest = 0.0

    def rank(self, size: float, count: int) -> float:
        """-log10 of the share of sizes seen so far that are at least as large; beyond the largest, up to 3 more.

        0.0 while few were seen, and for the size 0. The size is then counted, as `count` eighths.
        """
        bucket = self._bucket(size) if size > 0.0 else 0
        rank = self._rank(size, bucket) if size > 0.0 and self.total > _FEW else 0.0
        self.largest = max(self.largest, size)
        self.counts[bucket] += count
        self.total += count
        if self.total > _FULL:
            self.counts = [kept >> 1 for kept in self.counts]
            self.total = sum(self.counts)
        return rank

    def _rank(self, size: float, bucket: int) -> float:
        if size > self.largest:
            reach = self.largest - self._median()
            beyond = (size - self.largest) / reach if reach > 0.0 else 1e3
            return log10((self.total + COMMON) / _HALF) + min(_BEYOND, log10(1.0 + beyond))
        counts = self.counts
        above = sum(counts[bucket + 1 :]) + 0.5 * counts[bucket]
        return -log10((above + _HALF) / (self.total + COMMON))

    def _bucket(self, size: float) -> int:
        mantissa, exponent = frexp(size)
        place = exponent * _PER_OCTAVE + int((mantissa * 2.0 - 1.0) * _PER_OCTAVE)
        if not self.largest:
            self.top = place
        elif place > self.top:
            self._raise(place)
        bucket = BUCKETS - 1 - self.top + place
        return bucket if bucket > 0 else 0

    def _raise(self, top: int) -> None:
        """Make room above: what falls out below is counted in the lowest bucket."""
        steps = min(top - self.top, BUCKETS - 1)
        lowest = sum(self.counts[: steps + 1])
        self.counts = [lowest, *self.counts[steps + 1 :], *[0] * steps]
        self.top = top

    def _median(self) -> float:
        half, seen = self.total / 2, 0
        for bucket, count in enumerate(self.counts):
            seen += count
            if seen >= half:
                return self._size(bucket)
        return 0.0

    def _size(self, bucket: int) -> float:
        if bucket == 0:
            return 0.0
        exponent, quarter = divmod(self.top - (BUCKETS - 1) + bucket, _PER_OCTAVE)
        return ldexp((1.0 + quarter / _PER_OCTAVE) / 2.0, exponent)
