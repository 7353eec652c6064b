"""Run a read-only program of Windows: no shell, no input, no window, an end in time, and nothing left running."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from ctypes import wintypes
from pathlib import PureWindowsPath
from typing import IO

from diagnose.machine.values import Absent, CommandResult, Reason, Unseen
from diagnose.machine.windows_api import function, last_error, library
from diagnose.machine.windows_errors import not_readable

OUTPUT_LIMIT = 1024 * 1024
# How long a pipe is still read after the program ended: its children may hold it open for ever.
_AFTERGLOW_S = 1.0
_KILL_WAIT_S = 1.0
_SUSPENDED = 0x4
_KILL_ON_CLOSE = 0x2000
_EXTENDED_LIMITS = 9
_FOLDERS = ("", "Wbem", r"WindowsPowerShell\v1.0", "OpenSSH")
"""Where Windows keeps its own programs, below its system folder."""
_LARGEST_EXIT_CODE = 0x7FFFFFFF
# What vendors' tools need to find their own files; everything else of our environment stays with us.
_HANDED_ON = frozenset(
    {
        "ALLUSERSPROFILE", "APPDATA", "COMMONPROGRAMFILES", "COMMONPROGRAMFILES(X86)", "COMMONPROGRAMW6432",
        "COMPUTERNAME", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "NUMBER_OF_PROCESSORS", "OS", "PATHEXT",
        "PROCESSOR_ARCHITECTURE", "PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMW6432", "SYSTEMDRIVE",
        "SYSTEMROOT", "TEMP", "TMP", "USERDOMAIN", "USERNAME", "USERPROFILE", "WINDIR",
    }
)  # fmt: skip


def run(
    argv: Sequence[str], timeout_s: float, environ: Mapping[str, str], system_folder: str
) -> CommandResult | Absent | Unseen:
    """The result of `argv`, with at most OUTPUT_LIMIT bytes of each output stream; the rest is thrown away.

    A bare program name means one of Windows itself, in `system_folder` (its `System32` or, for a 32-bit process,
    `Sysnative`), never one in the current folder or on the PATH. Only .exe and .com run: Windows hands a .cmd or .bat
    to its shell. After `timeout_s` seconds the program and all that it started are killed.
    """
    where = " ".join(argv)
    program = _program(argv[0], system_folder) if argv else None
    if program is None or any("\0" in word for word in argv):
        return Unseen(Reason.MALFORMED, where)
    try:
        with (
            _job() as job,
            _Process([program, *argv[1:]], _environment(environ, system_folder), system_folder, job) as ran,
        ):
            ended = ran.wait(timeout_s)
            if not ended:
                return Unseen(Reason.TIMED_OUT, where)
            return CommandResult(tuple(argv), ran.exit_code, ran.output(0), ran.output(1))
    except OSError as error:
        found = not_readable(where, error)
        return Absent(argv[0]) if isinstance(found, Absent) else found


def _program(name: str, system_folder: str) -> str | None:
    """The full path; None for what is neither a bare name nor an absolute path, or is no program."""
    path = PureWindowsPath(name)
    if path.suffix.lower() not in ("", ".exe", ".com"):
        return None
    bare = len(path.parts) == 1 and not path.drive
    if not bare and not path.is_absolute():
        return None
    program = path if path.suffix else path.with_name(path.name + ".exe")
    if not bare:
        return str(program)
    places = [PureWindowsPath(system_folder, folder, program) for folder in _FOLDERS]
    return next((str(place) for place in places if os.path.isfile(place)), str(places[0]))  # noqa: PTH113


def _environment(environ: Mapping[str, str], system_folder: str) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if name.upper() in _HANDED_ON}
    return kept | {"PATH": ";".join(str(PureWindowsPath(system_folder, folder)) for folder in _FOLDERS)}


@contextmanager
def _job() -> Iterator[int]:
    """A job object; when it is closed, Windows ends every process in it, and those that they started."""
    kernel32 = library("kernel32")
    handle = function("kernel32", "CreateJobObjectW")(None, None)
    if not handle:
        raise last_error()
    try:
        limits = _ExtendedLimits()
        limits.basic.flags = _KILL_ON_CLOSE
        if not kernel32.SetInformationJobObject(
            ctypes.c_void_p(handle), _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
        ):
            raise last_error()
        yield handle
    finally:
        kernel32.CloseHandle(ctypes.c_void_p(handle))


class _BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", wintypes.DWORD),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("most_processes", wintypes.DWORD),
        ("affinity", ctypes.c_size_t),
        ("priority", wintypes.DWORD),
        ("scheduling", wintypes.DWORD),
    )


class _ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("basic", _BasicLimits),
        ("io", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


class _Process:
    """One program in a job, its two output pipes read by a thread each: pipes of Windows cannot be waited for."""

    def __init__(self, argv: list[str], environ: Mapping[str, str], folder: str, job: int) -> None:
        self._process = subprocess.Popen(  # noqa: S603  an argument list from our own rules, never a shell
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=dict(environ),
            # It waits until it is in the job, so that nothing that it starts can be outside.
            creationflags=_SUSPENDED | subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP,
        )
        self._readers: list[_Reader] = []
        self._job = job

    def __enter__(self) -> _Process:
        try:
            self._readers = [_Reader(stream) for stream in (self._process.stdout, self._process.stderr) if stream]
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        # Pipes that are still open belong to children that outlived the program.
        library("kernel32").TerminateJobObject(ctypes.c_void_p(self._job), 1)
        with contextlib.suppress(OSError):
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_KILL_WAIT_S)
        for reader in self._readers:
            reader.close()

    @property
    def exit_code(self) -> int:
        """As programs mean it: 0xFFFFFFFF is -1."""
        code = self._process.returncode
        return code - (1 << 32) if code > _LARGEST_EXIT_CODE else code

    def output(self, stream: int) -> bytes:
        return bytes(self._readers[stream].data)

    def wait(self, timeout_s: float) -> bool:
        """False when it still runs after `timeout_s` seconds."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        last = time.monotonic() + _AFTERGLOW_S
        for reader in self._readers:
            reader.thread.join(max(0.0, last - time.monotonic()))
        return True

    def _start(self) -> None:
        import psutil

        handle = ctypes.c_void_p(int(self._process._handle))  # type: ignore[attr-defined]
        if not library("kernel32").AssignProcessToJobObject(ctypes.c_void_p(self._job), handle):
            raise last_error()
        try:
            psutil.Process(self._process.pid).resume()
        except psutil.Error as error:
            raise OSError(str(error)) from error


class _Reader:
    """Reads one pipe until its end in a thread that keeps nobody from leaving."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.data = bytearray()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def close(self) -> None:
        """Closing under a reader that still waits would wait with it; then the end of the process closes the pipe."""
        self.thread.join(_AFTERGLOW_S)
        if not self.thread.is_alive():
            self._stream.close()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while chunk := self._stream.read1(1 << 16):  # type: ignore[attr-defined]
                self.data += chunk[: OUTPUT_LIMIT - len(self.data)]
