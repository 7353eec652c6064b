"""Files and folders whose names or content come from outside.

A name may be too long, may hold a NUL or may lead to a FIFO, a device or a loop of links, and a folder may be closed
to us. Whoever asks here gets an answer or an InputError with the path: never a hang and never another exception.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from diagnose.errors import InputError, Place
from diagnose.messages import message

# Without O_NONBLOCK the opening of a FIFO waits for a writer.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)


def read_input(path: Path, limit: int) -> bytes:
    """The content of a regular file of at most `limit` bytes. Raises InputError with the path."""
    with open_input(path) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise InputError(message("file-too-large", limit=limit), Place(str(path)))
    return data


def begins_with(path: Path, *signs: bytes) -> bool:
    """Whether a file begins with one of some bytes; False for a folder. Raises InputError with the path."""
    if is_folder(path):
        return False
    with open_input(path) as stream:
        return stream.read(max(map(len, signs))).startswith(signs)


@contextmanager
def open_input(path: Path) -> Iterator[BinaryIO]:
    """A regular file, of any size. Raises InputError with the path, also for errors while it is open."""
    with told(path, "file-not-found", "file-unreadable"), os.fdopen(_open(path), "rb") as stream:
        yield stream


def folder_entries(path: Path) -> tuple[Path, ...]:
    """What lies right in a folder, sorted; () only for an empty folder. Raises InputError with the path."""
    with told(path, "folder-not-found", "folder-unreadable"):
        return tuple(sorted(path.iterdir()))


def is_there(path: Path) -> bool:
    """Whether a name stands for anything, be it a link that leads nowhere. Raises InputError when nobody can tell."""
    return _status(path, follow=False) is not None


def is_folder(path: Path) -> bool:
    """Whether a path leads to a folder. Raises InputError when nobody can tell."""
    status = _status(path, follow=True)
    return status is not None and stat.S_ISDIR(status.st_mode)


def is_link(path: Path) -> bool:
    """Whether the name itself is a link. Raises InputError when nobody can tell."""
    status = _status(path, follow=False)
    return status is not None and stat.S_ISLNK(status.st_mode)


def real_path(path: Path) -> Path:
    """The path without links. Raises InputError with the path."""
    with told(path, "file-not-found", "file-unreadable"):
        return path.resolve()


def _status(path: Path, *, follow: bool) -> os.stat_result | None:
    with told(path, "file-not-found", "file-unreadable"):
        try:
            return path.stat(follow_symlinks=follow)
        except (FileNotFoundError, NotADirectoryError):
            return None


def _open(path: Path) -> int:
    # Before the opening, because opening alone can already rewind a tape or answer a waiting writer.
    _regular(path.stat(), path)
    descriptor = os.open(path, _FLAGS)
    try:
        _regular(os.fstat(descriptor), path)
    except InputError:
        os.close(descriptor)
        raise
    return descriptor


def _regular(status: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise InputError(message("file-not-regular"), Place(str(path)))


@contextmanager
def told(path: Path, missing: str, unreadable: str) -> Iterator[None]:
    """Turns what the system says about a path into an InputError; `missing` is the message for no such name."""
    try:
        yield
    except FileNotFoundError:
        raise InputError(message(missing), Place(str(path))) from None
    except OSError as error:
        raise InputError(message(unreadable, error=error.strerror or str(error)), Place(str(path))) from None
    except (ValueError, RuntimeError) as error:
        # A NUL in the name, or a loop of links as older Pythons tell it.
        raise InputError(message(unreadable, error=str(error)), Place(str(path))) from None
