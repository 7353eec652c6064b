"""Redaction on every core: parts of a text go to processes of our own and come back in their order.

Tokens are pure functions of key and value, so these processes need not talk to one another, and the bytes are those
that one process makes. Threads could not do this: the interpreter runs one of them at a time.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from queue import SimpleQueue
from types import TracebackType
from typing import IO

import msgspec

from diagnose.redaction.engine import Notes, Redactor
from diagnose.redaction.names import Names
from diagnose.redaction.page import KINDS, Span
from diagnose.redaction.tokens import Kind
from diagnose.redaction.worker import Done, Part, Task, receive, send

if sys.platform == "linux":
    import fcntl

_MOST = 4
"""More would wait for the one process that reads and packs."""
_WORTH_IT = 16_000_000
"""Bytes that take longer than to start the processes."""
_PIPE = 1 << 20
"""Bytes; what Linux allows without privileges."""
_AHEAD = 2
"""Parts for each worker that are read before the first of them is needed."""
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from diagnose.redaction.worker import main; main()"
_END_WAIT_S = 5.0


class WorkerLostError(Exception):
    """A worker could not be started, or ended before it answered."""


class WorkerError(Exception):
    """Redaction went wrong in a worker; its words are the kind of the error, nothing of the text."""


def workers_for(names: Names, key: bytes, size: int) -> AbstractContextManager[Workers | None]:
    """For about `size` bytes of text; None where the work is too small, or this process has one core only."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    if size < _WORTH_IT or cores < 2:
        return contextlib.nullcontext()
    try:
        return Workers(Task(names, key), cores)
    except UnicodeEncodeError:
        # A name of half characters, as broken file names have, does not go through a pipe.
        return contextlib.nullcontext()


class Workers:
    """A context manager around up to `count` processes, each started when it is needed first."""

    def __init__(self, task: Task, count: int) -> None:
        self._task = msgspec.msgpack.encode(task)
        self.ahead = _AHEAD * min(count, _MOST)
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._workers = [_Worker(self._task) for _ in range(min(count, _MOST))]
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(len(self._workers), "redaction")

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # First those that wait in the queue, then the processes: whoever waits for an answer sees the end of it.
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.kill()
        self._threads.shutdown(wait=True)

    def submit(self, data: bytes, start: int, end: int) -> Future[tuple[Notes, bytes]]:
        """What `Redactor.redact_part` makes of it; the future raises WorkerLostError or WorkerError."""
        return self._threads.submit(self._ask, data, start, end)

    def _ask(self, data: bytes, start: int, end: int) -> tuple[Notes, bytes]:
        # There are as many threads as workers: this never waits.
        worker = self._idle.get()
        try:
            done, made = worker.ask(Part(start, end), data)
        finally:
            self._idle.put(worker)
        if done.error:
            raise WorkerError(done.error)
        return done.notes, made


class _Worker:
    """One process; once it is lost, every question says so."""

    def __init__(self, task: bytes) -> None:
        self._task = task
        self._process: subprocess.Popen[bytes] | None = None
        self._lost = False

    def ask(self, part: Part, text: bytes) -> tuple[Done, bytes]:
        try:
            process = self._started()
            if process.stdin is None or process.stdout is None:
                raise WorkerLostError
            send(process.stdin, msgspec.msgpack.encode(part), text)
            return msgspec.msgpack.decode(receive(process.stdout), type=Done), receive(process.stdout)
        except (OSError, EOFError, ValueError, msgspec.MsgspecError) as error:
            self.kill()
            raise WorkerLostError from error

    def kill(self) -> None:
        self._lost = True
        process = self._process
        if process is None:
            return
        process.kill()
        process.wait(_END_WAIT_S)
        for stream in (process.stdin, process.stdout):
            # What was not sent yet cannot be sent any more.
            with contextlib.suppress(OSError, ValueError):
                if stream is not None:
                    stream.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._lost:
            raise WorkerLostError
        if self._process is None:
            self._process = _start()
            if self._process.stdin is not None:
                send(self._process.stdin, self._task)
        return self._process


def _start() -> subprocess.Popen[bytes]:
    """A worker of this program's own code, out of reach of Ctrl+C: whoever started it ends it. Raises OSError."""
    paths = json.dumps([os.path.abspath(path) for path in sys.path])  # noqa: PTH100 - '' is the working folder
    argv = [sys.executable, "-I", "-B", "-X", "utf8", "-c", _START, paths]
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    process = subprocess.Popen(  # noqa: S603 - ourselves
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        creationflags=flags,
    )
    _widen(process.stdin, process.stdout)
    return process


def _widen(*pipes: IO[bytes] | None) -> None:
    """Room for a whole part: else a worker waits for our threads sixteen times a part, and they for one another."""
    if sys.platform != "linux":
        return
    for pipe in pipes:
        if pipe is not None:
            with contextlib.suppress(OSError):  # more than this computer allows
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A part that a worker has; kept until its answer is there."""

    data: bytes
    start: int
    end: int
    answer: Future[tuple[Notes, bytes]]


class Parts:
    """The parts of one text on their way through a redactor, in order. What the workers note reaches the redactor."""

    def __init__(self, redactor: Redactor, workers: Workers | None) -> None:
        self._redactor = redactor
        self._workers = workers
        self._queue: deque[bytes | _Sent] = deque()
        self._counts = [0] * len(KINDS)

    @property
    def counts(self) -> dict[Kind, int]:
        """How many places were replaced in those parts that were given out, and in those that no worker has."""
        return {kind: count for kind, count in zip(KINDS, self._counts, strict=True) if count}

    @property
    def is_full(self) -> bool:
        """Whether the workers have enough to do."""
        return self._workers is None or len(self._queue) >= self._workers.ahead

    def redact(self, data: bytes, start: int, end: int) -> None:
        """See `Redactor.redact_part`."""
        if self._workers is None:
            self._queue.append(self._made(data, self._redactor.spans(data), start, end))
        else:
            self._queue.append(_Sent(data, start, end, self._workers.submit(data, start, end)))

    def spans(self, data: bytes) -> list[Span]:
        """See `Redactor.spans`."""
        return self._redactor.spans(data)

    def replace(self, data: bytes, spans: list[Span], start: int, end: int) -> None:
        """See `Redactor.replaced`, for a part whose spans are known."""
        self._queue.append(self._made(data, spans, start, end))

    def ready(self) -> Iterator[bytes]:
        """Those that are done; waits when more than enough are on their way."""
        ahead = 0 if self._workers is None else self._workers.ahead
        while self._queue and (len(self._queue) > ahead or _is_done(self._queue[0])):
            yield self._next()

    def rest(self) -> Iterator[bytes]:
        while self._queue:
            yield self._next()

    def drop(self) -> None:
        """Nobody wants the rest; what it taught the workers they tell only once."""
        while self._queue:
            with contextlib.suppress(WorkerError):
                self._next()

    def _next(self) -> bytes:
        part = self._queue.popleft()
        if isinstance(part, bytes):
            return part
        try:
            notes, made = part.answer.result()
        except WorkerLostError:
            return self._made(part.data, self._redactor.spans(part.data), part.start, part.end)
        self._redactor.take_over(notes)
        self._count(notes.counts)
        return made

    def _made(self, data: bytes, spans: list[Span], start: int, end: int) -> bytes:
        before = self._redactor.counted()
        made = self._redactor.replaced(data, spans, start, end)
        self._count(self._redactor.counted(before))
        return made

    def _count(self, counts: Sequence[int]) -> None:
        for kind, count in enumerate(counts):
            self._counts[kind] += count


def _is_done(part: bytes | _Sent) -> bool:
    return isinstance(part, bytes) or part.answer.done()
