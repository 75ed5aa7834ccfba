"""Keys under which JSON values are equal: 300 is 300.0, true is not 1, and "1" is not 1."""

import sys
from collections.abc import Hashable

from edsr.pattern.addresses import address

LARGEST = sys.float_info.max
_EXACT_INTEGER = 2**53


def comparable(value: object) -> float | None:
    """The number to compare by, None for what is no number or has no exact 64-bit float form.

    Integers that a float cannot hold exactly are never compared by size: the reference keeps them as text.
    """
    if isinstance(value, float):
        return value if -LARGEST <= value <= LARGEST else None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if -_EXACT_INTEGER <= value <= _EXACT_INTEGER else _float_of(value)


def literal(value: object) -> Hashable:
    """The key of a scalar: equal keys mean equal values. Values that are no JSON scalar equal nothing."""
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, bool):
        return ("boolean", value)
    number = comparable(value)
    if number is None:
        return ("integer", value) if isinstance(value, int) else ("opaque", id(value))
    return number


def exact(value: object) -> Hashable:
    """As `literal`, but an IP address is equal to every other spelling of itself."""
    return (address(value) if isinstance(value, str) else None) or literal(value)


def _float_of(value: int) -> float | None:
    """The float whose shortest decimal form is exactly this integer."""
    try:
        nearest = float(value)
    except OverflowError:
        return None
    return nearest if _shortest(nearest) == value else None


def _shortest(number: float) -> int:
    mantissa, _, exponent = repr(number).partition("e")
    whole, _, fraction = mantissa.partition(".")
    if not exponent:
        return int(whole)
    return int(whole + fraction) * int(10 ** (int(exponent) - len(fraction)))
