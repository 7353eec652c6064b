"""Writes members one behind the other, takes them back, and closes the archive with its directory and its seal."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO

from diagnose.bundle.aside import AsideFile
from diagnose.bundle.content import BLOCK, blocks
from diagnose.bundle.deflate import Codec, fastest_library
from diagnose.bundle.zip_format import (
    DEFLATED,
    END,
    SEAL_DIGITS,
    SEAL_SIZE,
    Entry,
    Stamp,
    central_header,
    end_record,
    local_header,
    seal,
)


@dataclass(frozen=True, slots=True)
class Written:
    entry: Entry
    sha256: str
    """Of the content, hexadecimal."""


class ZipWriter:
    """`entries` are the finished members; what stands behind them in the file is no part of the archive."""

    def __init__(self, aside: AsideFile, stamp: Stamp, codec: Codec) -> None:
        self._aside = aside
        self._stamp = stamp
        self._codec = codec
        self._failed = False
        self.entries: list[Entry] = []

    @property
    def end(self) -> int:
        """Bytes of the finished members."""
        return self.entries[-1].end if self.entries else 0

    @property
    def whole_size(self) -> int:
        """Bytes of the archive if it were closed now."""
        return self.end + sum(len(central_header(entry)) for entry in self.entries) + END.size + SEAL_SIZE

    def append(self, name: str, chunks: Iterable[bytes], check: Callable[[Entry], None]) -> Written:
        """Write one member; `check` sees it after each block and may raise.

        Whatever `chunks` or `check` raise passes through and leaves the archive as it was. Raises InputError when the
        disk does not take it; nothing more can be written then.
        """
        if self._failed:
            raise ValueError("an earlier write has failed")
        try:
            written = self._write(name, chunks, check)
        except BaseException:
            if not self._failed:
                self.rewind()
            raise
        self.entries.append(written.entry)
        return written

    def rewind(self, members: int | None = None) -> None:
        """Cut off everything behind the first `members`, by default behind the finished ones. Raises InputError."""
        if members is not None:
            del self.entries[members:]
        with self._writing() as stream:
            stream.truncate(stream.seek(self.end))

    def take_out(self, numbers: Set[int]) -> None:
        """Remove members by their place in `entries`; the others move together. Raises InputError."""
        if not numbers:
            return
        old, self.entries = self.entries, []
        with self._writing() as stream:
            for number, entry in enumerate(old):
                if number not in numbers:
                    moved = replace(entry, offset=self.end)
                    _move(stream, entry.offset, moved.offset, entry.end - entry.offset)
                    self.entries.append(moved)
        self.rewind()

    def close(self) -> None:
        """Directory, end record, seal. Raises InputError."""
        directory = b"".join(map(central_header, self.entries))
        closing = end_record(len(self.entries), len(directory), self.end, SEAL_SIZE)
        with self._writing() as stream:
            stream.seek(self.end)
            stream.write(directory + closing + seal("0" * SEAL_DIGITS))
            sealed = self.whole_size - SEAL_DIGITS
            digest = hashlib.sha256()
            for block in blocks(stream, 0, sealed):
                digest.update(block)
            stream.seek(sealed)
            stream.write(digest.hexdigest().encode())

    def _write(self, name: str, chunks: Iterable[bytes], check: Callable[[Entry], None]) -> Written:
        entry = Entry(name, DEFLATED, self._stamp, 0, 0, 0, self.end)
        self._put(local_header(entry), entry.offset)
        deflate, crc32 = self._codec(), fastest_library().crc32
        digest = hashlib.sha256()
        for block in _in_blocks(chunks):
            digest.update(block)
            packed = self._put(deflate.compress(block))
            crc = crc32(block, entry.crc)
            entry = replace(entry, crc=crc, packed=entry.packed + packed, size=entry.size + len(block))
            check(entry)
        entry = replace(entry, packed=entry.packed + self._put(deflate.flush()))
        check(entry)
        self._put(local_header(entry), entry.offset)
        self._put(b"", entry.end)
        return Written(entry, digest.hexdigest())

    def _put(self, data: bytes, offset: int | None = None) -> int:
        if not data and offset is None:
            return 0
        with self._writing() as stream:
            if offset is not None:
                stream.seek(offset)
            return stream.write(data)

    @contextmanager
    def _writing(self) -> Iterator[BinaryIO]:
        with self._aside.told():
            try:
                yield self._aside.stream
            except OSError:
                self._failed = True
                raise


def _move(stream: BinaryIO, source: int, target: int, length: int) -> None:
    """Downwards only: the two may overlap."""
    if source == target:
        return
    done = 0
    for block in blocks(stream, source, length):
        stream.seek(target + done)
        stream.write(block)
        done += len(block)


def _in_blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        if len(chunk) <= BLOCK:
            yield chunk
        else:
            yield from (chunk[start : start + BLOCK] for start in range(0, len(chunk), BLOCK))
