"""Pseudonyms of addresses: still valid, of the same class, and neighbours stay neighbours.

Private IPv4 addresses are permuted within their class, public ones go to 240.0.0.0/4, which nobody uses. In IPv6 and
MAC tokens a part is derived from the rest by the key, so that a token is recognised and stays as it is.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import lru_cache

KEPT_IPV4 = frozenset({"1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9", "149.112.112.112"})
"""Public resolvers, known to everybody."""

_HALF_ROUNDS = 4
_MOST_NETS = 20_000
"""Of so many /24 nets the digests are remembered: a log names many computers of few nets."""
_KEPT_MACS = ("ffffffffffff", "000000000000")
_GROUP_MACS = ("01005e", "3333", "0180c2", "01000c")
_PUBLIC_NETS = 15 << 16
"""/24 nets of 240.0.0.0/4 without 255.0.0.0/8."""

Digest = Callable[[str, str], bytes]
"""Kind and value to 32 bytes that depend on the key."""


def octets_of(text: str) -> tuple[int, int, int, int] | None:
    """The four numbers of an address; None when there are not four or one is above 255."""
    parts = text.split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):
        return None
    first, second, third, fourth = (int(part) for part in parts)
    return (first, second, third, fourth) if max(first, second, third, fourth) < 256 else None


class AddressTokens:
    """Tokens of addresses; `digest` carries the key."""

    def __init__(self, digest: Digest) -> None:
        self._digest = digest
        self._net = lru_cache(_MOST_NETS)(self._made_net)

    def ipv4(self, text: str) -> str:
        octets = octets_of(text)
        if octets is None or _stays(octets):
            return text
        first, second, third, last = octets
        if f"{first}.{second}.{third}.{last}" in KEPT_IPV4:
            return text
        net, rounds = self._net(first, second, third)
        return f"{net}.{_permuted_host(rounds, last)}"

    def _made_net(self, first: int, second: int, third: int) -> tuple[str, bytes]:
        """The first three octets of the token, and what its last one is permuted with."""
        net = _private_net(first, second, third)
        if net is None:
            name = f"{first}.{second}.{third}"
            number = int.from_bytes(self._digest("ipv4-net", name)[:8], "big") % _PUBLIC_NETS
            return f"{240 + (number >> 16)}.{number >> 8 & 255}.{number & 255}", self._digest("ipv4-host", name)
        prefix, bits, value = net
        rounds = self._digest("ipv4-host", f"{prefix}/{value}")
        value = self._permuted(f"ipv4-{prefix}", value, bits)
        if prefix == "10":
            return f"10.{value >> 8}.{value & 255}", rounds
        if prefix == "192.168":
            return f"192.168.{value}", rounds
        base = 16 if prefix == "172" else 64
        return f"{prefix}.{base + (value >> 8)}.{value & 255}", rounds

    def _permuted(self, kind: str, value: int, bits: int) -> int:
        """A permutation of all numbers of this many bits (even): a Feistel network."""
        half = bits // 2
        mask = (1 << half) - 1
        left, right = value >> half, value & mask
        for turn in range(_HALF_ROUNDS):
            mixed = self._digest(kind, f"{turn}/{right}")[0] & mask
            left, right = right, left ^ mixed
        return left << half | right

    def ipv6(self, text: str) -> str:
        """`fe80::/10` keeps its first 64 bits, unique local addresses their first 8; all else goes to 2001:db8::/32."""
        try:
            packed = socket.inet_pton(socket.AF_INET6, text)
        except (OSError, ValueError):
            return text
        if packed[:15] == bytes(15) or packed[0] == 0xFF or packed[:12] == bytes(10) + b"\xff\xff":
            return text
        if packed[:2] == b"\x20\x01" and packed[2:4] == b"\x0d\xb8" and self._is_made(packed):
            return text
        net = self._ipv6_net(packed[:8])
        if packed[:8] == net and self._is_made(packed):
            return text
        interface = self._digest("ipv6-interface", packed.hex())[:4]
        return socket.inet_ntop(socket.AF_INET6, net + interface + self._ipv6_check(net + interface))

    def _ipv6_net(self, net: bytes) -> bytes:
        if net[0] == 0xFE and net[1] & 0xC0 == 0x80:
            return net
        made = self._digest("ipv6-net", net.hex())
        if net[0] & 0xFE == 0xFC:
            # The last two bytes prove the net to be ours, so that an address is mapped once.
            return net if self._ula_check(net[:6]) == net[6:8] else self._ula(net[:1] + made[:5])
        return b"\x20\x01\x0d\xb8" + made[:4]

    def _ula(self, start: bytes) -> bytes:
        return start + self._ula_check(start)

    def _ula_check(self, start: bytes) -> bytes:
        return self._digest("ipv6-ula", start.hex())[:2]

    def _is_made(self, packed: bytes) -> bool:
        return packed[12:] == self._ipv6_check(packed[:12])

    def _ipv6_check(self, start: bytes) -> bytes:
        return self._digest("ipv6-check", start.hex())[:4]

    def mac(self, text: str) -> str:
        """02-xx-…: locally administered; 28 bits tell cards apart, 12 bits prove the token to be ours."""
        digits = "".join(char for char in text.lower() if char in "0123456789abcdef")
        if len(digits) != 12 or digits in _KEPT_MACS or digits.startswith(_GROUP_MACS):
            return text
        if digits[:2] == "02" and digits[9:] == self._mac_check(digits[2:9]):
            return text
        body = self._digest("mac", digits).hex()[:7]
        made = iter("02" + body + self._mac_check(body))
        return "".join(next(made) if char.isalnum() else char for char in text)

    def _mac_check(self, body: str) -> str:
        return self._digest("mac-check", body).hex()[:3]


def _stays(octets: tuple[int, int, int, int]) -> bool:
    first, second = octets[:2]
    return first in {0, 127} or first >= 224 or (first, second) == (169, 254)


def _permuted_host(rounds: bytes, last: int) -> int:
    """The last octet, permuted within its net; those of the net itself and of its broadcast stay."""
    if last in {0, 255}:
        return last
    value = last
    while True:
        left, right = value >> 4, value & 15
        for turn in range(_HALF_ROUNDS):
            # Four rounds of 16 numbers of four bits are what one digest holds.
            mixed = rounds[turn * 8 + right // 2] >> 4 * (right & 1) & 15
            left, right = right, left ^ mixed
        value = left << 4 | right
        if value not in {0, 255}:
            return value


def _private_net(first: int, second: int, third: int) -> tuple[str, int, int] | None:
    """Prefix, bits and number of the /24 net within its private class; None when public."""
    if first == 10:
        return "10", 16, second << 8 | third
    if first == 172 and 16 <= second < 32:
        return "172", 12, (second - 16) << 8 | third
    if first == 192 and second == 168:
        return "192.168", 8, third
    if first == 100 and 64 <= second < 128:
        return "100", 14, (second - 64) << 8 | third
    return None
