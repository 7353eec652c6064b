"""What a host sends: frames with our own mark on them. Whatever it sends instead is garbage, found out early."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from diagnose.remote.outcomes import Reason, RemoteError

BLOCK = 1 << 16
_NOISE = 1 << 16
"""Bytes that a shell's start files may print before our first frame."""
_LONGEST_HEAD = 200
LARGEST_NOTE = 20_000


@dataclass(frozen=True, slots=True)
class Frame:
    kind: str
    size: int


class FrameReader:
    """`mark` begins every frame. `stall_s`: how long nothing at all may come in the middle of one."""

    def __init__(self, stream: asyncio.StreamReader, mark: str, stall_s: float) -> None:
        self._stream = stream
        self._head = re.compile(re.escape(mark.encode()) + rb" ([a-z-]{1,20}) ([0-9]{1,15})\r?\n")
        self._mark = mark.encode() + b" "
        self._stall_s = stall_s
        self._buffer = b""
        self._begun = False
        self._left = 0
        self.noise = b""
        """What came before the first frame."""

    async def next(self) -> Frame | None:
        """None at the end of what is sent. Raises RemoteError for garbage. Waits as long as the caller lets it.

        What nobody has read of the frame before is passed over.
        """
        async for _ in self._rest():
            pass
        while True:
            if not self._begun:
                self._find_begin()
            if self._begun and (found := self._head.match(self._buffer)) is not None:
                self._buffer = self._buffer[found.end() :]
                self._left = int(found[2])
                return Frame(found[1].decode(), self._left)
            if self._begun and (b"\n" in self._buffer or len(self._buffer) > _LONGEST_HEAD):
                raise RemoteError(Reason.GARBAGE, _shown(self._buffer))
            if not self._begun and len(self._buffer) > _NOISE:
                raise RemoteError(Reason.GARBAGE, _shown(self._buffer))
            block = await self._stream.read(BLOCK)
            if not block:
                if self._begun and self._buffer:
                    raise RemoteError(Reason.DROPPED)
                self.noise = self.noise or self._buffer
                return None
            self._buffer += block

    async def _rest(self) -> AsyncIterator[bytes]:
        """The content of the frame that `next` gave, in blocks. Raises RemoteError when it stops coming."""
        while self._left:
            if not self._buffer:
                try:
                    async with asyncio.timeout(self._stall_s):
                        self._buffer = await self._stream.read(BLOCK)
                except TimeoutError:
                    raise RemoteError(Reason.STALLED) from None
                if not self._buffer:
                    raise RemoteError(Reason.DROPPED)
            block, self._buffer = self._buffer[: self._left], self._buffer[self._left :]
            self._left -= len(block)
            yield block

    async def note(self, frame: Frame) -> dict[str, Any]:
        """A small frame of JSON. Raises RemoteError for anything else."""
        if frame.size > LARGEST_NOTE:
            raise RemoteError(Reason.GARBAGE, f"{frame.kind}: {frame.size}")
        data = b"".join([block async for block in self._rest()])
        try:
            return msgspec.json.decode(data, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise RemoteError(Reason.GARBAGE, _shown(data)) from None

    async def save(self, frame: Frame, path: Path, limit: int) -> None:
        """The content as a file. Raises RemoteError, also for a size that is announced too large; and OSError."""
        if frame.size > limit:
            raise RemoteError(Reason.TOO_LARGE, f"{frame.kind}: {frame.size} > {limit}")
        with path.open("xb") as stream:
            async for block in self._rest():
                stream.write(block)

    def _find_begin(self) -> None:
        at = self._buffer.find(self._mark)
        if at >= 0:
            self.noise, self._buffer, self._begun = self._buffer[:at], self._buffer[at:], True


def _shown(data: bytes) -> str:
    return data[:100].decode("utf-8", "replace").strip()
