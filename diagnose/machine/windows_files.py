"""Read files of Windows: only regular ones, also while their owner writes, renames or deletes them.

Files are opened so that everybody else may go on doing everything with them: a reader without the right to share
deletion would stop an agent from turning its own logs over.
"""

from __future__ import annotations

import ctypes
import msvcrt
import os
import stat
from datetime import UTC, datetime

from diagnose.machine.file_patterns import split_path
from diagnose.machine.file_reader import DescriptorReader, FileReader, LinkRefused, LockedFile
from diagnose.machine.file_search import FileSystem
from diagnose.machine.file_search import find_files as search
from diagnose.machine.values import Absent, FileContent, FileInfo, Platform, Reason, Unseen
from diagnose.machine.windows_api import function, last_error, library
from diagnose.machine.windows_errors import code_of, not_readable, words
from diagnose.machine.windows_links import lies_there, links, refused_link
from diagnose.machine.windows_paths import literal_path

_GENERIC_READ = 0x80000000
_SHARE_ALL = 0x1 | 0x2 | 0x4
_OPEN_EXISTING = 3
_NO_RECALL = 0x00100000
_NO_ROOT_FOLDER = 1
_NO_ATTRIBUTES, _NOT_HERE = -1, 0x1000 | 0x40000 | 0x400000
_NO_HANDLE = ctypes.c_void_p(-1).value
_TYPE_DISK = 1
_CHUNK = 1 << 18
_IN_USE = frozenset({32, 33})
_END_OF_FILE = 38


class WindowsFiles:
    """`system_folder` as in `literal_path`."""

    def __init__(self, system_folder: str | None) -> None:
        self._system_folder = system_folder

    def file_info(self, path: str) -> FileInfo | Absent | Unseen:
        """See `Machine.file_info`."""
        status = self._status(path)
        if isinstance(status, Absent | Unseen):
            return status
        if stat.S_ISDIR(status.st_mode):
            return FileInfo(path, None, _modified(status), is_folder=True)
        if stat.S_ISREG(status.st_mode):
            return FileInfo(path, status.st_size, _modified(status))
        return Unseen(Reason.NOT_A_FILE, path)

    def read_file(self, path: str, limit: int) -> FileContent | Absent | Unseen:
        """The file as it was when it was opened; of a larger one its last `limit` bytes."""
        info = self.file_info(path)
        if isinstance(info, Absent | Unseen):
            return info
        literal = self._literal(path)
        if info.is_folder or literal is None:
            return Unseen(Reason.NOT_A_FILE, path)
        if _lies_elsewhere(literal):
            return Unseen(Reason.FAILED, path, "not on this disk")
        try:
            descriptor = _open(literal)
        except OSError as error:
            return not_readable(path, error)
        try:
            return _read(path, descriptor, limit)
        except OSError as error:
            return not_readable(path, error)
        finally:
            os.close(descriptor)

    def open_file(self, path: str) -> FileReader | Absent | Unseen:
        """See `Machine.open_file`: the name itself must be no link; a link or junction on the way is passed when its
        owner is the system or the administrators, as for a folder that was moved to another disk.
        """
        literal = self._literal(path)
        if literal is None:
            return Unseen(Reason.MALFORMED, path)
        # Before anything else: to look through a link can already send our password's hash to somebody's server.
        found = links(literal)
        if (link := refused_link(literal, found)) is not None:
            return LinkRefused(Reason.NOT_A_FILE, path, link.removeprefix("\\\\?\\"))
        status = self._status(path)
        if isinstance(status, Absent | Unseen):
            return status
        if not stat.S_ISREG(status.st_mode):
            return Unseen(Reason.NOT_A_FILE, path)
        return _carefully_opened(path, literal, found)

    def find_files(self, pattern: str) -> tuple[FileInfo, ...] | Unseen:
        """See `Machine.find_files`."""
        parts = split_path(pattern, Platform.WINDOWS)
        if parts is None:
            return Unseen(Reason.MALFORMED, pattern)
        share = parts[0].upper() == "UNC"
        root_length = 3 if share else 1
        root = "\\\\" + "\\".join(parts[1:3]) + "\\" if share else f"{parts[0]}:\\"
        file_system = FileSystem(
            "\\", str.lower, self.file_info, lambda path: self._literal(path) or path, not_readable
        )
        return search(file_system, root, parts[root_length:], pattern)

    def _status(self, path: str) -> os.stat_result | Absent | Unseen:
        literal = self._literal(path)
        if literal is None:
            return Unseen(Reason.MALFORMED, path)
        try:
            return os.stat(literal)  # noqa: PTH116  Path() would tidy up what must stay literal
        except OSError as error:
            found = not_readable(path, error)
            # An elevated process does not see the drives that its user has mapped.
            lost = isinstance(found, Absent) and _no_such_drive(literal)
            return Unseen(Reason.FAILED, path, words(error)) if lost else found
        except ValueError as error:
            return Unseen(Reason.MALFORMED, path, str(error))

    def _literal(self, path: str) -> str | None:
        return literal_path(path, self._system_folder)


def _no_such_drive(literal: str) -> bool:
    drive = literal.removeprefix("\\\\?\\")[:3]
    return drive[1:] == ":\\" and library("kernel32").GetDriveTypeW(drive) == _NO_ROOT_FOLDER


def _lies_elsewhere(literal: str) -> bool:
    """Whether reading the file would first fetch it from a cloud or an archive."""
    attributes = library("kernel32").GetFileAttributesW(literal)
    return attributes != _NO_ATTRIBUTES and bool(attributes & _NOT_HERE)


def _open(literal: str) -> int:
    """A descriptor of the C runtime. Raises OSError."""
    kernel32 = library("kernel32")
    handle = function("kernel32", "CreateFileW")(
        literal, _GENERIC_READ, _SHARE_ALL, None, _OPEN_EXISTING, _NO_RECALL, None
    )
    if handle == _NO_HANDLE:
        raise last_error()
    if kernel32.GetFileType(ctypes.c_void_p(handle)) != _TYPE_DISK:
        kernel32.CloseHandle(ctypes.c_void_p(handle))
        raise ctypes.WinError(50)
    return msvcrt.open_osfhandle(handle, os.O_RDONLY | os.O_BINARY)


def _read(path: str, descriptor: int, limit: int) -> FileContent:
    status = os.fstat(descriptor)
    offset = max(0, status.st_size - limit)
    os.lseek(descriptor, offset, os.SEEK_SET)
    data = bytearray()
    # Not further than the size that was told first: the file may grow faster than we read.
    while missing := status.st_size - offset - len(data):
        chunk = os.read(descriptor, min(_CHUNK, missing))
        if not chunk:
            break
        data += chunk
    return FileContent(path, bytes(data), offset + len(data), offset, _modified(status))


def _carefully_opened(path: str, literal: str, passed: tuple[str, ...]) -> FileReader | Absent | Unseen:
    """`passed` are the links on the way that may be passed."""
    if _lies_elsewhere(literal):
        return Unseen(Reason.FAILED, path, "not on this disk")
    try:
        descriptor = _open(literal)
    except OSError as error:
        return _not_open(path, error)
    try:
        if lies_there(msvcrt.get_osfhandle(descriptor), literal, passed):
            return DescriptorReader(path, descriptor, lambda error: _seen_no_more(path, error), read_at=_read_at)
    except OSError as error:
        os.close(descriptor)
        return _not_open(path, error)
    os.close(descriptor)
    return LinkRefused(Reason.NOT_A_FILE, path, path)


class _Overlapped(ctypes.Structure):
    """Where a read begins; a handle that waits for its reads takes it too."""

    _fields_ = (
        ("internal", ctypes.c_size_t),
        ("internal_high", ctypes.c_size_t),
        ("offset", ctypes.c_uint32),
        ("offset_high", ctypes.c_uint32),
        ("event", ctypes.c_void_p),
    )


def _read_at(descriptor: int, count: int, offset: int) -> bytes:
    """As `os.pread`. Not through the C runtime, which cannot tell a locked range from a file that is denied."""
    buffer = ctypes.create_string_buffer(count)
    got = ctypes.c_uint32()
    where = _Overlapped(offset=offset & 0xFFFFFFFF, offset_high=offset >> 32)
    handle = ctypes.c_void_p(msvcrt.get_osfhandle(descriptor))
    if library("kernel32").ReadFile(handle, buffer, count, ctypes.byref(got), ctypes.byref(where)):
        return ctypes.string_at(buffer, got.value)
    error = last_error()
    if error.winerror == _END_OF_FILE:
        return b""
    raise error


def _not_open(path: str, error: OSError) -> Absent | Unseen:
    if code_of(error) in _IN_USE:
        return LockedFile(Reason.DENIED, path, words(error))
    return not_readable(path, error)


def _seen_no_more(path: str, error: OSError) -> Unseen:
    """What an error means for a file that was open already: it cannot be absent."""
    found = _not_open(path, error)
    return found if isinstance(found, Unseen) else Unseen(Reason.FAILED, path, words(error))


def _modified(status: os.stat_result) -> datetime | None:
    try:
        return datetime.fromtimestamp(status.st_mtime, UTC)
    except (ValueError, OverflowError, OSError):
        return None
