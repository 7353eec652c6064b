"""What the console of Windows can show; elsewhere every terminal counts as one that can."""

from __future__ import annotations

import locale
import sys

_OUTPUT = -11
_VIRTUAL_TERMINAL = 0x0004
_EAST_ASIAN_CODE_PAGES = frozenset({932, 936, 949, 950})


def takes_escapes() -> bool:
    """Whether the console draws what escape sequences say; the old console of Windows ("legacy console") does not."""
    if sys.platform != "win32":
        return True
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.GetStdHandle.restype = ctypes.c_void_p
    kernel.GetConsoleMode.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_uint32)]
    kernel.SetConsoleMode.argtypes = [ctypes.c_void_p, ctypes.c_uint32]
    handle, mode = kernel.GetStdHandle(_OUTPUT), ctypes.c_uint32()
    if not kernel.GetConsoleMode(handle, ctypes.byref(mode)):
        return False
    if not kernel.SetConsoleMode(handle, mode.value | _VIRTUAL_TERMINAL):
        return False
    kernel.SetConsoleMode(handle, mode.value)
    return True


def looks_wide() -> bool:
    """Whether signs such as a box line may be drawn two cells wide here: fonts of East Asian consoles do that.

    Windows Terminal never does, but it cannot always be told; plain characters are readable everywhere, so in doubt
    they are taken.
    """
    if sys.platform != "win32":
        return (locale.getlocale()[1] or "").lower() in {"cp932", "eucjp", "sjis"}
    import ctypes
    import os

    if os.environ.get("WT_SESSION"):
        return False
    return int(ctypes.WinDLL("kernel32").GetConsoleOutputCP()) in _EAST_ASIAN_CODE_PAGES or (
        int(ctypes.WinDLL("kernel32").GetOEMCP()) in _EAST_ASIAN_CODE_PAGES
    )
