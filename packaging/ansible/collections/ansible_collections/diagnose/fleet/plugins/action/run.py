# GNU General Public License v3.0+ (https://www.gnu.org/licenses/gpl-3.0.txt)
"""Puts one file on a host, runs it, brings files back, removes what it put. The host needs no Python of its own.

All of it in one task, so that a host costs one worker and one connection. Nothing that anybody typed is part of a line
that a shell reads: the order lies in the file. What is documented for people stands in `plugins/modules/run.py`.
"""

from __future__ import annotations

import json
import os
import resource
import shlex
import signal
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase

if TYPE_CHECKING:
    from collections.abc import Iterator

DESCRIPTOR = "DIAGNOSE_FLEET_EVENTS"
ANSWER, OPTIONAL = "answer.zip", ("bundle.zip", "map.json")
LARGEST_FILE = 2_000_000_000
"""Bytes of a file that is brought; a host that sends without end is cut off there."""
GRACE_S = 30
REMOVE_S = 20
SIGNS_OF_STOPPING = (signal.SIGINT, signal.SIGTERM)
LATE, NOT_UNPACKED = 124, 92

POSIX = """\
cd {folder} || exit 91
own=; command -v setsid >/dev/null 2>&1 && own=setsid
end() {{ trap '' HUP INT TERM; kill -KILL -- "-$tool" "$tool" 2>/dev/null; }}
tool=
trap '[ -z "$tool" ] || end; cd / && rm -rf {folder}; exit 129' HUP INT TERM
umask 077
gzip -dc program.gz | tar -xof - && rm -f program.gz && [ -f start ] || exit 92
$own sh ./start >log 2>&1 </dev/null & tool=$!
echo $tool >pid
wait $tool; code=$?
end
chmod a+r answer.zip bundle.zip map.json 2>/dev/null
[ -s answer.zip ] || tail -c 1000 log
exit $code
"""
"""When the connection breaks, the host's own shell gets a signal (there is a terminal), ends the program and removes
the folder. Otherwise the exit code tells that the work is over, and the removal is a line of its own."""

POSIX_STOP = 'cd {folder} && kill -KILL -- "-$(cat pid)" "$(cat pid)" 2>/dev/null; rm -rf {folder}/*'

WINDOWS = """\
$f='{folder}'
$ProgressPreference='SilentlyContinue'
try {{
Add-Type -AssemblyName System.IO.Compression.FileSystem
[IO.Compression.ZipFile]::ExtractToDirectory("$f\\program.zip",$f)
$p=Start-Process "$f\\diagnose\\runtime\\python.exe" '-I -B -X utf8 -m diagnose.commands.remote_target .' \
-WorkingDirectory $f -RedirectStandardOutput "$f\\log.out" -RedirectStandardError "$f\\log" \
-WindowStyle Hidden -PassThru
}} catch {{ "$_"; exit 92 }}
$null=$p.Handle
[IO.File]::WriteAllText("$f\\pid","$($p.Id)")
if (-not $p.WaitForExit({deadline}000)) {{ taskkill /T /F /PID $p.Id | Out-Null; exit 124 }}
$p.WaitForExit()
if (-not (Test-Path -LiteralPath "$f\\answer.zip")) {{ Get-Content -LiteralPath "$f\\log" -Tail 20 }}
exit $p.ExitCode
"""
"""Not tried on a Windows. `$p.Handle` is read because PowerShell 5.1 else forgets the exit code."""

WINDOWS_STOP = """\
$f='{folder}'
if (Test-Path -LiteralPath "$f\\pid") {{ taskkill /T /F /PID (Get-Content -LiteralPath "$f\\pid") 2>$null | Out-Null }}
exit 0
"""


class Failed(Exception):  # noqa: N818 - it is how a task fails
    """No answer came; `reason` is a word for programs, `detail` may be the host's own words."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class Stopped(BaseException):
    """Somebody ended the play, or the host took too long: nothing but the removal comes after that."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ActionModule(ActionBase):  # type: ignore[misc]
    """One host's work."""

    # It does; but then Ansible makes a folder before we can be told to stop.
    TRANSFERS_FILES = False
    _VALID_ARGS = frozenset({"posix", "windows", "deadline", "grace", "bundle", "dest"})

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """`changed` is never true: the host is as it was."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        result["changed"] = False
        host = str((task_vars or {})["inventory_hostname"])
        try:
            with _signals(self._whole("deadline") + 2 * self._whole("grace", GRACE_S)):
                result["folder"] = folder_name(host)
                result["brought"] = self._work(host)
        except Failed as failed:
            return {**result, "failed": True, "reason": failed.reason, "msg": failed.detail or failed.reason}
        except Stopped as stopped:
            return {**result, "failed": True, "reason": stopped.reason, "msg": stopped.reason}
        return result

    def _work(self, host: str) -> list[str]:
        """The files that came. Raises Failed, Stopped, and AnsibleConnectionFailure for a host that lets nobody in."""
        windows = bool(getattr(self._connection._shell, "_IS_WINDOWS", False))
        program = self._task.args.get("windows" if windows else "posix")
        if not program:
            raise Failed("no-program", "windows" if windows else "posix")
        _tell(host, "connecting")
        folder = self._make_tmp_path()
        try:
            _tell(host, "sending", folder)
            remote = self._connection._shell.join_path(folder, "program.zip" if windows else "program.gz")
            with _sending():
                self._transfer_file(str(program), remote)
                self._fixup_perms2([folder, remote], execute=False)
            _tell(host, "running", folder)
            self._run_program(folder, windows)
            _tell(host, "fetching", folder)
            return self._bring(folder, host)
        finally:
            _tell(host, "removing", folder)
            if self._removed(folder, windows):
                _tell(host, "removed")

    def _run_program(self, folder: str, windows: bool) -> None:
        if windows:
            script = WINDOWS.format(
                folder=self._connection._shell._escape(folder),
                deadline=self._whole("deadline") + self._whole("grace", GRACE_S),
            )
            command = self._connection._shell._encode_script(script, preserve_rc=False)
        else:
            command = POSIX.format(folder=shlex.quote(folder.rstrip("/")))
        done = self._low_level_execute_command(command)
        said = (done["stderr"] or done["stdout"]).strip()[-400:]
        if done["rc"] == NOT_UNPACKED:
            raise Failed("not-unpacked", said)
        if done["rc"] == LATE:
            raise Failed("late", said)
        self._said = said

    def _bring(self, folder: str, host: str) -> list[str]:
        target = Path(self._task.args["dest"]) / folder_name(host)
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        came = []
        for name in (ANSWER, *(OPTIONAL if self._task.args.get("bundle") else ())):
            part = target / f"{name}.part"
            try:
                with _bounded_files():
                    self._connection.fetch_file(self._connection._shell.join_path(folder, name), str(part))
            except AnsibleConnectionFailure:
                raise
            except (AnsibleError, OSError) as error:
                part.unlink(missing_ok=True)
                if name == ANSWER:
                    raise Failed("no-answer", self._said or str(error)) from None
                continue
            part.replace(target / name)
            came.append(name)
        return came

    def _removed(self, folder: str, windows: bool) -> bool:
        """Whether all of it is gone. Without a connection the host's own shell has done it, or nobody has."""
        signal.setitimer(signal.ITIMER_REAL, REMOVE_S)
        shell = self._connection._shell
        if windows:
            stop = shell._encode_script(WINDOWS_STOP.format(folder=shell._escape(folder)), preserve_rc=False)
        else:
            stop = POSIX_STOP.format(folder=shlex.quote(folder.rstrip("/")))
        try:
            with suppress(AnsibleError):
                # As the user that the program ran as; the folder itself belongs to the one that came in.
                self._low_level_execute_command(stop)
            removed = self._low_level_execute_command(shell.remove(folder, recurse=True), sudoable=False)
        except (AnsibleError, Stopped):
            return False
        finally:
            # Ansible itself would try it again, and wait again.
            shell.tmpdir = None
        return bool(removed["rc"] == 0)

    def _whole(self, name: str, default: int | None = None) -> int:
        return int(self._task.args[name] if default is None else self._task.args.get(name, default))


def folder_name(host: str) -> str:
    """Of any name in an inventory."""
    name = quote(host, safe="")[:200]
    return name if name.strip(".") else f"%{name}"


@contextmanager
def _signals(deadline_s: int) -> Iterator[None]:
    """Until the end of this process's task: being stopped and being late raise Stopped, once."""

    def stop(number: int, _frame: Any) -> NoReturn:
        # Ansible ends its workers twice, and hard; we have a folder to remove first, and are bounded in that.
        for other in SIGNS_OF_STOPPING:
            signal.signal(other, signal.SIG_IGN)
        raise Stopped("late" if number == signal.SIGALRM else "interrupted")

    for number in (*SIGNS_OF_STOPPING, signal.SIGALRM):
        signal.signal(number, stop)
    signal.setitimer(signal.ITIMER_REAL, deadline_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


@contextmanager
def _sending() -> Iterator[None]:
    """A disk that is full, a folder that cannot be written to: the host let us in all the same."""
    try:
        yield
    except AnsibleConnectionFailure:
        raise
    except AnsibleError as error:
        text = str(error)
        raise Failed("no-space" if "No space left" in text else "not-sent", text[-400:]) from None


@contextmanager
def _bounded_files() -> Iterator[None]:
    """For the programs that fetch, such as sftp: none may write more than that into one file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _tell(host: str, phase: str, folder: str = "") -> None:
    """To the program that started the play, past Ansible: its own events come when the task is over."""
    number = os.environ.get(DESCRIPTOR, "")
    if not number.isdigit():
        return
    line = json.dumps({"kind": "phase", "host": host, "phase": phase, "folder": folder[:500]})
    with suppress(OSError):  # nobody listens any more
        os.write(int(number), line.encode() + b"\n")
