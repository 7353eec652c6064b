from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.lab.offices import PROJECT
from tests.lab.world import in_new_namespaces, why_not

pytestmark = pytest.mark.lab
LAB = "tests.lab.run_faults"
SERVERS = 20


@pytest.fixture(autouse=True)
def _possible() -> None:
    reason = why_not()
    if reason:
        pytest.skip(reason)


def test_nothing_is_left_when_whoever_started_it_is_killed() -> None:
    """One fault keeps the lab busy for seconds; its starter is killed as soon as the servers run."""
    starter = subprocess.Popen([sys.executable, "-m", "tests.lab.table", "dns-silent"], cwd=PROJECT)
    try:
        namespace = _busy_namespace_below(starter.pid)
    finally:
        starter.kill()
        starter.wait()
    _until(lambda: not _processes_in(namespace))
    assert not Path("/run/lab").exists()


def test_nothing_is_left_of_a_lab_that_is_given_up() -> None:
    with in_new_namespaces(LAB, "dns-silent") as process:
        namespace = _busy_namespace_below(process.pid)
    _until(lambda: not _processes_in(namespace))


def _busy_namespace_below(pid: int) -> int:
    """The namespace of processes that a child of `pid` has opened, once the servers run in it."""
    found: list[int] = []

    def look() -> bool:
        own = _namespace("self")
        opened = {one for child in _below(pid) if (one := _namespace(child)) not in (None, own)}
        found[:] = [one for one in opened if one and len(_processes_in(one)) > SERVERS]
        return bool(found)

    _until(look)
    return found[0]


def _below(pid: int) -> list[int]:
    with suppress(OSError):
        children = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
        return [*children, *(other for child in children for other in _below(child))]
    return []


def _namespace(pid: int | str) -> int | None:
    with suppress(OSError):
        return Path(f"/proc/{pid}/ns/pid").stat().st_ino
    return None


def _processes_in(namespace: int) -> list[int]:
    every = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in every if _namespace(pid) == namespace]


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
