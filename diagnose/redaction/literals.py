"""Known names as byte patterns, in all the ways in which they are spelt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from diagnose.redaction.spelling import Style, spelled

_ESCAPE_END = re.compile(rb"(?:%[0-9a-f]{2}|\\[ux][0-9a-f]{2,4}|;)\Z")
_HEX = b"0123456789abcdef"
_ALNUM = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789")


Hit = tuple[int, int, int]
"""Start, end and index of a known name's spelling."""


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
