"""Our search for known failure lines beside ripgrep with the same patterns on the same logs; run by hand:

python -m tests.bench.log_signatures [MEGABYTES]

Each log has a hit near its beginning, one near its end and nothing between, which is what a pass through all of it
costs. ripgrep (Debian's package, version 13) is told what RE2 means by \\d and \\b: digits and words of ASCII.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from diagnose.machine.line_search import FoundLines
from diagnose.machine.posix import PosixMachine
from diagnose.resources import rules_folder
from diagnose.yaml_file import load_yaml
from tests.bench.bundling import raw_lines
from tests.unit.fake_machine import NOON

ROUNDS = 5
TARGET = 4.0
HITS = (
    "2026/11/20 00:00:00 The upgrade or hotfix action will abort",
    "失敗 Download failed (7) Couldn't connect to server",
)
RIPGREP_NAMES: dict[str, list[str]] = {"utf-8": [], "cp932": ["--encoding", "shift_jis"], "utf-16-le": []}


def known_patterns() -> list[str]:
    """Every pattern of every product."""
    found = []
    for path in sorted(rules_folder().glob("*/signatures.yaml")):
        found += [signature["pattern"] for signature in load_yaml(path).data.get("signatures", ())]
    return list(dict.fromkeys(found))


def write_log(path: Path, megabytes: int, encoding: str) -> None:
    block = "\r\n".join([*raw_lines(40_000, 1), ""]).encode(encoding)
    first, last = (f"{hit}\r\n".encode(encoding) for hit in HITS)
    with path.open("wb") as stream:
        stream.write(b"\xff\xfe" if encoding == "utf-16-le" else b"")
        stream.write(first)
        for _ in range(megabytes * 1_000_000 // len(block)):
            stream.write(block)
        stream.write(last)


def ripgrep(patterns: Path, log: Path, encoding: str) -> set[int]:
    """The numbers of the lines that match."""
    argv = ["rg", "--line-number", "--no-filename", "--text", *RIPGREP_NAMES[encoding], "-f", str(patterns), str(log)]
    done = subprocess.run(argv, capture_output=True, check=False)
    if done.returncode > 1:
        raise SystemExit(done.stderr.decode())
    return {int(line.partition(b":")[0]) for line in done.stdout.splitlines()}


def ours(patterns: list[str], log: Path) -> set[int]:
    found = PosixMachine(lambda: NOON, {}).find_lines(str(log), patterns, 600.0)
    if not isinstance(found, FoundLines) or not found.complete:
        raise SystemExit(f"not searched: {found}")
    return {line.number or 0 for line in found.lines}


def main(megabytes: int) -> None:
    patterns = known_patterns()
    print(f"load {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores, {len(patterns)} patterns, {megabytes} MB each")
    if shutil.which("rg") is None:
        print("ripgrep is not installed (package ripgrep of Debian): our times alone")
    with tempfile.TemporaryDirectory() as name:
        listed = Path(name) / "patterns"
        in_ascii = [pattern.replace(r"\b", r"(?-u:\b)").replace(r"\d", "[0-9]") for pattern in patterns]
        listed.write_text("\n".join(in_ascii) + "\n", encoding="utf-8")
        for encoding in RIPGREP_NAMES:
            log = Path(name) / f"{encoding}.log"
            write_log(log, megabytes, encoding)
            compare(encoding, patterns, listed, log)
            log.unlink()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak {peak} MiB, load {os.getloadavg()[0]:.2f} at the end")


def compare(encoding: str, patterns: list[str], listed: Path, log: Path) -> None:
    """In turns, so that both meet the same load; the first turn, which fills caches, does not count."""
    ways: dict[str, Callable[[], set[int]]] = {"ours": lambda: ours(patterns, log)}
    if shutil.which("rg"):
        ways["rg"] = lambda: ripgrep(listed, log, encoding)
    times: dict[str, list[float]] = {way: [] for way in ways}
    hits: dict[str, set[int]] = {}
    for turn in range(ROUNDS + 1):
        for way, search in ways.items():
            start = time.perf_counter()
            hits[way] = search()
            if turn:
                times[way].append(time.perf_counter() - start)
    medians = {way: statistics.median(taken) for way, taken in times.items()}
    size = log.stat().st_size
    shown = ", ".join(f"{way} {took:.2f} s ({size / took / 1e6:.0f} MB/s)" for way, took in medians.items())
    ratio = f"ratio {medians['ours'] / medians['rg']:.1f} (target {TARGET:.0f})" if "rg" in medians else ""
    print(
        f"{encoding:10} {shown}  {ratio}  hits {'the same' if len(set(map(frozenset, hits.values()))) == 1 else hits}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
