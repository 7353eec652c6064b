"""Links and junctions on the way to a file: which are passed, and proof that a file was reached by no other.

Anybody can make a junction in a folder that they can write to, and log folders often are such. Whoever collects with
more rights must not be led to the files of somebody else, so a link is passed only when its owner is the system.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable

from diagnose.machine.file_patterns import split_path
from diagnose.machine.values import Platform
from diagnose.machine.windows_api import function, last_error, library

_LEADS_ELSEWHERE = 0x20000000
"""In a reparse tag: the name stands for another one, as links, junctions and mounted volumes do."""
_READ_CONTROL = 0x20000
_SHARE_ALL = 0x1 | 0x2 | 0x4
_OPEN_EXISTING = 3
_THE_LINK_ITSELF = 0x02000000 | 0x00200000
_NO_HANDLE = ctypes.c_void_p(-1).value
_FILE_OBJECT, _OWNER = 1, 1
_WITHOUT_DRIVE = 0x4
_NAME_INFO = 2
_LONGEST = 32_768
_SYSTEM = frozenset(
    {
        "S-1-5-18",
        "S-1-5-32-544",
        "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",  # TrustedInstaller
    }
)


def links(literal: str) -> tuple[str, ...]:
    """Every link in a path of the form `\\\\?\\...`, as paths, from the top; what cannot be looked at is none."""
    found = []
    above = literal
    while True:
        if _is_link(above):
            found.append(above)
        above, _, name = above.rpartition("\\")
        # `\\?\C:` is a drive; `\\?\UNC\server\share` is where a share begins.
        if not name or _depth(above) < 1:
            return tuple(reversed(found))


def refused_link(literal: str, found: tuple[str, ...]) -> str | None:
    """The first of these links that must not be passed: the name itself, or one that the system does not own."""
    return next((link for link in found if link == literal or _owner(link) not in _SYSTEM), None)


def lies_there(handle: int, literal: str, passed: tuple[str, ...]) -> bool:
    """Whether an open file is the one below the last of the links that were passed. Raises OSError.

    Told by the file itself, so that nobody can exchange a folder for a link between our looking and our opening.
    """
    long = _text(lambda buffer, size: library("kernel32").GetLongPathNameW(literal, buffer, size)) or literal
    above = len(_parts(passed[-1])) if passed else 0
    real = _folded(_real_path(handle).split("\\"))
    tails = (_parts(path)[above:] for path in (long, literal))
    return any(real[-len(tail) :] == tail for tail in tails)


def _real_path(handle: int) -> str:
    """Without the drive. Raises OSError."""
    ask = library("kernel32").GetFinalPathNameByHandleW
    if real := _text(lambda buffer, size: ask(ctypes.c_void_p(handle), buffer, size, _WITHOUT_DRIVE)):
        return real
    # Some file systems cannot say it in the normal form; this is the name by which the file was opened.
    name = _Name()
    if not library("kernel32").GetFileInformationByHandleEx(
        ctypes.c_void_p(handle), _NAME_INFO, ctypes.byref(name), ctypes.sizeof(name)
    ):
        raise last_error()
    return str(name.text)[: name.length // 2]


class _Name(ctypes.Structure):
    """FILE_NAME_INFO; the length is in bytes."""

    _fields_ = (("length", ctypes.c_uint32), ("text", ctypes.c_wchar * _LONGEST))


def _is_link(literal: str) -> bool:
    try:
        return bool(os.lstat(literal).st_reparse_tag & _LEADS_ELSEWHERE)
    except (OSError, ValueError):
        return False


def _owner(literal: str) -> str:
    """The owner of the link itself as a SID; empty when it cannot be told."""
    handle = function("kernel32", "CreateFileW")(
        literal, _READ_CONTROL, _SHARE_ALL, None, _OPEN_EXISTING, _THE_LINK_ITSELF, None
    )
    if handle == _NO_HANDLE:
        return ""
    owner, descriptor, text = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_wchar_p()
    try:
        found = ctypes.byref(owner), None, None, None, ctypes.byref(descriptor)
        failed = library("advapi32").GetSecurityInfo(ctypes.c_void_p(handle), _FILE_OBJECT, _OWNER, *found)
        if failed or not library("advapi32").ConvertSidToStringSidW(owner, ctypes.byref(text)):
            return ""
        return text.value or ""
    finally:
        library("kernel32").CloseHandle(ctypes.c_void_p(handle))
        for memory in (descriptor, text):
            library("kernel32").LocalFree(memory)


def _depth(literal: str) -> int:
    """Components below the drive or the share."""
    return len(_parts(literal))


def _parts(literal: str) -> tuple[str, ...]:
    parts = split_path(literal, Platform.WINDOWS) or ()
    return _folded(parts[3 if parts and parts[0].upper() == "UNC" else 1 :])


def _folded(parts: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    # What a 32-bit process calls Sysnative is called System32 by the file itself.
    return tuple("system32" if part.lower() == "sysnative" else part.lower() for part in parts)


def _text(call: Callable[[ctypes.Array[ctypes.c_wchar], int], int]) -> str:
    """What a call wrote that gives the length; empty when it failed."""
    buffer = ctypes.create_unicode_buffer(_LONGEST)
    length = call(buffer, _LONGEST)
    return buffer.value if 0 < length < _LONGEST else ""
