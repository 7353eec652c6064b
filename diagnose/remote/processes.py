"""Programs on this computer that talk to a host: bounded in what they say, and always ended with all they started."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from diagnose.remote.ssh import LARGEST_LOG

BLOCK = 1 << 16
_LONGEST_LINE = 2_000
LARGEST_TALK = 16_000_000
"""Bytes that a host may say on stderr; who says more is no host to wait for."""
_KEPT_LINES = 20
_LOOK_S = 0.5


class Talk:
    """What a host says on stderr, as lines; kept in part, read to its end, so that it never blocks."""

    def __init__(self, stream: asyncio.StreamReader, tell: Callable[[str], None]) -> None:
        self._stream = stream
        self._tell = tell
        self.recent: deque[str] = deque(maxlen=_KEPT_LINES)
        self.flooded = asyncio.Event()

    async def listen(self) -> None:
        rest, size = b"", 0
        while block := await self._stream.read(BLOCK):
            size += len(block)
            if size > LARGEST_TALK:
                self.flooded.set()
                continue
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                self._line(line)
            rest = rest[-_LONGEST_LINE:]
        self._line(rest)

    @property
    def tail(self) -> str:
        """The last line; empty when nothing was said."""
        return self.recent[-1] if self.recent else ""

    def _line(self, line: bytes) -> None:
        text = line[:_LONGEST_LINE].decode("utf-8", "replace").strip()
        if text:
            self.recent.append(text)
            self._tell(text)


@asynccontextmanager
async def started(
    argv: Sequence[str], environment: Mapping[str, str], folder: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process with pipes, out of reach of Ctrl+C: whoever started it ends it. Raises OSError."""
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(environment),
        cwd=folder,
        start_new_session=True,
        creationflags=flags,
        limit=BLOCK,
    )
    try:
        yield process
    finally:
        end(process)
        # Before the wait: asyncio holds the news of the end back until all pipes are closed, and one that nobody reads
        # any more, of a host that floods, never comes to its end. Others may hold their ends of them, too.
        _let_go(process)
        # Not until it is reaped: a cancelled wait would leave a zombie and a warning.
        await asyncio.shield(process.wait())
        process._transport.close()  # type: ignore[attr-defined]


def _let_go(process: asyncio.subprocess.Process) -> None:
    """Close our ends of its pipes. The transport's own `close` would reap the process behind asyncio's back."""
    transport: asyncio.SubprocessTransport = process._transport  # type: ignore[attr-defined]
    for number in range(3):
        pipe = transport.get_pipe_transport(number)
        if pipe is None or pipe.is_closing():
            continue
        if isinstance(pipe, asyncio.WriteTransport):
            pipe.abort()
        else:
            pipe.close()


def end(process: asyncio.subprocess.Process) -> None:
    """At once, with what it has started, such as the ssh to a jump host."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        elif process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)


async def watch_size(path: Path, limit: int = LARGEST_LOG) -> None:
    """Returns when the file has become larger than that."""
    while True:
        await asyncio.sleep(_LOOK_S)
        with contextlib.suppress(OSError):
            if path.stat().st_size > limit:
                return
