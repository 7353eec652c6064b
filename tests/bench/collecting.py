"""How fast logs are planned and read, and with how much memory."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from diagnose.bundle.collect import collect
from diagnose.bundle.log_pieces import Window
from diagnose.bundle.plan import CollectionPlan, Limits
from diagnose.bundle.planning import make_plan
from diagnose.machine.posix import PosixMachine
from diagnose.specs import LogSpec
from diagnose.text import Text
from tests.unit.fake_context import FakeContext

_START = datetime(2026, 11, 21, tzinfo=UTC)


def main() -> None:
    machine = PosixMachine(lambda: _START + timedelta(days=9), dict(os.environ))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder / "large.log", 1_000_000_000)
        for number in range(10):
            _write(folder / f"medium{number}.log", 50_000_000)
        (folder / "small").mkdir()
        for number in range(5000):
            (folder / "small" / f"{number}.log").write_bytes(b"2026-11-21 00:00:00 x\n" * 10)

        def plan(pattern: str, window: Window | None = None, **limits: int) -> CollectionPlan:
            source = LogSpec(id="x", title=Text("", ""), files=f"{folder}/{pattern}")
            return make_plan(FakeContext(machine, now=machine.now()), (source,), Limits(**limits), window)

        print(f"load {os.getloadavg()[0]:.1f}")
        incident = Window(_START + timedelta(hours=40), _START + timedelta(hours=41))
        _timed("plan 1 GB, one hour of 115", lambda: plan("large.log", incident).taken_bytes)
        _timed("plan 5000 files, 500 looked at", lambda: len(plan("small/*.log").files))
        _timed("plan 5000 files, all looked at", lambda: len(plan("small/*.log", files=5000).files))
        planned = plan("medium*.log")
        _timed("collect 500 MB", lambda: sum(len(chunk) for file in collect(planned, machine) for chunk in file.chunks))
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB, whole process")


def _write(path: Path, size: int) -> None:
    """One line of 240 bytes every 0.1 s."""
    with path.open("wb") as writer:
        for number in range(0, size // 240, 10):
            time_ = f"{_START + timedelta(seconds=number / 10):%Y-%m-%d %H:%M:%S} "
            writer.write((time_.encode() + b"x" * (239 - len(time_)) + b"\n") * 10)


def _timed(what: str, work: Callable[[], int]) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{what:34} {wall:7.3f} s wall  {cpu:7.3f} s cpu  -> {result:,}")


if __name__ == "__main__":
    main()
