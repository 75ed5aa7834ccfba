"""IP addresses and CIDR blocks, read as the reference reads them."""

import re
from functools import lru_cache
from typing import NamedTuple

_IPV4 = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")
_HEX_GROUP = re.compile(r"[0-9a-fA-F]+")
_MASK = re.compile(r"[+-]?[0-9]+")
_LONGEST_IPV4 = 15
_LONGEST_IPV6 = 64
_MAPPED = "0" * 20 + "FFFF"
DIGITS_IPV4 = 8


class Address(NamedTuple):
    """An address as hexadecimal digits: 8 for IPv4, 32 for IPv6."""

    digits: str


class Block(NamedTuple):
    """The digits of the first and the last address of a CIDR block."""

    first: str
    last: str

    def holds(self, value: object) -> bool:
        """Whether the value is the text of an address in the block.

        The reference compares as many leading digits as the block has, so an IPv6 address lies in an IPv4 block
        that covers its first 32 bits (0.0.0.0/0 covers them all).
        """
        found = address(value) if isinstance(value, str) else None
        if found is None or len(found.digits) < len(self.first):
            return False
        return self.first <= found.digits[: len(self.first)] <= self.last


def address(text: str) -> Address | None:
    """The address a text spells, None when it spells none. IPv4 inside IPv6 (::ffff:0:0/96) is IPv4."""
    return _parsed(text) if len(text) <= _LONGEST_IPV6 else None


# Many conditions ask this of one value: those on the address of a caller, in an index of many patterns.
@lru_cache(maxsize=64)
def _parsed(text: str) -> Address | None:
    if ":" in text:
        return _ipv6(text)
    if len(text) > _LONGEST_IPV4 or not _IPV4.fullmatch(text):
        return None
    octets = [int(part) for part in text.split(".")]
    return Address("".join(f"{octet:02X}" for octet in octets)) if max(octets) < 256 else None


def block(text: str) -> Block:
    """The block a CIDR text names; ValueError says what is wrong with it."""
    parts = text.rstrip("/").split("/")
    if len(parts) != 2:
        raise ValueError("an address block needs exactly one '/', as in 10.0.0.0/24")
    base, mask = address(parts[0]), parts[1]
    if base is None:
        raise ValueError(f"'{parts[0]}' is not an IPv4 or IPv6 address")
    width = 4 * len(base.digits)
    if not _MASK.fullmatch(mask) or not 0 <= int(mask) < width:
        raise ValueError(f"the mask must be a whole number from 0 to {width - 1}, not '{mask}'")
    free = (1 << (width - int(mask))) - 1
    number = int(base.digits, 16)
    return Block(f"{number & ~free:0{width // 4}X}", f"{number | free:0{width // 4}X}")


def _ipv6(text: str) -> Address | None:
    head, gap, tail = text.partition("::")
    before, after = _groups(head), _groups(tail)
    if before is None or after is None:
        return None
    missing = 8 - len(before) - len(after)
    if missing < 1 if gap else missing:
        return None
    digits = "".join(f"{group:04X}" for group in [*before, *[0] * missing, *after])
    return Address(digits[len(_MAPPED) :] if digits.startswith(_MAPPED) else digits)


def _groups(text: str) -> list[int] | None:
    """The 16-bit groups of one side of an IPv6 address, None when one of them is not a group."""
    parts = text.split(":") if text else []
    if not all(_HEX_GROUP.fullmatch(part) for part in parts):
        return None
    groups = [int(part, 16) for part in parts]
    return groups if all(group <= 0xFFFF for group in groups) else None
