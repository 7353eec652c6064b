"""The directory of an untrusted archive, and whether it tells one story: every byte belongs to exactly one record.

The members must follow each other without a gap from the first byte to the directory, and each local header must say
what the directory says. So nothing can be hidden, nothing can overlap, and two programs cannot see two archives.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from diagnose.bundle import age_format
from diagnose.bundle.limits import Limits
from diagnose.bundle.manifest import MANIFEST
from diagnose.bundle.names import TakenNames, name_fault
from diagnose.bundle.problems import BundleProblem, Fault, UnreadableError
from diagnose.bundle.zip_format import (
    CENTRAL,
    CENTRAL_SIGN,
    DEFLATED,
    ENCRYPTED,
    END,
    END_SIGN,
    LOCAL,
    LOCAL_SIGN,
    STORED,
    UTF8_NAME,
    Entry,
    Stamp,
)

_AGE_SIGNS = (age_format.SIGN, b"-----BEGIN AGE ENCRYPTED FILE-----")
_LONGEST_COMMENT = 0xFFFF
_LEVEL_HINTS = 0x6
_ZIP64 = 0xFFFFFFFF
_DOS_FOLDER = 0x10


@dataclass(frozen=True, slots=True)
class Layout:
    """`entries`: the members that can be read, in the order of the directory."""

    entries: tuple[Entry, ...]
    problems: tuple[BundleProblem, ...]
    comment: bytes


class _End(NamedTuple):
    offset: int
    members: int
    directory_size: int
    directory_offset: int
    comment: bytes


class _Central(NamedTuple):
    """One record of the directory, as it stands there."""

    made_by: int
    needed: int
    flags: int
    method: int
    time: int
    date: int
    crc: int
    packed: int
    size: int
    name_size: int
    extra_size: int
    comment_size: int
    disk: int
    internal: int
    attributes: int
    offset: int


def read_layout(stream: BinaryIO, limits: Limits) -> Layout:
    """Reads the directory and every local header, no content. Problems are told, not raised. Raises OSError."""
    try:
        end = _find_end(stream, limits)
        records = list(_directory(stream, end))
    except UnreadableError as error:
        return Layout((), (error.problem,), b"")
    entries, problems = _entries(records, limits)
    problems += _untidy(stream, [_placed(record, name) for record, name in records], end.directory_offset)
    if sum(entry.size for entry in entries if entry.name != MANIFEST) > limits.total:
        problems.append(BundleProblem(Fault.TOTAL_TOO_LARGE))
    wrong = {problem.member for problem in problems}
    return Layout(tuple(entry for entry in entries if entry.name not in wrong), tuple(problems), end.comment)


def _find_end(stream: BinaryIO, limits: Limits) -> _End:
    size = stream.seek(0, 2)
    stream.seek(0)
    if stream.read(max(map(len, _AGE_SIGNS))).startswith(_AGE_SIGNS):
        raise _refused(Fault.AGE_FILE)
    start = max(0, size - END.size - _LONGEST_COMMENT)
    stream.seek(start)
    tail = stream.read(size - start)
    at = _end_in(tail)
    _, disk, first_disk, here, members, directory_size, offset, _ = END.unpack_from(tail, at)
    end = _End(start + at, members, directory_size, offset, tail[at + END.size :])
    if 0xFFFF in (here, members) or _ZIP64 in (directory_size, offset):
        raise _refused(Fault.ZIP64)
    if disk or first_disk or here != members:
        raise _refused(Fault.SPLIT)
    if members > limits.members:
        raise _refused(Fault.TOO_MANY_MEMBERS)
    if offset + directory_size < end.offset:
        raise _refused(Fault.HIDDEN_BYTES)
    if offset + directory_size > end.offset or directory_size > limits.directory:
        raise _refused(Fault.DIRECTORY)
    return end


def _end_in(tail: bytes) -> int:
    """Where the end record stands whose comment ends with the file."""
    found = tail.rfind(END_SIGN)
    seen = False
    while found >= 0:
        if found + END.size <= len(tail):
            rest = len(tail) - found - END.size
            comment = END.unpack_from(tail, found)[-1]
            if comment == rest:
                return found
            seen = seen or comment < rest
        found = tail.rfind(END_SIGN, 0, found)
    raise _refused(Fault.HIDDEN_BYTES if seen else Fault.NOT_A_ZIP)


def _directory(stream: BinaryIO, end: _End) -> Iterator[tuple[_Central, bytes]]:
    """Each record with its name."""
    stream.seek(end.directory_offset)
    data = stream.read(end.directory_size)
    place = 0
    for _ in range(end.members):
        if place + CENTRAL.size > len(data) or not data.startswith(CENTRAL_SIGN, place):
            raise _refused(Fault.DIRECTORY)
        record = _Central(*CENTRAL.unpack_from(data, place)[1:])
        place += CENTRAL.size
        name = data[place : place + record.name_size]
        place += record.name_size + record.extra_size + record.comment_size
        yield record, name
    if place != len(data):
        raise _refused(Fault.DIRECTORY)


def _entries(records: list[tuple[_Central, bytes]], limits: Limits) -> tuple[list[Entry], list[BundleProblem]]:
    entries: list[Entry] = []
    problems: list[BundleProblem] = []
    taken = TakenNames()
    for record, raw in records:
        entry = _placed(record, raw)
        faults = [*_record_faults(record, raw), name_fault(entry.name)]
        # The manifest has a limit of its own.
        faults.append(None if entry.name == MANIFEST else limits.fault(entry))
        if not taken.is_free(entry.name):
            faults.append(Fault.NAME_TWICE)
        taken.take(entry.name)
        problems += [BundleProblem(fault, entry.name) for fault in faults if fault is not None]
        entries.append(entry)
    return entries, problems


def _placed(record: _Central, raw: bytes) -> Entry:
    name = raw.decode("utf-8", "replace")
    stamp = Stamp(record.time, record.date)
    return Entry(name, record.method, stamp, record.crc, record.packed, record.size, record.offset)


def _record_faults(record: _Central, raw: bytes) -> Iterator[Fault]:
    if record.flags & ENCRYPTED:
        yield Fault.ENCRYPTED_MEMBER
    elif record.method not in (STORED, DEFLATED) or record.flags & ~(UTF8_NAME | _LEVEL_HINTS):
        yield Fault.METHOD
    elif record.method == STORED and record.packed != record.size:
        yield Fault.HEADERS_DISAGREE
    if _ZIP64 in (record.packed, record.size, record.offset):
        yield Fault.ZIP64
    elif record.extra_size or record.comment_size:
        yield Fault.EXTRA_FIELD
    if record.disk:
        yield Fault.SPLIT
    mode = stat.S_IFMT(record.attributes >> 16)
    if mode not in (0, stat.S_IFREG) or record.attributes & _DOS_FOLDER or raw.endswith(b"/"):
        yield Fault.NOT_A_FILE
    if not _is_plain_text(raw, record.flags):
        yield Fault.NAME_ENCODING


def _is_plain_text(raw: bytes, flags: int) -> bool:
    try:
        raw.decode("utf-8" if flags & UTF8_NAME else "ascii")
    except UnicodeDecodeError:
        return False
    return True


def _untidy(stream: BinaryIO, entries: list[Entry], directory: int) -> list[BundleProblem]:
    """Gaps, overlaps, and local headers that say something else."""
    problems: list[BundleProblem] = []
    expected = 0
    for entry in sorted(entries, key=lambda entry: entry.offset):
        if entry.offset < expected:
            problems.append(BundleProblem(Fault.OVERLAP, entry.name))
        elif entry.offset > expected:
            problems.append(BundleProblem(Fault.HIDDEN_BYTES, entry.name))
        end, fault = _local(stream, entry)
        if fault is not None:
            problems.append(BundleProblem(fault, entry.name))
        expected = max(expected, end)
    if expected != directory:
        problems.append(BundleProblem(Fault.HIDDEN_BYTES if expected < directory else Fault.OVERLAP))
    return problems


def _local(stream: BinaryIO, entry: Entry) -> tuple[int, Fault | None]:
    """Where the member ends by its own header, and what is wrong with that."""
    stream.seek(entry.offset)
    header = stream.read(LOCAL.size)
    if len(header) < LOCAL.size or not header.startswith(LOCAL_SIGN):
        return entry.end, Fault.HEADERS_DISAGREE
    _, _, flags, method, time, date, crc, packed, size, name_size, extra_size = LOCAL.unpack(header)
    name = stream.read(name_size)
    end = entry.offset + LOCAL.size + name_size + extra_size + entry.packed
    said = (name.decode("utf-8", "replace"), method, Stamp(time, date), crc, packed, size)
    wanted = (entry.name, entry.method, entry.stamp, entry.crc, entry.packed, entry.size)
    if said != wanted or flags & (ENCRYPTED | 0x8):
        return end, Fault.HEADERS_DISAGREE
    return end, Fault.EXTRA_FIELD if extra_size else None


def _refused(fault: Fault) -> UnreadableError:
    return UnreadableError(BundleProblem(fault))
