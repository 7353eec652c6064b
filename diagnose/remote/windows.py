"""The way to a Windows with OpenSSH's server: files go by sftp, and two fixed lines start the program and remove it.

The lines mean the same to cmd and to PowerShell, whichever is the host's default shell: one quoted argument of
`cmd.exe /d /c`, without a character that PowerShell looks at. They hold nothing but a name that we made up. Paths are
below the folder in which both sftp and the shell begin, that of the account.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from pathlib import Path

import msgspec

from diagnose.remote.order import ANSWER, BUNDLE, MAP, Order
from diagnose.remote.outcomes import Reason, RemoteError
from diagnose.remote.processes import BLOCK, Talk, end, started, watch_size
from diagnose.remote.program import Program
from diagnose.remote.ssh import SshLog, sftp_argv, ssh_argv, ssh_environment
from diagnose.remote.work import LARGEST_ANSWER, LARGEST_BUNDLE, LARGEST_MAP, Phase, Received, Task, Traces

PREFIX = "diagnose-remote-"
_LATER_S = 60.0
"""For starting cmd, unpacking, and a scanner that looks at 900 new files."""
_SLOWEST = 100_000
"""Bytes a second, of a line that is worth waiting for."""
_STILL_THERE = 9
_LATE = 124
_MOST_OUTPUT = 1_000_000
_PYTHON = r"diagnose\runtime\python.exe -I -B -X utf8 -m diagnose.commands.remote_target ."


def run_line(name: str) -> str:
    """Unpacks by the tar of Windows 10 1803 and newer, else by PowerShell; ends with the program's exit code."""
    unpack = (
        r"(%SystemRoot%\System32\tar.exe -xf program.zip"
        r" || powershell.exe -NoProfile -NonInteractive -Command Expand-Archive program.zip .)"
    )
    return f'cmd.exe /d /c "cd {name} && {unpack} && {_PYTHON}"'


def remove_line(name: str) -> str:
    # What rmdir itself says of a folder that was never there is no answer.
    return f'cmd.exe /d /c "rmdir /s /q {name} & (if exist {name} exit {_STILL_THERE}) & exit 0"'


def put_batch(name: str) -> str:
    """Commands for sftp; the files are in its working folder."""
    return f"mkdir {name}\nput program.zip {name}/program.zip\nput order.json {name}/order.json\n"


def get_batch(name: str, file: str) -> str:
    return f"get {name}/{file} {file}\n"


async def work_on_windows(task: Task, traces: Traces) -> Received:
    """Raises RemoteError and OSError. However it ends, `traces` knows what may still be over there."""
    program = task.programs.windows()
    if program is None:
        raise RemoteError(Reason.NO_PROGRAM, "Windows")
    way = _Way(task, PREFIX + secrets.token_hex(8))
    try:
        traces.left = way.name
        return await way.there_and_back(program)
    finally:
        # Also when we are told to stop.
        with contextlib.suppress(RemoteError, OSError):
            if await way.remove():
                traces.left = ""


class _Way:
    def __init__(self, task: Task, name: str) -> None:
        self._task = task
        self.name = name

    async def there_and_back(self, program: Program) -> Received:
        task = self._task
        task.phase(Phase.SENDING)
        _lay_out(task.folder, program.path, task.order)
        await self._sftp(put_batch(self.name), program.size / _SLOWEST)
        task.phase(Phase.RUNNING)
        code, tail = await self._ssh(run_line(self.name), task.order.deadline_s + _LATER_S)
        task.phase(Phase.FETCHING)
        try:
            answer = await self._get(ANSWER, LARGEST_ANSWER)
        except RemoteError as error:
            if error.reason is Reason.DROPPED:
                raise RemoteError(Reason.LATE if code == _LATE else Reason.CRASHED, tail) from None
            raise
        if task.order.bundle is None:
            return Received(answer, None, None)
        with contextlib.suppress(RemoteError):
            return Received(answer, await self._get(BUNDLE, LARGEST_BUNDLE), await self._get(MAP, LARGEST_MAP))
        return Received(answer, None, None)

    async def remove(self) -> bool:
        """Whether it is gone."""
        self._task.phase(Phase.REMOVING)
        code, _ = await self._ssh(remove_line(self.name), self._task.limits.remove_s)
        return code == 0

    async def _get(self, file: str, limit: int) -> Path:
        """DROPPED when it is not there or does not come whole; TOO_LARGE."""
        path = self._task.folder / file
        await self._sftp(get_batch(self.name, file), limit / _SLOWEST, growing=path, limit=limit)
        return path

    async def _ssh(self, line: str, timeout_s: float) -> tuple[int, str]:
        """The line's exit code and the last thing that was said. Raises RemoteError: no connection, or late."""
        log_file = self._task.folder / f"ssh-{secrets.token_hex(4)}.log"
        argv = ssh_argv(self._task.settings, self._task.host, log_file, line)
        code, tail = await self._bounded(argv, b"", timeout_s, log_file)
        log = SshLog.read(log_file)
        if not log.got_in:
            raise log.why_not_in(tail)
        if code == 255:
            raise RemoteError(Reason.DROPPED, tail)
        return code, tail

    async def _sftp(
        self, batch: str, timeout_s: float, growing: Path | None = None, limit: int = LARGEST_ANSWER
    ) -> None:
        argv = sftp_argv(self._task.settings, self._task.host)
        watched = growing or self._task.folder / "nothing"
        limits = self._task.limits
        code, tail = await self._bounded(argv, batch.encode(), timeout_s + limits.stall_s, watched, limit)
        if code != 0:
            raise RemoteError(Reason.DROPPED, tail)

    async def _bounded(
        self, argv: list[str], data: bytes, timeout_s: float, watched: Path, limit: int | None = None
    ) -> tuple[int, str]:
        """Exit code and last line of stderr of a program that ends itself, is late (LATE), or floods (TOO_LARGE)."""
        async with started(argv, ssh_environment(self._task.settings), self._task.folder) as process:
            if process.stdin is None or process.stdout is None or process.stderr is None:
                raise ValueError("a process without pipes")
            process.stdin.write(data)
            process.stdin.close()
            talk = Talk(process.stderr, lambda line: self._task.teller.said(self._task.host, line))
            watch = watch_size(watched) if limit is None else watch_size(watched, limit)
            guards = [asyncio.create_task(one) for one in (watch, talk.flooded.wait(), _flood(process.stdout))]
            listener = asyncio.create_task(talk.listen())
            ended = asyncio.create_task(process.wait())
            try:
                done, _ = await asyncio.wait([ended, *guards], timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
                if not done:
                    raise RemoteError(Reason.LATE)
                if ended not in done:
                    raise RemoteError(Reason.TOO_LARGE)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(listener, 1)
                return ended.result(), talk.tail
            finally:
                end(process)
                for one in (*guards, listener, ended):
                    one.cancel()


async def _flood(stream: asyncio.StreamReader) -> None:
    """Reads to the end, and returns only when there was more than anybody has to say."""
    size = 0
    while block := await stream.read(BLOCK):
        size += len(block)
        if size > _MOST_OUTPUT:
            return
    await asyncio.Event().wait()


def _lay_out(folder: Path, program: Path, order: Order) -> None:
    """What sftp puts there, in the folder in which it starts: so no path of ours has to be quoted for it."""
    (folder / "order.json").write_bytes(msgspec.json.encode(order))
    target = folder / "program.zip"
    try:
        target.hardlink_to(program)
    except OSError:
        target.symlink_to(program.absolute())
