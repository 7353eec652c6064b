"""DER, as far as certificates and signatures need it: elements one level at a time, and certificate files.

Own, because nothing that is kept up reads signatures of files: `cryptography` reads certificates and keys, but tells
neither who signed a PKCS#7 structure nor its attributes. An element never reaches out of the one around it, nothing is
read twice and nothing recurses: the work is bounded by the bytes that there are.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

SEQUENCE, SET, INTEGER, OCTET_STRING, OBJECT_ID = 0x30, 0x31, 0x02, 0x04, 0x06
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
MOST_CHILDREN = 4096

_PEM = re.compile(rb"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END ")
_SMALLEST = 64
"""Bytes; no real certificate is shorter."""
_TEXTS = {0x0C: "utf-8", 0x13: "latin-1", 0x14: "latin-1", 0x16: "latin-1", 0x1C: "utf-32-be", 0x1E: "utf-16-be"}
_MOST_TEXT = 200
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,]\d{1,9})?Z\Z", re.ASCII)


class DerError(ValueError):
    """The bytes are not the DER that was expected."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element inside `data`: from `start`, its content from `content_at`, up to `end`."""

    data: bytes = field(repr=False)
    tag: int
    """The first identifier octet, with class and form: 0x30 is a sequence, 0xA0 the constructed [0]."""
    start: int
    content_at: int
    end: int

    @property
    def raw(self) -> bytes:
        """The element with its header."""
        return self.data[self.start : self.end]

    @property
    def content(self) -> bytes:
        return self.data[self.content_at : self.end]

    def children(self) -> tuple[Element, ...]:
        """The elements inside a constructed one. Raises DerError."""
        if not self.tag & 0x20:
            raise DerError(f"tag {self.tag:#x} holds no elements")
        return tuple(_elements(self.data, self.content_at, self.end))

    def expect(self, tag: int) -> Element:
        """The element itself. Raises DerError when it has another tag."""
        if self.tag != tag:
            raise DerError(f"tag {self.tag:#x} where {tag:#x} belongs")
        return self


def parse(data: bytes) -> Element:
    """The element that `data` starts with; zeros and the like may follow. Raises DerError."""
    return _element(data, 0, len(data))


def _elements(data: bytes, position: int, end: int) -> Iterator[Element]:
    for _ in range(MOST_CHILDREN):
        if position == end:
            return
        element = _element(data, position, end)
        yield element
        position = element.end
    if position != end:
        raise DerError("too many elements")


def _element(data: bytes, start: int, end: int) -> Element:
    if start + 2 > end:
        raise DerError("ends early")
    tag, length, content_at = data[start], data[start + 1], start + 2
    if tag & 0x1F == 0x1F:
        raise DerError("long tag")
    if length >= 0x80:
        width = length & 0x7F
        # 0x80 is BER's open length, which DER forbids.
        if not 1 <= width <= 4 or content_at + width > end:
            raise DerError("length")
        length = int.from_bytes(data[content_at : content_at + width], "big")
        content_at += width
    if length > end - content_at:
        raise DerError("reaches behind its end")
    return Element(data, tag, start, content_at, content_at + length)


def object_id(element: Element) -> str:
    """`1.2.840.113549.1.7.2`. Raises DerError."""
    content = element.expect(OBJECT_ID).content
    if not content or len(content) > 64 or content[-1] & 0x80:
        raise DerError("object identifier")
    arcs: list[int] = []
    value = 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def octets(element: Element) -> bytes:
    """The content of an OCTET STRING, also of one in pieces. Raises DerError."""
    if element.tag == OCTET_STRING | 0x20:
        return b"".join(child.expect(OCTET_STRING).content for child in element.children())
    return element.expect(OCTET_STRING).content


def text(element: Element) -> str:
    """A string of a name on one line, shortened; empty for what is none. Anybody may have written it."""
    encoding = _TEXTS.get(element.tag)
    if encoding is None:
        return ""
    decoded = element.content[: 4 * _MOST_TEXT].decode(encoding, "replace")
    return _UNPRINTABLE.sub(" ", decoded).strip()[:_MOST_TEXT]


def time(element: Element) -> datetime:
    """A UTCTime or GeneralizedTime, in UTC. Raises DerError."""
    if element.tag not in {UTC_TIME, GENERALIZED_TIME}:
        raise DerError("time")
    written = element.content[:40].decode("ascii", "replace")
    if element.tag == UTC_TIME:
        # Seconds may be missing in old ones; RFC 5280: from 50 on it is the last century.
        written = f"{'19' if written[:2] >= '50' else '20'}{written}"
        written = f"{written[:12]}00Z" if len(written) == 13 else written
    found = _TIME.match(written)
    if found is None:
        raise DerError("time")
    try:
        return datetime(*(int(part) for part in found.groups()), tzinfo=UTC)  # type: ignore[arg-type,misc]
    except ValueError as error:
        raise DerError(str(error)) from None


def certificate_der(data: bytes) -> bytes | None:
    """The first certificate's DER without anything behind it; None when the bytes are not a certificate file."""
    if armoured := _PEM.search(data):
        try:
            data = base64.b64decode(armoured[1], validate=False)
        except binascii.Error:
            return None
    try:
        element = parse(data).expect(SEQUENCE)
    except DerError:
        return None
    return element.raw if element.end >= _SMALLEST else None
