"""How much CPU time redaction takes beside `sos clean` on the same logs: user and system, whole processes and children.

By hand: `python -m tests.bench.sos_clean [MEGABYTES]`, 5 by default. Debian's package `sosreport` (4.x) brings `sos`;
without it the status is 2. How slow it is depends much on its version, which is printed.
"""

from __future__ import annotations

import importlib.util
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from diagnose.redaction.engine import Redactor
from diagnose.redaction.names import discover_in
from diagnose.redaction.stream import redact_stream
from diagnose.redaction.tokens import Pseudonyms
from tests.bench.bundling import ROOT, raw_lines

KEY = b"b" * 32
TARGET = 40
ROUNDS = 3
SLOW_S = 60
"""What takes longer than this runs once."""
MB = 1_000_000
CHUNK = 1 << 18
DOMAIN = "example.lan"
REPORT = "sosreport-bench-20261120"
VALUES = {
    "computers": re.compile(r"\bPC-\d{3}\b"),
    "domains": re.compile(r"tokyo\.example\.lan"),
    "addresses": re.compile(r"\b10\.77\.\d+\.\d+"),
    "people": re.compile(r"(?<=\\Users\\)[^\\]+"),
}


@dataclass(slots=True)
class Way:
    name: str
    run: Callable[[], tuple[float, Path]]
    """CPU seconds, and where the files are now."""
    may_leave: frozenset[str] = frozenset()
    taken: list[float] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)

    @property
    def median(self) -> float:
        return statistics.median(self.taken)


def write_utf8(folder: Path, megabytes: int) -> None:
    """No two of the files, one a megabyte, are alike."""
    folder.mkdir(parents=True)
    for number in range(megabytes):
        made = 0
        with (folder / f"Conn_{number:03}.log").open("wb") as stream:
            for line in raw_lines(sys.maxsize, number):
                made += stream.write(f"{line}\r\n".encode())
                if made >= MB:
                    break


def redact_files(source: Path, target: Path, wheel: bool) -> None:
    """What our process does."""
    paths = sorted(source.iterdir())
    names = discover_in(path.read_text("utf-8") for path in paths)
    redactor = Redactor(names, Pseudonyms(KEY), accelerator=wheel)
    for path in paths:
        with path.open("rb") as stream, (target / path.name).open("wb") as out:
            out.writelines(redact_stream(iter(lambda: stream.read(CHUNK), b""), redactor))


def cpu_of(argv: list[str], folder: Path, **environment: str) -> tuple[float, str]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        argv, cwd=folder, env={**os.environ, **environment}, capture_output=True, encoding="utf-8", check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{argv[0]} ended with {done.returncode}: {(done.stderr or done.stdout)[-2000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout + done.stderr


def run_ours(source: Path, folder: Path, wheel: bool) -> tuple[float, Path]:
    target = folder / "ours"
    target.mkdir()
    argv = [sys.executable, "-m", "tests.bench.sos_clean", "--redact", str(source), str(target), str(int(wheel))]
    return cpu_of(argv, folder, PYTHONPATH=str(ROOT))[0], target


def sos_words(sos: str, folder: Path) -> list[str]:
    """Nothing of this computer's settings, nothing written outside the folder; 4.10 with more jobs may never end."""
    config = folder / "sos.conf"
    config.touch()
    places = ["--config-file", str(config), "--map", str(folder / "no-map"), "--tmp-dir", str(folder)]
    return [sos, "clean", "--batch", "--no-update", "--jobs", "1", *places]


def run_sos(sos: str, source: Path, folder: Path, keywords: list[str]) -> tuple[float, Path]:
    """A folder is a report for sos if `sos_logs` is in it; it is cleaned where it is, then moved, and never packed."""
    report, moved = folder / "before" / REPORT, folder / "moved"
    (report / "sos_logs").mkdir(parents=True)
    moved.mkdir()
    shutil.copytree(source, report / "var" / "log")
    words = ["--domains", DOMAIN, *(["--keywords", ",".join(keywords)] if keywords else []), str(report)]
    seconds, _ = cpu_of([*sos_words(sos, moved), *words], folder, LC_ALL="C.UTF-8")
    return seconds, moved / REPORT / "var" / "log"


def version_of(sos: str) -> str | None:
    """sos states its version when it begins to clean; a target that is not there costs nothing."""
    with tempfile.TemporaryDirectory() as name:
        argv = [*sos_words(sos, Path(name)), str(Path(name) / "missing")]
        done = subprocess.run(argv, cwd=name, capture_output=True, encoding="utf-8", check=False)
    found = re.search(r"sos clean \(version ([^)]+)\)", done.stdout + done.stderr)
    return found[1] if found else None


def left_in(source: Path, target: Path) -> dict[str, int]:
    """How many values of each kind still stand in the line where they were."""
    left = dict.fromkeys(VALUES, 0)
    for path in sorted(source.iterdir()):
        before, after = (file.read_text("utf-8").splitlines() for file in (path, target / path.name))
        for one, other in zip(before, after, strict=True):
            for kind, pattern in VALUES.items():
                left[kind] += len({*pattern.findall(one)} & {*pattern.findall(other)})
    return left


def compare(sos: str, logs: Path, size: float, folder: Path) -> None:
    text = "".join(path.read_text("utf-8") for path in logs.iterdir())
    people = sorted({*VALUES["people"].findall(text)}, key=lambda name: (-len(name), name))
    rounds = folder / "round"
    ours = [Way("ours, standard library", lambda: run_ours(logs, rounds, wheel=False))]
    if importlib.util.find_spec("ahocorasick_rs"):
        ours.append(Way("ours, with the wheel", lambda: run_ours(logs, rounds, wheel=True)))
    theirs = [
        Way("sos clean", lambda: run_sos(sos, logs, rounds, []), frozenset({"people"})),
        Way(f"sos clean, {len(people)} keywords", lambda: run_sos(sos, logs, rounds, people)),
    ]
    for number in range(ROUNDS):
        for way in (*ours, *theirs):
            if number and way.taken[0] > SLOW_S:
                continue
            rounds.mkdir()
            seconds, target = way.run()
            way.taken.append(seconds)
            way.left = left_in(logs, target)
            shutil.rmtree(rounds)
            missed = [kind for kind, count in way.left.items() if count and kind not in way.may_leave]
            if missed:
                raise SystemExit(f"no comparison: {way.name} left {', '.join(missed)} as they were: {way.left}")
    for way in (*ours, *theirs):
        left = ", ".join(f"{count} {kind}" for kind, count in way.left.items() if count) or "nothing"
        spread = f"{len(way.taken)} x, {min(way.taken):.2f} to {max(way.taken):.2f}"
        print(
            f"{way.name:24} {way.median:7.2f} s CPU {size / way.median:7.2f} MB/s  ({spread})  left as it was: {left}"
        )
    for their in theirs:
        for our in ours:
            print(f"{their.name} / {our.name}: {their.median / our.median:.1f} x CPU (target {TARGET})")


def main(megabytes: int) -> int:
    sos = shutil.which("sos")
    version = version_of(sos) if sos else None
    if sos is None or version is None:
        print("sos is not installed: Debian's package sosreport (4.x) brings it", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as name:
        logs = Path(name) / "logs"
        write_utf8(logs, megabytes)
        size = sum(path.stat().st_size for path in logs.iterdir()) / MB
        load = f"load {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores"
        print(f"{size:.1f} MB in {megabytes} files, {load}, Python {sys.version.split()[0]}, sos {version}")
        compare(sos, logs, size, Path(name))
    print(f"load {os.getloadavg()[0]:.2f} at the end")
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--redact"]:
        redact_files(Path(sys.argv[2]), Path(sys.argv[3]), wheel=sys.argv[4] == "1")
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
