"""Registry keys of this computer, byte by byte, so that a live value reads exactly as a recorded one does.

Python's own `winreg` interprets values while it reads them and trusts their lengths; software that is broken writes
numbers of three bytes and text without an end.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import wintypes

from diagnose.machine.registry_data import from_bytes
from diagnose.machine.registry_paths import in_view, normalise_key, value_where
from diagnose.machine.registry_tree import sorted_names
from diagnose.machine.values import Absent, Reason, RegistryKey, RegistryValue, Unseen, View
from diagnose.machine.windows_api import library
from diagnose.machine.windows_errors import not_readable

LARGEST_VALUE = 16 * 1024 * 1024
"""Bytes; a key that holds a larger value is not looked at."""
MOST_ITEMS = 100_000
# Handles that the system knows by number; as 32-bit numbers they are negative.
_ROOTS = {"HKCR": -0x80000000, "HKCU": -0x7FFFFFFF, "HKLM": -0x7FFFFFFE, "HKU": -0x7FFFFFFD, "HKCC": -0x7FFFFFFB}
_READ, _64, _32 = 0x20019, 0x0100, 0x0200
_MORE_DATA, _NO_MORE_ITEMS = 234, 259
_LONGEST_KEY_NAME, _LONGEST_VALUE_NAME = 256, 16_384


def registry_key(key: str, view: View, architecture: str | None) -> RegistryKey | Absent | Unseen:
    """See `Machine.registry_key`; the place in the answer is the key behind the view."""
    where = in_view(key, view, architecture)
    hive, _, path = normalise_key(key).partition("\\")
    if hive not in _ROOTS or "\0" in path:
        return Unseen(Reason.MALFORMED, where)
    try:
        with _open(_ROOTS[hive], path, _READ | (_32 if view is View.BITS_32 else _64)) as handle:
            return RegistryKey(where, dict(_values(handle, where)), sorted_names(_subkeys(handle)))
    except _TooLargeError as error:
        return Unseen(Reason.FAILED, where, str(error))
    except OSError as error:
        return not_readable(where, error)


class _TooLargeError(Exception):
    pass


@contextmanager
def _open(root: int, path: str, access: int) -> Iterator[ctypes.c_void_p]:
    advapi32 = library("advapi32")
    handle = ctypes.c_void_p()
    _check(advapi32.RegOpenKeyExW(ctypes.c_void_p(root), path, 0, access, ctypes.byref(handle)))
    try:
        yield handle
    finally:
        advapi32.RegCloseKey(handle)


def _subkeys(handle: ctypes.c_void_p) -> Iterator[str]:
    enumerate_key = library("advapi32").RegEnumKeyExW
    name = ctypes.create_unicode_buffer(_LONGEST_KEY_NAME)
    for index in range(MOST_ITEMS):
        length = wintypes.DWORD(_LONGEST_KEY_NAME)
        code = enumerate_key(handle, index, name, ctypes.byref(length), None, None, None, None)
        if code == _NO_MORE_ITEMS:
            return
        _check(code)
        yield ctypes.wstring_at(name, length.value)
    raise _TooLargeError(f"> {MOST_ITEMS}")


def _values(handle: ctypes.c_void_p, where: str) -> Iterator[tuple[str, RegistryValue]]:
    buffer = ctypes.create_string_buffer(4096)
    name = ctypes.create_unicode_buffer(_LONGEST_VALUE_NAME)
    for index in range(MOST_ITEMS):
        code, length, kind, size = _enumerate_value(handle, index, name, buffer)
        while code == _MORE_DATA:
            if size > LARGEST_VALUE:
                raise _TooLargeError(f"{name.value}: {size} bytes")
            # The value may grow between two calls.
            buffer = ctypes.create_string_buffer(max(size, 2 * len(buffer)))
            code, length, kind, size = _enumerate_value(handle, index, name, buffer)
        if code == _NO_MORE_ITEMS:
            return
        _check(code)
        value_name = ctypes.wstring_at(name, length)
        yield value_name, from_bytes(kind, buffer.raw[:size], value_where(where, value_name))
    raise _TooLargeError(f"> {MOST_ITEMS}")


def _enumerate_value(
    handle: ctypes.c_void_p,
    index: int,
    name: ctypes.Array[ctypes.c_wchar],
    buffer: ctypes.Array[ctypes.c_char],
) -> tuple[int, int, int, int]:
    """Error number, characters of the name, type number, bytes of the data."""
    length, kind, size = wintypes.DWORD(len(name)), wintypes.DWORD(), wintypes.DWORD(len(buffer))
    code: int = library("advapi32").RegEnumValueW(
        handle, index, name, ctypes.byref(length), None, ctypes.byref(kind), buffer, ctypes.byref(size)
    )
    return code, length.value, kind.value, size.value


def _check(code: int) -> None:
    if code:
        raise ctypes.WinError(code)
