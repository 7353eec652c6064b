"""A whole bundle from the command line (redacted, hashed, packed, proven) beside `zip -6` of the same logs as they are.

By hand: `python -m tests.bench.bundling [MEGABYTES [EVERY]]`, 500 by default, in UTF-8, CP932 and UTF-16. One line in
EVERY, 4 by default, names a computer with its domain, an address and a person; agents log that far less often.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "tests" / "scenarios" / "apex-one" / "log-failure-lines" / "machine"
LOGS = Path("files/C/Program Files (x86)/Trend Micro/Security Agent/ConnLog")
FILE_MB = 25
ENCODINGS = ("utf-8", "cp932", "utf-16")


def raw_lines(count: int, seed: int, every: int = 4) -> Iterator[str]:
    """Lines of an agent's log; about one in `every` names a computer, a person and an address."""
    rng = random.Random(seed)
    people = [f"{name}{number}" for name in ("sato", "suzuki", "tanaka", "山田") for number in range(40)]
    for number in range(count):
        time_ = f"2026/11/20 {number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.{rng.randrange(1000):03}"
        if rng.random() < 1 / every:
            yield time_ + (
                f" [{rng.randrange(9999):04}] ERROR PC-{rng.randrange(300):03}.tokyo.example.lan "
                rf"10.77.{rng.randrange(4)}.{rng.randrange(250)} C:\Users\{rng.choice(people)}\AppData code 0x80072EE7"
            )
            continue
        yield time_ + rng.choice(
            (
                f" [{rng.randrange(9999):04}] INFO  Download http://iau.trendmicro.com/a/{rng.randrange(9999)}.zip",
                f" [{rng.randrange(9999):04}] DEBUG 更新を確認しています 14.0.0.{rng.randrange(10000, 20000)}",
                f" [{rng.randrange(9999):04}] TRACE CFoo::Bar(0x{rng.getrandbits(32):08x}) ret={rng.randrange(3)}",
            )
        )


def write_logs(folder: Path, megabytes: int, every: int = 4) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(max(1, megabytes // FILE_MB)):
        encoding = ENCODINGS[number % len(ENCODINGS)]
        text = "\r\n".join([*raw_lines(30_000, number, every), ""]).encode(encoding).removeprefix(b"\xff\xfe")
        with (folder / f"Conn_{number:03}.log").open("wb") as stream:
            stream.write(b"\xff\xfe" if encoding == "utf-16" else b"")
            # The generator is slow: the blocks of one file are alike, further apart than zip looks back.
            for _ in range(FILE_MB * 1_000_000 // len(text) or 1):
                stream.write(text)


class Memory(threading.Thread):
    """Watches what this process starts: the most that all of it had together, shared pages counted once."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = 0
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(0.25):
            with contextlib.suppress(psutil.Error):
                ours = psutil.Process().children(recursive=True)
                self.most = max(self.most, sum(child.memory_full_info().pss for child in ours))

    def stop(self) -> None:
        self._done.set()
        self.join()


def measured(name: str, action: Callable[[], object]) -> float:
    memory = Memory()
    memory.start()
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    action()
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    memory.stop()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{name:28} {wall:7.1f} s wall {cpu:7.1f} s CPU   all processes {memory.most >> 20:4} MiB at most")
    return wall


def diagnose(folder: Path, *words: str | Path) -> None:
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "diagnose", *map(str, words)]
    done = subprocess.run(argv, env=environment, cwd=folder, capture_output=True, check=False)
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stderr.decode())


def main(megabytes: int, every: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        diagnose(folder, "run", "apex-one", "--machine", SCENARIO, "--output", folder / "run", "--no-input")
        logs = folder / "run" / "machine" / LOGS
        write_logs(logs, megabytes, every)
        size = sum(path.stat().st_size for path in logs.iterdir())
        load = os.getloadavg()[0]
        print(f"{size / 1e6:.0f} MB in {len(list(logs.iterdir()))} files, {os.cpu_count()} cores, load {load:.1f}")
        plain, bundle = folder / "plain.zip", folder / "bundle.zip"
        zipped = ["zip", "-6", "-q", "-r", str(plain), str(logs)]
        base = measured("zip -6", lambda: subprocess.run(zipped, check=True))
        took = measured("diagnose bundle", lambda: diagnose(folder, "bundle", folder / "run", "--output", bundle))
        measured("diagnose verify", lambda: diagnose(folder, "verify", bundle))
        sizes = bundle.stat().st_size / plain.stat().st_size
        print(f"bundle / zip: {took / base:.2f} x wall (target 1), {sizes:.2f} x size")


if __name__ == "__main__":
    main(*(int(word) for word in (*sys.argv[1:3], *("500", "4")[len(sys.argv[1:3]) :])))
