"""A large file that is there completely or not at all: written to `<target>.partial`, then renamed."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from diagnose.errors import InputError, Place
from diagnose.messages import message
from diagnose.whole_file import rename

# O_EXCL: never through a link that somebody laid.
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class AsideFile:
    """A context manager; whatever ends it before `commit` leaves the old target and no partial file.

    Every error of the disk is one InputError with the target's path and the system's reason.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        # Not `with_name`, which refuses "/" and "..": those are told to be folders.
        self.partial = target.parent / f"{target.name}.partial"
        self._opened: BinaryIO | None = None

    @property
    def stream(self) -> BinaryIO:
        if self._opened is None:
            raise ValueError("not open")
        return self._opened

    def __enter__(self) -> AsideFile:
        if "\0" in str(self.target):
            raise InputError(message("bundle-unwritable", error="NUL"), Place(str(self.target)))
        with self.told():
            if self.target.is_dir():
                raise InputError(message("bundle-target-folder"), Place(str(self.target)))
            # A run that was killed has left it.
            self.partial.unlink(missing_ok=True)
            self._opened = os.fdopen(os.open(self.partial, _FLAGS, 0o600), "w+b")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opened is None:
            return
        mine = self._is_mine()
        # Closing writes what is buffered, and fails again on a full disk.
        with contextlib.suppress(OSError):
            self._opened.close()
        self._opened = None
        if mine:
            with contextlib.suppress(OSError):
                self.partial.unlink(missing_ok=True)

    def commit(self) -> None:
        """Onto the disk and under its name. Raises InputError."""
        with self.told():
            self.stream.flush()
            os.fsync(self.stream.fileno())
            if not self._is_mine():
                raise InputError(message("bundle-target-taken"), Place(str(self.target)))
            self.stream.close()
            rename(self.partial, self.target)
            self._opened = None
            _sync_folder(self.target.parent)

    @contextmanager
    def told(self) -> Iterator[None]:
        """For every use of the stream: turns OSError into InputError."""
        try:
            yield
        except OSError as error:
            words = error.strerror or str(error)
            raise InputError(message("bundle-unwritable", error=words), Place(str(self.target))) from None

    def _is_mine(self) -> bool:
        """Whether the name still stands for our file: another run may have taken it."""
        if self._opened is None or self._opened.closed:
            return self._opened is not None
        try:
            return os.path.samestat(os.fstat(self._opened.fileno()), self.partial.lstat())
        except OSError:
            return False


def _sync_folder(folder: Path) -> None:
    """So that the new name outlives a power cut; not every file system can."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
