"""What a Windows computer is and has: registry and Win32 calls, which need no rights and answer at once."""

from __future__ import annotations

import ctypes
import socket
from ctypes import wintypes
from datetime import tzinfo

from diagnose.machine.live_system import MIB, boot_time, nominal_mhz
from diagnose.machine.registry_facts import ReadKey, RegistryFacts
from diagnose.machine.values import Disk, Reason, System, Unseen
from diagnose.machine.windows_api import last_error, library
from diagnose.machine.windows_errors import words

_TOKEN_QUERY, _TOKEN_USER, _TOKEN_ELEVATION = 0x8, 1, 20
_DISKS = frozenset({2, 3, 6})  # removable, fixed, in memory
_NO_DIALOGS = 1
_PROCESSOR_ARCHITECTURES = {0: "x86", 9: "x86_64", 12: "arm64"}
_MACHINES = {0x014C: "x86", 0x8664: "x86_64", 0xAA64: "arm64"}


def system(read: ReadKey, zone: tzinfo | None) -> System:
    """Every field that this computer tells; `zone` is that of the boot time."""
    import psutil

    facts = RegistryFacts(read)
    memory = psutil.virtual_memory()
    return System(
        hostname=socket.gethostname() or facts.hostname(),
        os_name=facts.os_name(),
        os_version=facts.os_version(),
        os_build=facts.build(),
        os_ubr=facts.ubr(),
        os_language=facts.language(),
        os_server=facts.server(),
        architecture=architecture(),
        cores=facts.cores() or psutil.cpu_count(),
        mhz=facts.mhz() or nominal_mhz(),
        memory_total_mb=memory.total // MIB,
        memory_available_mb=memory.available // MIB,
        boot_time=boot_time(zone),
        elevated=elevated(),
    )


class _SystemInfo(ctypes.Structure):
    """SYSTEM_INFO."""

    _fields_ = (
        ("architecture", wintypes.WORD),
        ("reserved", wintypes.WORD),
        ("page_size", wintypes.DWORD),
        ("lowest_address", ctypes.c_void_p),
        ("highest_address", ctypes.c_void_p),
        ("processors", ctypes.c_size_t),
        ("count", wintypes.DWORD),
        ("kind", wintypes.DWORD),
        ("granularity", wintypes.DWORD),
        ("level", wintypes.WORD),
        ("revision", wintypes.WORD),
    )


def architecture() -> str | None:
    """Of the system, not of this process: x86, x86_64 or arm64."""
    kernel32 = library("kernel32")
    # To a process that it emulates, Windows on ARM tells the truth by this call alone; it came with Windows 10.
    if hasattr(kernel32, "IsWow64Process2"):
        kernel32.GetCurrentProcess.restype = ctypes.c_void_p
        process, own, native = ctypes.c_void_p(kernel32.GetCurrentProcess()), wintypes.USHORT(), wintypes.USHORT()
        if kernel32.IsWow64Process2(process, ctypes.byref(own), ctypes.byref(native)) and native.value in _MACHINES:
            return _MACHINES[native.value]
    info = _SystemInfo()
    kernel32.GetNativeSystemInfo(ctypes.byref(info))
    return _PROCESSOR_ARCHITECTURES.get(info.architecture)


def system_folder() -> str:
    """`C:\\Windows\\System32`, as every process calls it. Raises OSError."""
    buffer = ctypes.create_unicode_buffer(1024)
    if not library("kernel32").GetSystemDirectoryW(buffer, len(buffer)):
        raise last_error()
    return buffer.value


def is_redirected() -> bool:
    """Whether this is a 32-bit process on a 64-bit system, which sees other files in System32."""
    return ctypes.sizeof(ctypes.c_void_p) == 4 and architecture() not in (None, "x86")


def elevated() -> bool | None:
    """Whether this process has the full rights of an administrator; None when Windows does not say."""
    raised = wintypes.DWORD()
    size = _token_information(_TOKEN_ELEVATION, raised)
    return bool(raised.value) if size else None


def user_sid() -> str | None:
    """The security identifier of the user of this process, `S-1-5-...`."""
    buffer = ctypes.create_string_buffer(512)
    if not _token_information(_TOKEN_USER, buffer):
        return None
    text = wintypes.LPWSTR()
    sid = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_void_p)).contents
    if not library("advapi32").ConvertSidToStringSidW(sid, ctypes.byref(text)):
        return None
    try:
        return text.value
    finally:
        library("kernel32").LocalFree(text)


def _token_information(kind: int, answer: ctypes.Structure | ctypes.Array[ctypes.c_char] | wintypes.DWORD) -> int:
    """Bytes of the answer; 0 when there is none."""
    kernel32, advapi32 = library("kernel32"), library("advapi32")
    kernel32.GetCurrentProcess.restype = ctypes.c_void_p
    token = ctypes.c_void_p()
    process = ctypes.c_void_p(kernel32.GetCurrentProcess())
    if not advapi32.OpenProcessToken(process, _TOKEN_QUERY, ctypes.byref(token)):
        return 0
    try:
        size = wintypes.DWORD()
        done = advapi32.GetTokenInformation(
            token, kind, ctypes.byref(answer), ctypes.sizeof(answer), ctypes.byref(size)
        )
        return size.value if done else 0
    finally:
        kernel32.CloseHandle(token)


def disks() -> tuple[Disk, ...] | Unseen:
    """Fixed drives and sticks, sorted by path; network drives are left out: asking a dead server would hang."""
    kernel32 = library("kernel32")
    buffer = ctypes.create_unicode_buffer(4 * 26 + 1)
    length = kernel32.GetLogicalDriveStringsW(len(buffer), buffer)
    if not 0 < length < len(buffer):
        return Unseen(Reason.FAILED, "disks", words(last_error()))
    # An empty card reader must not open a window that asks for a card.
    kernel32.SetThreadErrorMode(_NO_DIALOGS, None)
    drives = [
        drive
        for drive in ctypes.wstring_at(buffer, length).split("\0")
        if drive and kernel32.GetDriveTypeW(drive) in _DISKS
    ]
    found = (_disk(drive) for drive in drives)
    return tuple(sorted((disk for disk in found if disk is not None and disk.total_mb), key=lambda disk: disk.path))


def _disk(drive: str) -> Disk | None:
    """None for a drive that is locked, empty or just pulled."""
    total, free = ctypes.c_uint64(), ctypes.c_uint64()
    if not library("kernel32").GetDiskFreeSpaceExW(drive, ctypes.byref(free), ctypes.byref(total), None):
        return None
    return Disk(drive, total.value // MIB, free.value // MIB)
