from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.remote.frames import LARGEST_NOTE, Frame, FrameReader
from diagnose.remote.outcomes import Reason, RemoteError

MARK = "mark/1/abc"


def read(data: bytes, *, end: bool = True, blocks: int = 0) -> list[Any]:
    """Every frame with its content, as notes where they are some; what was raised at last."""

    async def all_of_them() -> list[Any]:
        stream = asyncio.StreamReader()
        size = blocks or len(data) or 1
        for start in range(0, len(data), size):
            stream.feed_data(data[start : start + size])
        if end:
            stream.feed_eof()
        reader = FrameReader(stream, MARK, 0.05)
        found: list[Any] = []
        try:
            while (frame := await reader.next()) is not None:
                found.append(await reader.note(frame) if frame.kind == "note" else frame)
        except RemoteError as error:
            found.append(error.reason)
        return found

    return asyncio.run(all_of_them())


def frame(kind: str, content: bytes) -> bytes:
    return f"{MARK} {kind} {len(content)}\n".encode() + content


@pytest.mark.parametrize("blocks", [1, 3, 1000])
def test_frames_come_in_any_pieces_and_behind_what_a_shell_says(blocks: int) -> None:
    data = b"Last login: today\r\n" + frame("note", b'{"a": 1}') + frame("answer", b"12345") + frame("note", b"{}")
    assert read(data, blocks=blocks) == [{"a": 1}, Frame("answer", 5), {}]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", []),
        (b"no frame at all", []),
        (b"\0" * 100_000, [Reason.GARBAGE]),
        (frame("note", b"{}") + b"more\n", [{}, Reason.GARBAGE]),
        (frame("note", b"{}") + b"x" * 300, [{}, Reason.GARBAGE]),
        (frame("note", b"{}")[:-1], [Reason.DROPPED]),
        (f"{MARK} note 3".encode(), [Reason.DROPPED]),
        (f"{MARK} note -3\n{{}}".encode(), [Reason.GARBAGE]),
        (f"{MARK} NOTE 3\n{{}} ".encode(), [Reason.GARBAGE]),
        (f"{MARK} note {10**20}\n".encode(), [Reason.GARBAGE]),
        (f"{MARK} note {LARGEST_NOTE + 1}\n".encode(), [Reason.GARBAGE]),
        (frame("note", b"[1]"), [Reason.GARBAGE]),
        (frame("note", b"\xff\xfe"), [Reason.GARBAGE]),
        (frame("note", b"[" * 5000), [Reason.GARBAGE]),
    ],
)
def test_anything_else_is_garbage_or_a_lost_connection(data: bytes, found: list[Any]) -> None:
    assert read(data) == found


def test_what_stops_coming_is_not_waited_for() -> None:
    assert read(frame("note", b"{}")[:-1], end=False) == [Reason.STALLED]


@given(st.binary(max_size=400), st.integers(1, 50))
def test_no_input_does_anything_else(data: bytes, blocks: int) -> None:
    for prefix in (b"", f"{MARK} ".encode(), frame("note", b"{}")):
        for found in read(prefix + data, blocks=blocks):
            assert isinstance(found, Frame | dict | Reason)


def test_a_file_is_never_larger_than_allowed(tmp_path: Path) -> None:
    async def save(announced: int, limit: int) -> bytes:
        stream = asyncio.StreamReader()
        stream.feed_data(f"{MARK} answer {announced}\n".encode() + b"x" * 10)
        stream.feed_eof()
        reader = FrameReader(stream, MARK, 1)
        found = await reader.next()
        assert found is not None
        path = tmp_path / str(announced)
        await reader.save(found, path, limit)
        return path.read_bytes()

    assert asyncio.run(save(10, 10)) == b"x" * 10
    for announced, limit, reason in ((11, 10, Reason.TOO_LARGE), (12, 20, Reason.DROPPED)):
        with pytest.raises(RemoteError) as raised:
            asyncio.run(save(announced, limit))
        assert raised.value.reason is reason
