"""The clipboard of Windows, for consoles that do not pass on what a program copies through the terminal."""

from __future__ import annotations

import sys

_UNICODE_TEXT = 13
_MOVABLE = 2


def copy(text: str) -> bool:
    """Whether Windows has it now; False elsewhere, where only the terminal can copy."""
    if sys.platform != "win32":
        return False
    import ctypes

    user, kernel = ctypes.WinDLL("user32"), ctypes.WinDLL("kernel32")
    kernel.GlobalAlloc.restype = kernel.GlobalLock.restype = ctypes.c_void_p
    kernel.GlobalAlloc.argtypes = [ctypes.c_uint, ctypes.c_size_t]
    kernel.GlobalLock.argtypes = kernel.GlobalUnlock.argtypes = kernel.GlobalFree.argtypes = [ctypes.c_void_p]
    user.SetClipboardData.argtypes = [ctypes.c_uint, ctypes.c_void_p]
    user.SetClipboardData.restype = ctypes.c_void_p
    data = text.encode("utf-16-le") + b"\0\0"
    if not user.OpenClipboard(None):
        return False
    try:
        user.EmptyClipboard()
        memory = kernel.GlobalAlloc(_MOVABLE, len(data))
        place = kernel.GlobalLock(memory) if memory else None
        if not place:
            return False
        ctypes.memmove(place, data, len(data))
        kernel.GlobalUnlock(memory)
        # From here on the memory is Windows'.
        if user.SetClipboardData(_UNICODE_TEXT, memory):
            return True
        kernel.GlobalFree(memory)
        return False
    finally:
        user.CloseClipboard()
