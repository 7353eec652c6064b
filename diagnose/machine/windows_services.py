"""Services of Windows: their state from the service manager, their settings from the registry.

An agent that defends itself may forbid everybody to ask for the state of its service. Windows then leaves the service
out of its list without a word; the registry still knows it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import wintypes

from diagnose.machine.values import Absent, RegistryData, RegistryKey, Service, Unseen
from diagnose.machine.windows_api import function, last_error, library
from diagnose.machine.windows_errors import reason_of, words

ReadKey = Callable[[str], RegistryKey | Absent | Unseen]

_WHERE = "services"
_SETTINGS = r"HKLM\SYSTEM\CurrentControlSet\Services"
_CONNECT_AND_ENUMERATE = 0x1 | 0x4
_QUERY_STATUS, _ACCESS_DENIED = 0x4, 5
_WIN32_SERVICES, _ALL_STATES, _PROCESS_INFO = 0x30, 3, 0
_MORE_DATA = 234
_STATES = {
    1: "stopped",
    2: "start_pending",
    3: "stop_pending",
    4: "running",
    5: "start_pending",  # continuing after a pause
    6: "paused",
    7: "paused",
}
_STARTS = {2: "automatic", 3: "manual", 4: "disabled"}
_NO_FAILURE = frozenset({0, 1077})  # 1077: it was never started since the system was


class _Status(ctypes.Structure):
    """ENUM_SERVICE_STATUS_PROCESSW."""

    _fields_ = (
        ("name", wintypes.LPWSTR),
        ("display_name", wintypes.LPWSTR),
        ("kind", wintypes.DWORD),
        ("state", wintypes.DWORD),
        ("accepted", wintypes.DWORD),
        ("exit_code", wintypes.DWORD),
        ("own_exit_code", wintypes.DWORD),
        ("checkpoint", wintypes.DWORD),
        ("wait_hint", wintypes.DWORD),
        ("pid", wintypes.DWORD),
        ("flags", wintypes.DWORD),
    )


def services(read: ReadKey) -> tuple[Service, ...] | Unseen:
    """All services that are programs (no drivers), sorted by name.

    `failed`: it stopped with an error. `unknown`: there is such a service, and it does not let itself be asked.
    """
    try:
        with _service_manager() as manager:
            listed = list(_enumerate(manager))
            hidden = _hidden(manager, {status[0].lower() for status in listed}, read)
            found = [_service(status, read) for status in (*listed, *hidden)]
    except OSError as error:
        return Unseen(reason_of(error.winerror or 0), _WHERE, words(error))
    return tuple(sorted(found, key=lambda service: service.name.lower()))


@contextmanager
def _service_manager() -> Iterator[ctypes.c_void_p]:
    handle = function("advapi32", "OpenSCManagerW")(None, None, _CONNECT_AND_ENUMERATE)
    if not handle:
        raise last_error()
    manager = ctypes.c_void_p(handle)
    try:
        yield manager
    finally:
        library("advapi32").CloseServiceHandle(manager)


def _enumerate(manager: ctypes.c_void_p) -> Iterator[tuple[str, str, int, int]]:
    """Name, display name, state, exit code. The list comes in parts of at most 256 KiB."""
    enumerate_services = library("advapi32").EnumServicesStatusExW
    buffer = ctypes.create_string_buffer(256 * 1024)
    needed, count, resume = wintypes.DWORD(), wintypes.DWORD(), wintypes.DWORD(0)
    while True:
        done = enumerate_services(
            manager, _PROCESS_INFO, _WIN32_SERVICES, _ALL_STATES, buffer, len(buffer),
            ctypes.byref(needed), ctypes.byref(count), ctypes.byref(resume), None,
        )  # fmt: skip
        error = last_error()
        if not done and error.winerror != _MORE_DATA:
            raise error
        for status in (_Status * count.value).from_buffer(buffer):
            # The display name may be missing altogether.
            yield status.name or "", status.display_name or "", status.state, status.exit_code
        if done or not count.value:
            return


def _hidden(manager: ctypes.c_void_p, listed: set[str], read: ReadKey) -> Iterator[tuple[str, str, int, int]]:
    """Services that are left out of the list because asking for their state is denied."""
    known = read(_SETTINGS)
    for name in known.subkeys if isinstance(known, RegistryKey) else ():
        if name.lower() in listed or not _denied(manager, name):
            continue
        kind = _settings(read, name).get("type")
        if isinstance(kind, int) and kind & _WIN32_SERVICES:
            yield name, "", 0, 0


def _denied(manager: ctypes.c_void_p, name: str) -> bool:
    handle = function("advapi32", "OpenServiceW")(manager, ctypes.c_wchar_p(name), _QUERY_STATUS)
    if handle:
        library("advapi32").CloseServiceHandle(ctypes.c_void_p(handle))
        return False
    return last_error().winerror == _ACCESS_DENIED


def _settings(read: ReadKey, name: str) -> dict[str, RegistryData]:
    """By lower-case name."""
    key = read(f"{_SETTINGS}\\{name}")
    return {value.lower(): held.data for value, held in key.values.items()} if isinstance(key, RegistryKey) else {}


def _service(status: tuple[str, str, int, int], read: ReadKey) -> Service:
    name, display_name, state, exit_code = status
    settings = _settings(read, name)
    word = _STATES.get(state, "unknown")
    if word == "stopped" and exit_code not in _NO_FAILURE:
        word = "failed"
    start = _start(settings.get("start"), settings.get("delayedautostart"))
    return Service(name, word, start, display_name, _text(settings.get("imagepath")))


def _start(start: RegistryData | None, delayed: RegistryData | None) -> str:
    word = _STARTS.get(start, "unknown") if isinstance(start, int) else "unknown"
    return "delayed" if word == "automatic" and delayed == 1 else word


def _text(data: RegistryData | None) -> str:
    return data if isinstance(data, str) else ""
