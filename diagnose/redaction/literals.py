"""Known names as byte patterns, and how to search many of them with the standard library alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from diagnose.redaction.spelling import Style, spelled
from diagnose.redaction.words import WordIndex

_GATES = (
    ("%", b"%", b"%hh"),
    ("\\u", b"\\u", b"\\uhhhh"),
    ("\\x", b"\\x", b"\\xhh"),
    ("&#", b"&", b"&#"),
    ("hex", b"", b"hh,hh,hh,hh,hh,hh"),
)
"""Groups of spellings, the byte and the shape that each of a group has."""

_FEW = 500
_PLAIN_STEM, _STEM = 5, 12
"""First bytes by which patterns are looked for together."""
_ESCAPE_END = re.compile(rb"(?:%[0-9a-f]{2}|\\[ux][0-9a-f]{2,4}|;)\Z")
_HEX = b"0123456789abcdef"
_ALNUM = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789")


Hit = tuple[int, int, int]
"""Start, end and index of a known name's spelling."""
Adder = Callable[[int], None]


class Role(Enum):
    USER = "user"
    HOST = "host"
    DOMAIN = "domain"
    NETBIOS = "netbios"


@dataclass(frozen=True, slots=True)
class Literal:
    """One spelling of one known name."""

    pattern: bytes
    """ASCII letters in lower case."""
    name: str
    role: Role
    style: Style
    left_border: bool
    """Whether no letter or digit may stand before it."""
    right_border: bool


def literals_of(names: Iterable[tuple[str, Role]]) -> list[Literal]:
    """Every spelling once; the first name and role that has it gets it."""
    found: dict[bytes, Literal] = {}
    for name, role in names:
        for spelling, style in spelled(name).items():
            pattern = spelling.lower()
            if pattern not in found and not (style is Style.BASE64 and not pattern.translate(None, _HEX)):
                borders = _borders(pattern, style)
                found[pattern] = Literal(pattern, name, role, style, *borders)
    return [found[pattern] for pattern in sorted(found)]


def _borders(pattern: bytes, style: Style) -> tuple[bool, bool]:
    if style is Style.BASE64:
        return False, False
    return pattern[0] in _ALNUM, pattern[-1] in _ALNUM and (
        style in {Style.HEX_UTF16, Style.HEX_UTF8} or _ESCAPE_END.search(pattern) is None
    )


@dataclass(slots=True)
class _Stem:
    """Names that begin alike, looked for by what they share."""

    text: bytes
    names: dict[bytes, int] = field(default_factory=dict)
    sizes: tuple[int, ...] = ()

    def add(self, pattern: bytes, index: int) -> None:
        self.names[pattern] = index
        self.sizes = tuple(sorted({*self.sizes, len(pattern)}))


class PlainSearch:
    """All places of all anchors and names with `bytes.find`; what the words of a text cannot hold is not looked for."""

    def __init__(self, anchors: Sequence[bytes], literals: Sequence[Literal]) -> None:
        self._anchors = anchors
        self._stems: list[_Stem] = []
        self._words = WordIndex()
        self._gated: dict[str, set[int]] = defaultdict(set)
        for index, anchor in enumerate(anchors):
            self._words.add(anchor, index)
        numbers: dict[tuple[str, bytes], int] = {}
        for index, literal in enumerate(literals):
            group, pattern = _group(literal), literal.pattern
            text = pattern[: _PLAIN_STEM if group == "plain" else _STEM]
            number = numbers.setdefault((group, text), len(anchors) + len(self._stems))
            if number == len(anchors) + len(self._stems):
                self._stems.append(_Stem(text))
            self._stems[number - len(anchors)].add(pattern, index)
            if group == "base64":
                self._words.add_encoded(pattern, number)
            elif group == "plain":
                self._words.add_name(pattern, number)
            elif group == "other":
                self._words.add(pattern, number)
            else:
                self._gated[group].add(number)

    def search(self, data: bytes, low: bytes, fold: bytes, anchors: Sequence[Adder], known: list[Hit]) -> None:
        """`low`: `data` in lower case, `fold`: `low` with every hex digit as `h`, `anchors`: take their places."""
        first = len(self._anchors)
        for start, end, present in self._words.blocks(low):
            for number in present:
                if number < first:
                    _find_anchor(low, start, end, self._anchors[number], anchors[number])
                else:
                    _find_names(low, start, end, self._stems[number - first], known)
        for group, mark, gate in _GATES:
            if group in self._gated and _may_hold(data, mark, fold, gate):
                for number in self._gated[group]:
                    _find_names(low, 0, len(low), self._stems[number - first], known)


def _may_hold(data: bytes, mark: bytes, fold: bytes, gate: bytes) -> bool:
    """Whether the shape occurs; where what it begins with is rare, only those places are looked at."""
    at = data.find(mark)
    for _ in range(_FEW if mark else 0):
        if at < 0:
            return False
        if fold.startswith(gate, at):
            return True
        at = data.find(mark, at + 1)
    return gate in fold


def _find_anchor(low: bytes, start: int, end: int, anchor: bytes, add: Adder) -> None:
    find = low.find
    at = find(anchor, start, end)
    while at >= 0:
        add(at)
        at = find(anchor, at + 1, end)


def _find_names(low: bytes, start: int, end: int, stem: _Stem, known: list[Hit]) -> None:
    find, text, sizes, names = low.find, stem.text, stem.sizes, stem.names
    at = find(text, start, end)
    while at >= 0:
        for size in sizes:
            index = names.get(low[at : at + size])
            if index is not None:
                known.append((at, at + size, index))
        at = find(text, at + 1, end)


def _group(literal: Literal) -> str:
    pattern = literal.pattern
    if literal.style is Style.BASE64:
        return "base64"
    if literal.style in {Style.HEX_UTF16, Style.HEX_UTF8}:
        return "hex"
    for mark in ("&#", "\\u", "\\x", "%"):
        if mark.encode() in pattern:
            return mark
    return "plain" if pattern.isascii() else "other"
