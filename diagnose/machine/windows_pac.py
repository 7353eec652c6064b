"""Which proxy a user's script (PAC) chooses for a URL, as Windows itself evaluates it: no JavaScript engine of ours."""

from __future__ import annotations

import ctypes
from ctypes import wintypes

from diagnose.machine.windows_api import function
from diagnose.network.bounded import call_within

_NO_PROXY, _NAMED_PROXY = 1, 3  # WINHTTP_ACCESS_TYPE_*
_CONFIG_URL = 2  # WINHTTP_AUTOPROXY_CONFIG_URL
_STEP_MS = 3000
_SECONDS = 7.0


class _Options(ctypes.Structure):
    """WINHTTP_AUTOPROXY_OPTIONS."""

    _fields_ = (
        ("flags", wintypes.DWORD),
        ("detect_flags", wintypes.DWORD),
        ("script", wintypes.LPCWSTR),
        ("reserved", ctypes.c_void_p),
        ("reserved_too", wintypes.DWORD),
        ("log_on", wintypes.BOOL),
    )


class _Info(ctypes.Structure):
    """WINHTTP_PROXY_INFO."""

    _fields_ = (("access", wintypes.DWORD), ("proxy", ctypes.c_void_p), ("bypass", ctypes.c_void_p))


def proxy_by_script(url: str, script: str) -> str | None:
    """`http://host:port` for `url`; None when the script sends it directly, cannot be had or does not come to an end.

    `script` is its address. Fetches it, without credentials; takes at most about seven seconds.
    """
    try:
        found = call_within(lambda: _ask(url, script), _SECONDS)
    except OSError:
        return None
    first = (found or "").replace(";", " ").split()
    if not first:
        return None
    address = first[0].rpartition("=")[2]
    return address if "://" in address else f"http://{address}"


def _ask(url: str, script: str) -> str | None:
    """What Windows answers: one or more `host:port`, the first to be tried first. Raises OSError without winhttp."""
    session = function("winhttp", "WinHttpOpen")(None, _NO_PROXY, None, None, 0)
    if not session:
        return None
    handle = ctypes.c_void_p(session)
    try:
        function("winhttp", "WinHttpSetTimeouts")(handle, _STEP_MS, _STEP_MS, _STEP_MS, _STEP_MS)
        options = _Options(flags=_CONFIG_URL, script=script, log_on=False)
        info = _Info()
        asked = function("winhttp", "WinHttpGetProxyForUrl")
        asked.restype = wintypes.BOOL
        if not asked(handle, ctypes.c_wchar_p(url), ctypes.byref(options), ctypes.byref(info)):
            return None
        return _taken(info)
    finally:
        function("winhttp", "WinHttpCloseHandle")(handle)


def _taken(info: _Info) -> str | None:
    """The proxy's text; what Windows has allocated for the answer is given back."""
    try:
        named = info.access == _NAMED_PROXY and info.proxy
        return ctypes.wstring_at(info.proxy) if named else None
    finally:
        free = function("kernel32", "GlobalFree")
        for pointer in (info.proxy, info.bypass):
            if pointer:
                free(ctypes.c_void_p(pointer))
