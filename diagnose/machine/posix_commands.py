"""Run a read-only program: no shell, no input, no environment of ours, an end in time, and nothing left running."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

from diagnose.machine.values import Absent, CommandResult, Reason, Unseen

OUTPUT_LIMIT = 1024 * 1024
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# How long a pipe is still read after the program ended: its children may hold it open for ever.
_AFTERGLOW_S = 0.2
_TICK_S = 0.05
_KILL_WAIT_S = 1.0


def run(argv: Sequence[str], timeout_s: float, environ: Mapping[str, str]) -> CommandResult | Absent | Unseen:
    """The result of `argv`, with at most OUTPUT_LIMIT bytes of each output stream; the rest is thrown away.

    Of `environ` only PATH is handed on. After `timeout_s` seconds the program and its process group are killed.
    """
    where = " ".join(argv)
    try:
        process = subprocess.Popen(  # noqa: S603  an argument list from our own rules, never a shell
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env={"PATH": environ.get("PATH", _DEFAULT_PATH), "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
    except (FileNotFoundError, NotADirectoryError):
        return Absent(argv[0])
    except PermissionError as error:
        return Unseen(Reason.DENIED, where, str(error))
    except OSError as error:
        return Unseen(Reason.FAILED, where, str(error))
    except (ValueError, IndexError) as error:
        return Unseen(Reason.MALFORMED, where, str(error))
    with _Pipes(process) as pipes:
        ended = pipes.read_until_ended(time.monotonic() + timeout_s)
    if not ended:
        return Unseen(Reason.TIMED_OUT, where)
    return CommandResult(tuple(argv), process.returncode, bytes(pipes.output[0]), bytes(pipes.output[1]))


class _Pipes:
    """Both output pipes of one process, read by one loop, so that no reader can be left behind in a blocked read."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._selector = selectors.DefaultSelector()
        self._streams = [stream for stream in (process.stdout, process.stderr) if stream is not None]
        self.output = [bytearray() for _ in self._streams]

    def __enter__(self) -> _Pipes:
        for position, stream in enumerate(self._streams):
            self._selector.register(stream.fileno(), selectors.EVENT_READ, position)
        return self

    def __exit__(self, *_: object) -> None:
        # Still open pipes belong to children that outlived the program.
        if self._process.poll() is None or self._selector.get_map():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        # A process that hangs in the kernel cannot be killed; it is not ours to wait for.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_KILL_WAIT_S)
        self._selector.close()
        for stream in self._streams:
            stream.close()

    def read_until_ended(self, deadline: float) -> bool:
        """False when the process still runs at `deadline` (monotonic seconds)."""
        while self._process.poll() is None:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return False
            self._wait(min(remaining, _TICK_S))
        last = min(deadline, time.monotonic() + _AFTERGLOW_S)
        while self._selector.get_map() and (remaining := last - time.monotonic()) > 0:
            self._wait(remaining)
        return True

    def _wait(self, timeout_s: float) -> None:
        if not self._selector.get_map():
            # Nothing is left to read, so only the end of the process can happen.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout_s)
            return
        for key, _ in self._selector.select(timeout_s):
            chunk = os.read(key.fd, 1 << 16)
            if not chunk:
                self._selector.unregister(key.fd)
            output = self.output[key.data]
            output += chunk[: OUTPUT_LIMIT - len(output)]
