"""Values of .reg exports that are written as lists of hex numbers: UTF-16 text, or bytes that may hold a name."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from diagnose.redaction.page import Page, Span
from diagnose.redaction.tokens import Kind

_VALUE = re.compile(
    rb"hex(?P<type>\((?:[0-9a-f]+)\))?:(?P<bytes>[0-9a-f]{2}(?:,(?:\\\r?\n[ \t]*)?[0-9a-f]{2})*)", re.IGNORECASE
)
_NOT_HEX = bytes(byte for byte in range(256) if byte not in b"0123456789abcdefABCDEF")
_TEXT_TYPES = frozenset({b"(1)", b"(2)", b"(7)"})
_WIDTH = 25
"""Bytes a line."""


class Judge(Protocol):
    """What redacts the texts behind the numbers: the redactor that the page belongs to."""

    def spans(self, data: bytes) -> list[Span]: ...

    def replaced(self, data: bytes, spans: list[Span], start: int, end: int) -> bytes: ...


@dataclass(slots=True)
class _Texts:
    """The texts of all values of a page, one below the other, so that they are judged together."""

    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, text: str) -> tuple[int, int]:
        """Where the text stands; its zeros, which end the strings of a list, are line ends there."""
        part = text.replace("\0", "\n").encode("utf-8", "surrogatepass") + b"\n"
        self.parts.append(part)
        start = self.size
        self.size += len(part)
        return start, self.size - 1


@dataclass(frozen=True, slots=True)
class _Value:
    start: int
    end: int
    bytes: bytes
    is_text: bool
    ranges: tuple[tuple[int, int], ...]
    """Where its readings stand among the texts."""


def find_hex_values(page: Page, places: list[int], judge: Judge) -> None:
    texts = _Texts()
    values = list(_values(page.data, places, texts))
    if not values:
        return
    joined = b"".join(texts.parts)
    spans = judge.spans(joined)
    if not spans:
        return
    starts = [span[0] for span in spans]
    for value in values:
        if not any(_holds(starts, spans, *where) for where in value.ranges):
            continue
        # Bytes that are no text become zeros.
        changed = bytes(len(value.bytes))
        if value.is_text:
            made = judge.replaced(joined, spans, *value.ranges[0]).replace(b"\n", b"\0")
            changed = made.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
        page.add(value.start, value.end, Kind.USER, _listed(changed, page.data[value.start : value.end]))


def _values(data: bytes, places: list[int], texts: _Texts) -> Iterator[_Value]:
    done = 0
    for place in places:
        found = _VALUE.match(data, place) if place >= done else None
        if found is None:
            continue
        done = found.end()
        value = bytes.fromhex(found["bytes"].translate(None, _NOT_HEX).decode())
        is_text = (found["type"] or b"").lower() in _TEXT_TYPES
        whole = value[: len(value) - len(value) % 2]
        readings = [whole.decode("utf-16-le", "surrogatepass" if is_text else "replace")]
        if not is_text:
            readings += [value.decode(encoding, "replace") for encoding in ("utf-8", "cp932")]
        yield _Value(*found.span("bytes"), value, is_text, tuple(texts.add(reading) for reading in readings))


def _holds(starts: list[int], spans: list[Span], start: int, end: int) -> bool:
    at = bisect_left(starts, start)
    return at < len(starts) and starts[at] < end and -spans[at][1] > start


def _listed(value: bytes, before: bytes) -> bytes:
    """As a list; on several lines when it was on several before."""
    if b"\n" not in before:
        return value.hex(",").encode()
    line_end = b"\r\n" if b"\r\n" in before else b"\n"
    lines = [value[at : at + _WIDTH].hex(",").encode() for at in range(0, len(value), _WIDTH)]
    return (b",\\" + line_end + b"  ").join(lines)
