"""Read files of Linux and macOS: only regular ones, never more than was asked for, never waiting for a writer."""

from __future__ import annotations

import errno
import os
import stat
from datetime import UTC, datetime

from diagnose.machine.file_search import FileSystem
from diagnose.machine.file_search import find_files as search
from diagnose.machine.values import Absent, FileContent, FileInfo, Reason, Unseen

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


def file_info(path: str) -> FileInfo | Absent | Unseen:
    """`path` must be absolute. Folders have no size. Pipes, devices and sockets are Unseen(NOT_A_FILE)."""
    status = _stat(path)
    return status if isinstance(status, Absent | Unseen) else _info(path, status)


def read_file(path: str, limit: int) -> FileContent | Absent | Unseen:
    """The file as it was when it was opened; of a larger one its last `limit` bytes.

    A file that does not know its size (/proc) is read from its start; when it has more than `limit` bytes, `size` is
    only known to be larger.
    """
    # Looked at before it is opened: to open a device can already do something (a watchdog, a tape).
    status = _stat(path)
    if isinstance(status, Absent | Unseen):
        return status
    if not stat.S_ISREG(status.st_mode):
        return Unseen(Reason.NOT_A_FILE, path)
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        return not_readable(path, error)
    try:
        return _read_open(path, descriptor, limit)
    except OSError as error:
        return not_readable(path, error)
    finally:
        os.close(descriptor)


def find_files(pattern: str) -> tuple[FileInfo, ...] | Unseen:
    """Regular files that match the absolute glob `pattern`, sorted by path; names compare with case, `*` takes dots."""
    if not pattern.startswith("/"):
        return Unseen(Reason.UNSUPPORTED, pattern)
    file_system = FileSystem("/", lambda name: name, file_info, lambda path: path, not_readable)
    return search(file_system, "/", [component for component in pattern.split("/") if component], pattern)


def not_readable(path: str, error: OSError) -> Absent | Unseen:
    """What an error of the file system means."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return Absent(path)
    detail = error.strerror or str(error)
    if error.errno in (errno.EACCES, errno.EPERM):
        return Unseen(Reason.DENIED, path, detail)
    if error.errno in (errno.ENXIO, errno.EISDIR, errno.ENODEV):
        return Unseen(Reason.NOT_A_FILE, path, detail)
    return Unseen(Reason.FAILED, path, detail)


def _stat(path: str) -> os.stat_result | Absent | Unseen:
    if not path.startswith("/"):
        # `C:\...` on this platform, or something that would depend on where we were started.
        return Unseen(Reason.UNSUPPORTED, path)
    try:
        return os.stat(path)  # noqa: PTH116  Path() would tidy up the path that we report
    except OSError as error:
        return not_readable(path, error)
    except ValueError as error:
        return Unseen(Reason.MALFORMED, path, str(error))


def _info(path: str, status: os.stat_result) -> FileInfo | Unseen:
    modified = _modified(status)
    if stat.S_ISDIR(status.st_mode):
        return FileInfo(path, None, modified, is_folder=True)
    if stat.S_ISREG(status.st_mode):
        return FileInfo(path, status.st_size, modified)
    return Unseen(Reason.NOT_A_FILE, path)


def _modified(status: os.stat_result) -> datetime | None:
    try:
        return datetime.fromtimestamp(status.st_mtime, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _read_open(path: str, descriptor: int, limit: int) -> FileContent | Unseen:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):  # it was replaced after we looked
        return Unseen(Reason.NOT_A_FILE, path)
    if status.st_size == 0:
        data = _read_exactly(descriptor, 0, limit + 1)
        return FileContent(path, data[:limit], len(data), 0, _modified(status))
    offset = max(0, status.st_size - limit)
    data = _read_exactly(descriptor, offset, status.st_size - offset)
    return FileContent(path, data, offset + len(data), offset, _modified(status))


def _read_exactly(descriptor: int, offset: int, count: int) -> bytes:
    """Up to `count` bytes; fewer when the file ends earlier."""
    chunks = bytearray()
    while len(chunks) < count:
        chunk = os.pread(descriptor, min(1 << 18, count - len(chunks)), offset + len(chunks))
        if not chunk:
            break
        chunks += chunk
    return bytes(chunks)
