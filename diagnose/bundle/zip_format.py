"""The records of a zip file as bundles use them (PKWARE APPNOTE 6.3): UTF-8 names, no extra fields, sizes in front.

No zip64 either: a bundle ends below 4 GiB, which no ticket system takes and the oldest unpackers can still read.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
LOCAL_SIGN, CENTRAL_SIGN, END_SIGN = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"

UTF8_NAME = 0x800
ENCRYPTED = 0x1
STORED, DEFLATED = 0, 8
LARGEST = 0xFFFFFFFE
"""Bytes of a member and of the archive; the next number stands for zip64."""
MOST_MEMBERS = 0xFFFE

_VERSION = 20
_MADE_ON_UNIX = 3 << 8 | _VERSION
# A regular file for its owner only.
_ATTRIBUTES = 0o100600 << 16

_SEAL = b"diagnose.bundle/1 sha256 "
SEAL_DIGITS = 64
SEAL_SIZE = len(_SEAL) + SEAL_DIGITS


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as MS-DOS wrote it: local time, steps of two seconds, 1980 to 2107."""

    time: int
    date: int

    @classmethod
    def of(cls, moment: datetime | None) -> Stamp:
        """None and times that do not fit: 1980-01-01 00:00."""
        if moment is None or not 1980 <= moment.year <= 2107:
            return cls(0, 1 << 5 | 1)
        date = moment.year - 1980 << 9 | moment.month << 5 | moment.day
        return cls(moment.hour << 11 | moment.minute << 5 | moment.second // 2, date)


@dataclass(frozen=True, slots=True)
class Entry:
    """One member; `packed` and `size` are bytes before and after inflating, `offset` is that of its local header."""

    name: str
    method: int
    stamp: Stamp
    crc: int
    packed: int
    size: int
    offset: int

    @property
    def header_size(self) -> int:
        return LOCAL.size + len(self.name.encode())

    @property
    def end(self) -> int:
        return self.offset + self.header_size + self.packed


def local_header(entry: Entry) -> bytes:
    name = entry.name.encode()
    about = (_VERSION, UTF8_NAME, entry.method, entry.stamp.time, entry.stamp.date)
    return LOCAL.pack(LOCAL_SIGN, *about, entry.crc, entry.packed, entry.size, len(name), 0) + name


def central_header(entry: Entry) -> bytes:
    name = entry.name.encode()
    about = (_MADE_ON_UNIX, _VERSION, UTF8_NAME, entry.method, entry.stamp.time, entry.stamp.date)
    sizes = (entry.crc, entry.packed, entry.size, len(name), 0, 0, 0, 0, _ATTRIBUTES, entry.offset)
    return CENTRAL.pack(CENTRAL_SIGN, *about, *sizes) + name


def end_record(members: int, directory_size: int, directory_offset: int, comment_size: int) -> bytes:
    return END.pack(END_SIGN, 0, 0, members, members, directory_size, directory_offset, comment_size)


def seal(digest: str) -> bytes:
    """The archive's comment: the SHA-256 of every byte before its own digits.

    The hashes of the manifest cover the members alone; this one tells a damaged or changed header as well.
    """
    return _SEAL + digest.encode()


def seal_digest(comment: bytes) -> str | None:
    """The digest in a comment; None: not our comment."""
    if len(comment) != SEAL_SIZE or not comment.startswith(_SEAL):
        return None
    return comment[len(_SEAL) :].decode("ascii", "replace")
