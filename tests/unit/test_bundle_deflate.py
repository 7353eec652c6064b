"""Both deflate libraries write and read the same content, and tell the same damage."""

from __future__ import annotations

import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.bundle.content import content
from diagnose.bundle.deflate import Library, codec_of, fastest_library, standard_library
from diagnose.bundle.problems import UnreadableError
from diagnose.bundle.zip_format import DEFLATED, Entry, Stamp

LIBRARIES = (standard_library(), fastest_library())


def packed(library: Library, data: bytes, level: int) -> bytes:
    stream = codec_of(library, level)()
    return stream.compress(data) + stream.flush()


def read(library: Library, raw: bytes, data: bytes) -> bytes | None:
    """None: it was told to be damaged."""
    entry = Entry("a", DEFLATED, Stamp.of(None), zlib.crc32(data), len(raw), len(data), 0)
    stream = io.BytesIO(bytes(entry.header_size) + raw)
    try:
        return b"".join(content(stream, entry, library))
    except UnreadableError:
        return None


def test_the_fastest_is_not_the_standard_one_here() -> None:
    pytest.importorskip("isal")
    assert fastest_library() is not standard_library()


@given(st.binary(max_size=2000), st.integers(1, 3_000), st.integers(1, 3))
def test_each_reads_what_each_writes(data: bytes, times: int, level: int) -> None:
    for writer in LIBRARIES:
        raw = packed(writer, data * times, level)
        for reader in LIBRARIES:
            assert read(reader, raw, data * times) == data * times


@given(st.binary(min_size=1, max_size=500), st.data())
def test_each_tells_the_same_damage(data: bytes, chance: st.DataObject) -> None:
    raw = bytearray(packed(standard_library(), data, 6))
    place = chance.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= chance.draw(st.integers(1, 255))
    cut = bytes(raw[: chance.draw(st.integers(0, len(raw)))])
    for damaged in (bytes(raw), cut, cut + b"\0"):
        assert len({read(library, damaged, data) for library in LIBRARIES}) == 1
