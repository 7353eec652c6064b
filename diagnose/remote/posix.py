"""The way to hosts with a POSIX shell and Python: one connection, over which everything goes in and out.

A fixed line starts the host's own Python, which reads `supervisor.py` from the connection and runs it. Nothing that
anybody typed is ever part of a line that a shell reads. The host removes everything itself when the connection ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from diagnose.remote.frames import FrameReader
from diagnose.remote.order import ANSWER, BUNDLE, MAP
from diagnose.remote.outcomes import Reason, RemoteError
from diagnose.remote.processes import BLOCK, Talk, end, started, watch_size
from diagnose.remote.program import Program
from diagnose.remote.ssh import SshLog, ssh_argv, ssh_environment
from diagnose.remote.work import LARGEST_ANSWER, LARGEST_BUNDLE, LARGEST_MAP, Phase, Received, Task, Traces

_LATER_S = 15.0
"""How much longer than the host itself we wait for it to end its own work."""
_MOST_FRAMES = 20
_FILES = {"answer": (ANSWER, LARGEST_ANSWER), "bundle": (BUNDLE, LARGEST_BUNDLE), "map": (MAP, LARGEST_MAP)}
_LATE = 124
_PROBLEMS = {
    "no-space": Reason.NO_SPACE,
    "no-folder": Reason.NO_SPACE,
    "late": Reason.LATE,
    "damaged": Reason.GARBAGE,
    "gone": Reason.DROPPED,
}


class WindowsHostError(Exception):
    """This host is a Windows: there is another way to it."""


async def work_on_posix(task: Task, traces: Traces) -> Received:
    """Raises RemoteError, WindowsHostError, OSError. However it ends, `traces` knows what may still be over there."""
    log_file = task.folder / "ssh.log"
    mark = f"diagnose-remote/1/{secrets.token_hex(8)}"
    source = supervisor_source()
    argv = ssh_argv(task.settings, task.host, log_file, start_command(mark, len(source), task.programs.pythons()))
    task.phase(Phase.CONNECTING)
    async with started(argv, ssh_environment(task.settings), task.folder) as process:
        session = _Session(task, traces, process, log_file, mark)
        watchers = [asyncio.create_task(session.listen()), asyncio.create_task(session.guard())]
        try:
            return await session.run(source)
        finally:
            for watcher in watchers:
                watcher.cancel()


def supervisor_source() -> bytes:
    """The portable program has no sources; it brings this one as text."""
    folder = Path(__file__).absolute().parent
    file = folder / "supervisor.py"
    return (file if file.exists() else folder / "supervisor.txt").read_bytes()


def start_command(mark: str, size: int, pythons: Iterable[str]) -> str:
    """One line that sh, bash, zsh, fish and csh read alike. It holds only what we made ourselves."""
    code = f"import sys;exec(sys.stdin.buffer.read({size}))"
    begin = f'command -v $p >/dev/null 2>&1 && exec $p -I -S -B -c "{code}" {mark}'
    return f"exec /bin/sh -c 'for p in {' '.join(pythons)}; do {begin}; done; echo {mark} no-python 0'"


class _Session:
    """One conversation with a supervisor."""

    def __init__(
        self, task: Task, traces: Traces, process: asyncio.subprocess.Process, log_file: Path, mark: str
    ) -> None:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise ValueError("a process without pipes")
        self._task = task
        self._traces = traces
        self._process = process
        self._stdin = process.stdin
        self._frames = FrameReader(process.stdout, mark, task.limits.stall_s)
        self._talk = Talk(process.stderr, self._said)
        self._log_file = log_file
        self._flooded = False
        self._entered = False
        self._files: dict[str, Path] = {}

    async def listen(self) -> None:
        await self._talk.listen()

    async def guard(self) -> None:
        """End the connection to a host that says more than anybody needs."""
        waits = [asyncio.create_task(self._talk.flooded.wait()), asyncio.create_task(watch_size(self._log_file))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            self._flooded = True
            end(self._process)
        finally:
            for wait in waits:
                wait.cancel()

    async def run(self, source: bytes) -> Received:
        try:
            hello = await self._enter(source)
            program = await self._program(hello)
            await self._send(program)
            return await self._collect()
        except BaseException:
            # Also when we are told to stop: the host is given time to remove what is there.
            if self._entered:
                await self._let_go()
            raise

    async def _enter(self, source: bytes) -> dict[str, Any]:
        """Until the supervisor runs; what it says of its computer."""
        limits = self._task.limits
        try:
            async with asyncio.timeout(self._task.settings.connect_s + limits.enter_s):
                with contextlib.suppress(ConnectionError):
                    self._stdin.write(source)
                    await self._stdin.drain()
                frame = await self._frames.next()
                if frame is None:
                    raise await self._not_begun()
                self._entered = frame.kind == "hello"
                if frame.kind == "no-python":
                    raise RemoteError(Reason.NO_PYTHON, " ".join(self._task.programs.pythons()))
                if not self._entered:
                    raise RemoteError(Reason.GARBAGE, frame.kind)
                return await self._frames.note(frame)
        except TimeoutError:
            got_in = SshLog.read(self._log_file).got_in
            raise RemoteError(Reason.NO_ANSWER if got_in else Reason.TIMEOUT) from None

    async def _not_begun(self) -> Exception:
        """The connection ended before the supervisor ran."""
        code = await self._process.wait()
        log = SshLog.read(self._log_file)
        if self._flooded:
            return RemoteError(Reason.GARBAGE)
        if not log.got_in:
            # The ssh of a jump host speaks here.
            return log.why_not_in("\n".join(self._talk.recent))
        if log.is_windows:
            return WindowsHostError()
        said = self._talk.tail or self._frames.noise[-200:].decode("utf-8", "replace").strip()
        return RemoteError(Reason.DROPPED if code == 255 else Reason.NO_ANSWER, said)

    async def _program(self, hello: dict[str, Any]) -> Program:
        """For this computer. Raises RemoteError when there is none."""
        try:
            about = msgspec.convert(hello, _Hello)
        except msgspec.ValidationError:
            raise RemoteError(Reason.GARBAGE, "hello") from None
        found = await self._task.programs.fitting(about.platform, about.machine, about.python)
        if found is None or (about.platform == "linux" and about.libc != "glibc"):
            python = ".".join(map(str, about.python))
            system = f"{about.platform} {about.machine} {about.libc}".strip()
            raise RemoteError(Reason.NO_PROGRAM, f"{system}, Python {python}")
        return found

    async def _send(self, program: Program) -> None:
        """Raises RemoteError when the host does not take it in."""
        self._task.phase(Phase.SENDING)
        order = msgspec.json.encode(self._task.order)
        wanted = {
            "order": len(order),
            "program": program.size,
            "sha256": program.sha256,
            "room": program.size + (program.manifest.unpacked if program.manifest is not None else 0),
            "deadline_s": self._task.order.deadline_s,
        }
        with contextlib.suppress(ConnectionError):  # it will have said why
            await self._put(msgspec.json.encode(wanted) + b"\n" + order)
            with program.path.open("rb") as stream:
                while block := stream.read(BLOCK):
                    await self._put(block)

    async def _put(self, data: bytes) -> None:
        self._stdin.write(data)
        try:
            async with asyncio.timeout(self._task.limits.stall_s):
                await self._stdin.drain()
        except TimeoutError:
            raise RemoteError(Reason.STALLED) from None

    async def _collect(self) -> Received:
        wait_s, late = self._task.limits.stall_s, Reason.STALLED
        for _ in range(_MOST_FRAMES):
            try:
                async with asyncio.timeout(wait_s):
                    frame = await self._frames.next()
            except TimeoutError:
                raise RemoteError(late) from None
            match frame.kind if frame is not None else None:
                case "folder" if frame is not None:
                    self._note_folder(await self._frames.note(frame))
                case "started":
                    self._task.phase(Phase.RUNNING)
                    wait_s, late = self._task.order.deadline_s + _LATER_S, Reason.LATE
                case "answer" | "bundle" | "map" as kind if frame is not None and kind not in self._files:
                    if not self._files:
                        self._task.phase(Phase.FETCHING)
                    name, limit = _FILES[kind]
                    await self._frames.save(frame, self._task.folder / name, limit)
                    self._files[kind] = self._task.folder / name
                    wait_s, late = self._task.limits.stall_s, Reason.STALLED
                case "done" if frame is not None:
                    return self._finish(await self._frames.note(frame))
                case None:
                    raise RemoteError(Reason.GARBAGE if self._flooded else Reason.DROPPED, self._talk.tail)
                case kind:
                    raise RemoteError(Reason.GARBAGE, str(kind))
        raise RemoteError(Reason.GARBAGE)

    def _note_folder(self, note: dict[str, Any]) -> None:
        self._traces.left = str(note.get("folder"))[:200]

    def _finish(self, note: dict[str, Any]) -> Received:
        """Raises RemoteError when the host has no answer."""
        self._entered = False
        self._note_removal(note)
        if (answer := self._files.get("answer")) is not None:
            return Received(answer, self._files.get("bundle"), self._files.get("map"))
        problem, code = str(note.get("problem")), note.get("code")
        detail = str(note.get("detail") or "")
        if problem:
            raise RemoteError(_PROBLEMS.get(problem, Reason.CRASHED), detail or problem)
        raise RemoteError(Reason.LATE if code == _LATE else Reason.CRASHED, self._talk.tail)

    def _note_removal(self, note: dict[str, Any]) -> None:
        if note.get("removed") is True:
            self._traces.left = ""

    async def _let_go(self) -> None:
        """Close our end: the host ends its work and removes it. Wait a little for it to say so."""
        self._task.phase(Phase.REMOVING)
        self._stdin.close()
        with contextlib.suppress(TimeoutError, RemoteError, OSError):
            async with asyncio.timeout(self._task.limits.remove_s):
                for _ in range(_MOST_FRAMES):
                    frame = await self._frames.next()
                    if frame is None:
                        return
                    if frame.kind == "folder":
                        self._note_folder(await self._frames.note(frame))
                    elif frame.kind == "done":
                        self._note_removal(await self._frames.note(frame))

    def _said(self, line: str) -> None:
        # The program names its folder over there, which is about to be removed.
        if not (self._traces.left and self._traces.left in line):
            self._task.teller.said(self._task.host, line)


class _Hello(msgspec.Struct, frozen=True):
    platform: str
    machine: str
    python: tuple[int, int]
    libc: str
