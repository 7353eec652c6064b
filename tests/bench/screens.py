"""How soon the screens are there, what they cost while nobody does anything, and how much a step repaints; by hand:

python -m tests.bench.screens
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
MACHINE = ROOT / "tests" / "scenarios" / "apex-one" / "service-stopped" / "machine"
ROUNDS = 7
ENTER = b"\r"


class Terminal:
    """The program on a terminal of 80 x 24."""

    def __init__(self, state: str) -> None:
        self._end, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        environment = {**os.environ, "XDG_STATE_HOME": state, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
        argv = [sys.executable, "-m", "diagnose", "--lang", "ja", "--machine", str(MACHINE)]
        self.started = time.perf_counter()
        self.process = subprocess.Popen(argv, stdin=inner, stdout=inner, stderr=inner, env=environment)
        os.close(inner)
        self.seen = b""

    def press(self, key: bytes) -> None:
        os.write(self._end, key)

    def read(self, seconds: float) -> int:
        """Bytes that came."""
        ready, _, _ = select.select([self._end], [], [], seconds)
        data = os.read(self._end, 1 << 16) if ready else b""
        self.seen += data
        return len(data)

    def until(self, text: str) -> float:
        """Seconds since the start."""
        while text.encode() not in self.seen:
            self.read(0.05)
            if time.perf_counter() - self.started > 20:
                raise SystemExit(f"never: {text}")
        return time.perf_counter() - self.started

    def quiet(self) -> int:
        """Bytes until nothing comes for half a second."""
        total = 0
        while more := self.read(0.5):
            total += more
        return total

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._end)


def main() -> None:
    print(f"load {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    painted, offered = [], []
    with tempfile.TemporaryDirectory() as state:
        for _ in range(ROUNDS):
            terminal = Terminal(state)
            painted.append(terminal.until("セキュリティソフトの診断"))
            offered.append(terminal.until("Apex One"))
            terminal.close()
        terminal = Terminal(state)
        terminal.until("Apex One")
        first = terminal.quiet()
        process = psutil.Process(terminal.process.pid)
        before = sum(process.cpu_times()[:2])
        time.sleep(5)
        idle = sum(process.cpu_times()[:2]) - before
        terminal.press(ENTER)
        terminal.press(ENTER)
        terminal.until("質問")
        terminal.quiet()
        memory = process.memory_info().rss
        terminal.close()
    print(f"first paint   {statistics.median(painted):.2f} s (target 1)")
    print(f"offers shown  {statistics.median(offered):.2f} s")
    print(f"idle          {idle / 5:.1%} of a core, {first} bytes for the rest of the first screen")
    print(f"memory        {memory / (1 << 20):.0f} MiB")


if __name__ == "__main__":
    main()
