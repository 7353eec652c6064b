"""The system libraries of Windows, through ctypes."""

from __future__ import annotations

import ctypes
import functools

_SEARCH_SYSTEM32 = 0x0800


@functools.cache
def library(name: str) -> ctypes.WinDLL:
    """`name.dll` out of System32, never out of a folder that somebody else can write to. Raises OSError."""
    return ctypes.WinDLL(f"{name}.dll", use_last_error=True, winmode=_SEARCH_SYSTEM32)


def function(library_name: str, name: str) -> ctypes._NamedFuncPointer:
    """A function that gives a handle or a pointer, as an object of its own.

    The library's attribute is shared, and between two threads one could see it before its type is set: a handle of
    64 bits would then come back cut to 32.
    """
    found = library(library_name)[name]
    found.restype = ctypes.c_void_p
    return found


def last_error() -> OSError:
    """What the last call of this thread that failed said."""
    return ctypes.WinError(ctypes.get_last_error())
