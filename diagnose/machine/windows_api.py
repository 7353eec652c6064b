"""The system libraries of Windows, through ctypes."""

from __future__ import annotations

import ctypes
import functools

_SEARCH_SYSTEM32 = 0x0800


@functools.cache
def library(name: str) -> ctypes.WinDLL:
    """`name.dll` out of System32, never out of a folder that somebody else can write to. Raises OSError."""
    return ctypes.WinDLL(f"{name}.dll", use_last_error=True, winmode=_SEARCH_SYSTEM32)


def last_error() -> OSError:
    """What the last call of this thread that failed said."""
    return ctypes.WinError(ctypes.get_last_error())
