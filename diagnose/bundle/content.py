"""The content of one member, inflated in blocks and checked: never more than its header has promised."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

from diagnose.bundle.deflate import Library, fastest_library, inflater
from diagnose.bundle.problems import BundleProblem, Fault, UnreadableError
from diagnose.bundle.zip_format import DEFLATED, Entry

BLOCK = 1 << 20


def blocks(stream: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    """`length` bytes from `start`; others may use the stream meanwhile. Ends early at the end of the file."""
    done = 0
    while done < length:
        stream.seek(start + done)
        block = stream.read(min(BLOCK, length - done))
        if not block:
            return
        done += len(block)
        yield block


def content(stream: BinaryIO, entry: Entry, library: Library | None = None) -> Iterator[bytes]:
    """At most BLOCK bytes at a time. Raises UnreadableError, as soon as it differs from what the entry says.

    `library` inflates, by default the fastest.
    """
    library = library or fastest_library()
    size = crc = 0
    for block in _inflated(stream, entry, library) if entry.method == DEFLATED else _stored(stream, entry):
        size += len(block)
        if size > entry.size:
            raise _damaged(entry, "size")
        crc = library.crc32(block, crc)
        yield block
    if size != entry.size:
        raise _damaged(entry, "size")
    if crc != entry.crc:
        raise _damaged(entry, "crc")


def read_ahead(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same chunks, the next of them read and inflated in a thread while one is worked on."""
    with ThreadPoolExecutor(1, "read-ahead") as thread:
        coming = thread.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = thread.submit(next, chunks, None)
            yield chunk


def _stored(stream: BinaryIO, entry: Entry) -> Iterator[bytes]:
    return blocks(stream, entry.offset + entry.header_size, entry.packed)


def _inflated(stream: BinaryIO, entry: Entry, library: Library) -> Iterator[bytes]:
    inflate = inflater(library)
    try:
        for packed in _stored(stream, entry):
            if inflate.eof:
                raise _damaged(entry, "deflate")
            rest = packed
            while rest and not inflate.eof:
                block = inflate.decompress(rest, BLOCK)
                rest = inflate.unconsumed_tail
                if block:
                    yield block
        # What the window still holds back when the input ends together with a full block.
        while not inflate.eof and (block := inflate.decompress(b"", BLOCK)):
            yield block
    except library.error:
        raise _damaged(entry, "deflate") from None
    if not inflate.eof or inflate.unused_data:
        raise _damaged(entry, "deflate")


def _damaged(entry: Entry, detail: str) -> UnreadableError:
    return UnreadableError(BundleProblem(Fault.DAMAGED, entry.name, detail))
