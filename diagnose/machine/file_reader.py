"""An open file of any size, read piece by piece, and the two ways of being refused that a collection must tell apart.

Handles for collecting are opened more carefully than those for checks: a collection may run with more rights than
whoever can write to a log folder, so no link that such a person could have put there is ever followed.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol, Self

from diagnose.machine.values import Reason, Unseen

_MOST_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class LockedFile(Unseen):
    """Another program keeps the file, or this range of it, to itself; that may pass."""


@dataclass(frozen=True, slots=True)
class LinkRefused(Unseen):
    """The path leads through a link or junction that is not followed; `detail` is the place of the link."""


class FileReader(Protocol):
    """A regular file, open for reading; only one thread may use it at a time."""

    @property
    def size(self) -> int:
        """Bytes of the whole file when it was opened."""
        ...

    @property
    def modified(self) -> datetime | None: ...

    @property
    def held(self) -> tuple[int, int]:
        """From where to where there are bytes: the whole file, or what a recording kept of it."""
        ...

    @property
    def identity(self) -> tuple[int, int] | None:
        """What two names of one file have in common; None where the system does not say."""
        ...

    def read(self, offset: int, count: int) -> bytes | Unseen:
        """Fewer bytes than `count` only where the file ends by now, which may be behind or before `size`."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


ReadAt = Callable[[int, int, int], bytes]
"""As `os.pread`: descriptor, count, offset; raises OSError."""


class DescriptorReader:
    """A `FileReader` on a descriptor, which it closes."""

    def __init__(
        self,
        path: str,
        descriptor: int,
        failed: Callable[[OSError], Unseen],
        *,
        read_at: ReadAt | None = None,
        kept: tuple[int, int] | None = None,
        modified: datetime | None = None,
    ) -> None:
        """`failed` says what an error of reading means. `kept`, for a recording: the size of the whole file and where
        the bytes behind the descriptor lie in it; then the time is `modified`. Raises OSError, and leaves it open then.
        """
        status = os.fstat(descriptor)
        self.path = path
        self._descriptor: int | None = descriptor
        self._failed = failed
        self._read_at = read_at or _read_at()
        self._size, self._start = kept or (status.st_size, 0)
        self._held = (self._start, self._start + status.st_size)
        self._recorded = kept is not None
        self._modified = modified if self._recorded else time_of(status)
        self._identity = (status.st_dev, status.st_ino) if status.st_ino and not self._recorded else None

    @property
    def size(self) -> int:
        return self._size

    @property
    def modified(self) -> datetime | None:
        return self._modified

    @property
    def held(self) -> tuple[int, int]:
        return self._held

    @property
    def identity(self) -> tuple[int, int] | None:
        return self._identity

    def read(self, offset: int, count: int) -> bytes | Unseen:
        """See `FileReader.read`."""
        start, end = self._held
        if self._recorded and not (start <= offset < end or offset == end == self._size):
            return Unseen(Reason.NOT_RECORDED, self.path)
        if self._descriptor is None:
            return Unseen(Reason.FAILED, self.path, os.strerror(9))
        data = b""
        try:
            while missing := count - len(data):
                piece = self._read_at(self._descriptor, min(missing, _MOST_AT_ONCE), offset - start + len(data))
                if not piece:
                    break
                data = data + piece if data else piece
        except OSError as error:
            # What came before the error is sound; the next question is answered with it again.
            return data or self._failed(error)
        return data

    def close(self) -> None:
        """May be called again and again."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            try:
                os.close(descriptor)
            except OSError:
                # A share that is gone; nothing was written, so nothing can be lost.
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def time_of(status: os.stat_result) -> datetime | None:
    """When it was last written, as far as a calendar knows that time."""
    try:
        return datetime.fromtimestamp(status.st_mtime, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _read_at() -> ReadAt:
    if sys.platform != "win32":
        return os.pread
    lock = threading.Lock()

    def read_at(descriptor: int, count: int, offset: int) -> bytes:
        with lock:
            os.lseek(descriptor, offset, os.SEEK_SET)
            return os.read(descriptor, count)

    return read_at
