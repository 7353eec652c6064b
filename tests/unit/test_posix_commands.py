from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from diagnose.machine import posix_commands
from diagnose.machine.posix import PosixMachine
from diagnose.machine.values import Absent, CommandResult, Reason, Unseen

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="reads a Linux or macOS computer")

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def machine() -> PosixMachine:
    return PosixMachine(lambda: NOON, {"PATH": os.environ["PATH"]})


def write(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


def reason(answer: object) -> Reason:
    assert isinstance(answer, Unseen), answer
    return answer.reason


def result(answer: CommandResult | Absent | Unseen) -> CommandResult:
    assert isinstance(answer, CommandResult), answer
    return answer


def python(code: str) -> list[str]:
    return [sys.executable, "-S", "-E", "-c", code]


def test_a_program_gets_no_input_and_a_clean_environment(machine: PosixMachine) -> None:
    code = (
        "import os,sys; print(sorted(os.environ), os.getcwd()); print(sys.stdin.read(), file=sys.stderr); sys.exit(3)"
    )
    ran = result(machine.run(python(code)))
    assert ran.exit_code == 3
    assert ran.stdout.decode() == "['LC_ALL', 'PATH'] /\n"
    assert ran.stderr == b"\n"


def test_arguments_are_handed_over_as_they_are(machine: PosixMachine) -> None:
    ran = result(machine.run(["printf", "%s|", "$(id)", "a b", "日本語; ls"]))
    assert ran.stdout.decode() == "$(id)|a b|日本語; ls|"


def test_a_missing_program_is_absent(machine: PosixMachine) -> None:
    assert machine.run(["no-such-program", "-x"]) == Absent("no-such-program")


def test_what_cannot_be_started_is_unseen(machine: PosixMachine, tmp_path: Path) -> None:
    assert reason(machine.run([write(tmp_path, "data", b"x")])) is Reason.DENIED
    assert reason(machine.run([])) is Reason.MALFORMED
    assert reason(machine.run(["echo", "a\0b"])) is Reason.MALFORMED


def alive(pid: int) -> bool:
    """Whether `pid` still runs; a zombie, which nobody here can reap, does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def wait_until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 2
    while not condition():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.005)
    return True


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_at_the_deadline_the_program_and_its_children_are_killed(machine: PosixMachine, tmp_path: Path) -> None:
    note = tmp_path / "pids"
    script = f"sleep 60 & echo $$ $! > {note}.new; mv {note}.new {note}; wait"
    start = time.monotonic()
    answer = machine.run(["sh", "-c", script], timeout_s=0.3)
    assert reason(answer) is Reason.TIMED_OUT
    assert time.monotonic() - start < 15
    pids = [int(pid) for pid in note.read_text(encoding="utf-8").split()]
    assert len(pids) == 2
    assert wait_until(lambda: not any(map(alive, pids)))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_child_that_holds_the_pipe_neither_blocks_nor_survives(machine: PosixMachine) -> None:
    start = time.monotonic()
    ran = result(machine.run(["sh", "-c", "sleep 60 & echo $!"], timeout_s=5))
    assert time.monotonic() - start < 15
    assert wait_until(lambda: not alive(int(ran.stdout)))


def test_a_child_in_its_own_session_that_holds_the_pipe_does_not_block(machine: PosixMachine) -> None:
    code = "import subprocess; child = subprocess.Popen(['sleep', '60'], start_new_session=True); print(child.pid)"
    start = time.monotonic()
    ran = result(machine.run(python(code), timeout_s=5))
    os.kill(int(ran.stdout), signal.SIGKILL)
    assert time.monotonic() - start < 15


def test_a_flood_of_output_is_cut_and_does_not_block(machine: PosixMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posix_commands, "OUTPUT_LIMIT", 1000)
    code = "import os,sys\nfor fd in (1, 2):\n for _ in range(8): os.write(fd, b'x' * 65536)"
    ran = result(machine.run(python(code)))
    assert (len(ran.stdout), len(ran.stderr), ran.exit_code) == (1000, 1000, 0)


def test_an_endless_flood_ends_at_the_deadline(machine: PosixMachine) -> None:
    start = time.monotonic()
    assert reason(machine.run(["yes", "はい"], timeout_s=0.2)) is Reason.TIMED_OUT
    assert time.monotonic() - start < 15


def test_a_program_that_closes_its_output_is_still_waited_for(machine: PosixMachine) -> None:
    code = "import os,sys,threading; os.close(1); os.close(2); threading.Event().wait(0.1); os._exit(7)"
    assert result(machine.run(python(code))).exit_code == 7
    assert reason(machine.run(python(code.replace("0.1", "60")), timeout_s=0.2)) is Reason.TIMED_OUT
