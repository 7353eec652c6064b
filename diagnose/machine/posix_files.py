"""Read files of Linux and macOS: only regular ones, never more than was asked for, never waiting for a writer."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import closing
from datetime import UTC, datetime

from diagnose.machine.file_reader import DescriptorReader, FileReader, LinkRefused, LockedFile
from diagnose.machine.file_search import FileSystem
from diagnose.machine.file_search import find_files as search
from diagnose.machine.values import Absent, FileContent, FileInfo, Reason, Unseen

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
# On Linux a folder can be passed through without the right to list it.
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
_MOST_LINKS = 40


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


def open_file(path: str) -> FileReader | Absent | Unseen:
    """See `Machine.open_file`. The name itself must be no link. A folder on the way may be one that root made (or we
    ourselves) where nobody else can write, such as /var on macOS: no other user can have put it there. Of a file with
    several names, one that somebody else than its owner could have made is refused too.
    """
    if not path.startswith("/"):
        return Unseen(Reason.UNSUPPORTED, path)
    try:
        with closing(_Way(path)) as way:
            link = way.go()
            return LinkRefused(Reason.NOT_A_FILE, path, link) if link is not None else _open_in(way, path)
    except OSError as error:
        return _not_open(path, error)
    except ValueError as error:
        return Unseen(Reason.MALFORMED, path, str(error))


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


class _Way:
    """The way to a file, folder by folder, each opened below the one before: nobody can exchange what was passed."""

    def __init__(self, path: str) -> None:
        self._names = [name for name in reversed(path.split("/")) if name not in {"", "."}]
        self._passed = "/"
        self.folder = os.open("/", _FOLDER)

    @property
    def name(self) -> str:
        """What is left to be opened in `folder`; empty for the root itself."""
        return self._names[0] if self._names else ""

    def go(self) -> str | None:
        """Open the last folder; or the place of a link that is not followed. Raises OSError."""
        links = 0
        while len(self._names) > 1:
            name = self._names.pop()
            status = os.stat(name, dir_fd=self.folder, follow_symlinks=False)
            if not stat.S_ISLNK(status.st_mode):
                self._enter(name)
                continue
            links += 1
            if links > _MOST_LINKS or not _only_ours(status, os.fstat(self.folder)):
                return self._passed + name
            target = os.readlink(name, dir_fd=self.folder)
            if target.startswith("/"):
                self._enter("/")
            self._names += [part for part in reversed(target.split("/")) if part not in {"", "."}]
        return None

    def close(self) -> None:
        os.close(self.folder)

    def _enter(self, name: str) -> None:
        below = os.open(name, _FOLDER, dir_fd=self.folder)
        os.close(self.folder)
        self.folder = below
        self._passed = "/" if name == "/" else f"{self._passed}{name}/"


def _only_ours(link: os.stat_result, folder: os.stat_result) -> bool:
    """Whether nobody but root or we can have made the link or can put another in its place."""
    trusted = (0, os.geteuid())
    closed = not folder.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return link.st_uid in trusted and folder.st_uid in trusted and closed


def _open_in(way: _Way, path: str) -> FileReader | Unseen:
    """Raises OSError."""
    # Looked at before it is opened, as in `read_file`.
    status = os.stat(way.name or "/", dir_fd=way.folder, follow_symlinks=False)
    if stat.S_ISLNK(status.st_mode):
        return LinkRefused(Reason.NOT_A_FILE, path, path)
    if not stat.S_ISREG(status.st_mode):
        return Unseen(Reason.NOT_A_FILE, path)
    descriptor = os.open(way.name, _FLAGS | os.O_NOFOLLOW, dir_fd=way.folder)
    try:
        status = os.fstat(descriptor)
        planted = _named_by_another(status, os.fstat(way.folder))
        if stat.S_ISREG(status.st_mode) and not planted:
            return DescriptorReader(path, descriptor, lambda error: _seen_no_more(path, error))
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return LinkRefused(Reason.NOT_A_FILE, path, path) if planted else Unseen(Reason.NOT_A_FILE, path)


def _named_by_another(file: os.stat_result, folder: os.stat_result) -> bool:
    """Whether a file with several names can have got this one from somebody else than its owner or root."""
    open_to_all = folder.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return file.st_nlink > 1 and (bool(open_to_all) or folder.st_uid not in (0, file.st_uid))


def _not_open(path: str, error: OSError) -> Absent | Unseen:
    if error.errno == errno.ELOOP:
        return LinkRefused(Reason.NOT_A_FILE, path, path)
    if error.errno in (errno.EAGAIN, errno.EBUSY, errno.ETXTBSY):
        return LockedFile(Reason.DENIED, path, error.strerror or str(error))
    return not_readable(path, error)


def _seen_no_more(path: str, error: OSError) -> Unseen:
    """What an error means for a file that was open already: it cannot be absent."""
    found = _not_open(path, error)
    return found if isinstance(found, Unseen) else Unseen(Reason.FAILED, path, error.strerror or str(error))


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
