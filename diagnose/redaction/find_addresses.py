"""Judges of places where an IPv4, IPv6 or MAC address may stand."""

from __future__ import annotations

import re
import socket

from diagnose.redaction.page import ALNUM, CODE, Found, Page, ends_in_escape
from diagnose.redaction.tokens import Kind

_OCTET = rb"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])"
_QUAD = _OCTET + rb"(?:\." + _OCTET + rb"){3}(?![0-9A-Za-z]|\.[0-9])"
_IPV4 = re.compile(rb"(?<![0-9A-Za-z.])" + _QUAD)
_IPV4_REST = re.compile(rb"\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9A-Za-z]|\.[0-9])")
"""From the first dot on: a pattern that begins with a plain character is found fast."""
_IPV4_BEHIND_ESCAPE = re.compile(rb"(?:\\[nrt]|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|(?<![0-9])\.)(" + _QUAD + rb")")
_SEPARATORS = b" \t:=\"'>([\\"
_VERSION_ENDS = tuple(
    word.encode()
    for word in (
        "version", "versions", "build", "v", "ver", "ver.", "vers", "rev", "rev.", "revision", "release", "oid", "oid.",
        "バージョン", "版", "ビルド", "リビジョン", "ﾊﾞｰｼﾞｮﾝ",
    )
)  # fmt: skip
_VERSION_LAST = frozenset(word[-1:] for word in _VERSION_ENDS)
_NO_VERSION_ENDS = frozenset(range(256)) - frozenset(b"".join(_VERSION_LAST)) - frozenset(_SEPARATORS) - {47}
_SHORT_ENDS = (b"v", b"ver", b"ver.", b"vers", b"rev", b"rev.", b"oid", b"oid.")
_PRODUCT = re.compile(rb"(?:^|[\s\[{>\"'(;,=])([A-Za-z][A-Za-z0-9_.+-]{0,31})/\Z")
_NO_PRODUCTS = frozenset(
    b"tcp udp icmp ip ipv4 http https host client server via src dst from to peer addr inet".split()
)
_INTERNAL = (b"10.", b"192.168.", *(b"172.%d." % number for number in range(16, 32)))

_HEX_COLON = frozenset(b"0123456789abcdefABCDEF:")
_IPV6_RUN = re.compile(rb"[0-9A-Fa-f:]+")
_MAX_IPV6 = 45
_MAC_RUN = re.compile(rb"[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2})+")
_DUID_GROUPS = (10, 14)
"""DHCP identifiers: the card's address is in the last six groups."""


def find_ipv4(page: Page) -> None:
    data, low, windows, spans, code = page.data, page.low, page.tables.ipv4_windows, page.spans, CODE[Kind.IPV4]
    for rest in _IPV4_REST.finditer(data):
        dot, end = rest.span()
        known = windows.get(data[dot - 4 : end]) if dot > 4 else None
        before, _, token = known or _ipv4_at(page, dot, end)
        if token:
            start = dot + before
            # Mostly a blank stands before it, and before that a word that cannot be one for versions.
            plain = low[start - 1] == 32 and low[start - 2] in _NO_VERSION_ENDS if start > 1 else start == 0
            if plain or not _is_version(page, start, data[start:end]) or data[start:end] in page.addresses:
                spans.append((start, -end, code, token))


def _ipv4_at(page: Page, dot: int, end: int) -> Found:
    """The address around its first dot."""
    data = page.data
    found = _IPV4.search(data, max(0, dot - 3), end + 2)
    if found is not None and found.start() < dot:
        start = found.start()
        made = (start - dot, end - dot, page.tables.ipv4[data[start:end]])
        return page.tables.ipv4_windows.keep(data[dot - 4 : end], made) if dot > 4 else made
    found = _behind_escape(data, dot)
    return (found.start(1) - dot, end - dot, page.tables.ipv4[found[1]]) if found is not None else (0, 0, b"")


def _behind_escape(data: bytes, dot: int) -> re.Match[bytes] | None:
    before = data[dot - 9 if dot > 9 else 0 : dot]
    if b"\\" not in before and b"%" not in before and b"." not in before:
        return None
    found = _IPV4_BEHIND_ESCAPE.search(data, max(0, dot - 9), dot + 16)
    return found if found is not None and found.start(1) < dot < found.end() else None


def _is_version(page: Page, start: int, value: bytes) -> bool:
    """Whether the words before say that this is no address."""
    low = page.low
    before = low[start - 28 if start > 28 else 0 : start]
    if before.endswith(b"/"):
        product = _PRODUCT.search(before)
        return product is not None and product[1] not in _NO_PRODUCTS and not value.startswith(_INTERNAL)
    before = before.rstrip(_SEPARATORS)
    if before[-1:] not in _VERSION_LAST or not before.endswith(_VERSION_ENDS):
        return False
    for short in _SHORT_ENDS:
        if before.endswith(short):
            rest = before[: -len(short)]
            return not rest or not ALNUM[rest[-1]]
    return True


def find_ipv6(page: Page, places: list[int]) -> None:
    data, table, spans, code = page.data, page.tables.ipv6, page.spans, CODE[Kind.IPV6]
    done = 0
    for colon in places:
        if colon < done:
            continue
        start = colon
        while start > done and data[start - 1] in _HEX_COLON:
            start -= 1
        run = _IPV6_RUN.match(data, colon)
        done = run.end() if run is not None else colon + 1
        if done - start > _MAX_IPV6 or ALNUM[data[done]] or (data[done] == 46 and ALNUM[data[done + 1]]):
            continue
        start = _address_start(data, start, done)
        value = data[start:done]
        if value.endswith(b":") and not value.endswith(b"::"):
            value = value[:-1]
        if _is_ipv6(value):
            token = table[value]
            if token:
                spans.append((start, -(start + len(value)), code, token))


def _address_start(data: bytes, start: int, end: int) -> int:
    """Where the address begins in a run of hex digits and colons: not with the end of a word, nor with its colon."""
    if data[start] != 58 and start and ALNUM[data[start - 1]] and not ends_in_escape(data, start):
        start = data.find(b":", start, end)
        if data[start + 1 : start + 2] == b":":
            return end
    elif data[start] == 58 and start and ALNUM[data[start - 1]] and data[start + 1] == 58:
        return end
    if data[start : start + 1] == b":" and data[start + 1 : start + 2] != b":":
        start += 1
    return start


def _is_ipv6(value: bytes) -> bool:
    """Valid, and not two hex words of a programming language with `::` between."""
    if len(value) < 3 or value.count(b":") < 2:
        return False
    if not any(48 <= byte <= 57 for byte in value) and value.count(b":") < 4:
        return False
    try:
        socket.inet_pton(socket.AF_INET6, value.decode())
    except (OSError, ValueError):
        return False
    return True


def find_mac(page: Page, places: list[int]) -> None:
    data, table = page.data, page.tables.mac
    done = 0
    for place in places:
        if place < done:
            continue
        run = _MAC_RUN.match(data, place)
        if run is None:
            continue
        start, done = run.span()
        groups = (done - start + 1) // 3
        before, after = data[start - 1 : start], data[done : done + 1]
        inside = (before.isalnum() and not ends_in_escape(data, start)) or after.isalnum()
        if inside or (before in {b":", b"-"} and groups != 6):
            continue
        if groups in _DUID_GROUPS:
            start = done - 17
        elif groups != 6:
            continue
        token = table[data[start:done]]
        if token:
            page.add(start, done, Kind.MAC, token)
