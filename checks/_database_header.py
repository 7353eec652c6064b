"""The first 512 bytes of a signature database: `ClamAV-VDB:<build time>:<version>:<signatures>:...:<epoch>`, padded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checks._calendar import from_epoch, from_stamp

HEADER_SIZE = 512
_MAGIC = "ClamAV-VDB"
_FIELDS = 8
_EPOCH = 8
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Header:
    built: datetime
    version: int
    signatures: int


def parse_header(data: bytes) -> Header | None:
    """None for what is no header, or a cut one."""
    if len(data) < HEADER_SIZE:
        return None
    try:
        fields = data[:HEADER_SIZE].decode("ascii").rstrip(" \0\n").split(":")
    except UnicodeDecodeError:
        return None
    if len(fields) < _FIELDS or fields[0] != _MAGIC:
        return None
    version, signatures = _number(fields[2]), _number(fields[3])
    epoch = _number(fields[_EPOCH]) if len(fields) > _EPOCH else None
    built = (from_epoch(epoch) if epoch else None) or from_stamp(fields[1])
    if version is None or signatures is None or built is None:
        return None
    return Header(built, version, signatures)


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None
