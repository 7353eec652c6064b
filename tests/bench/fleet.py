"""`fleet compare` at scale: time, memory and whether planted causes are found. By hand: `python -m tests.bench.fleet`.

    python -m tests.bench.fleet              1,000, 10,000 and 100,000 results of 20 KB, then 300-host trials
    python -m tests.bench.fleet 1000 10000   these sizes only
    python -m tests.bench.fleet trials 40    only the trials, 40 of each

The results are made below the folder for temporary files (2.2 GB at 100,000) and removed again.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from diagnose.fleet.collected import Collector
from diagnose.fleet.comparing import Question, compare
from diagnose.fleet.page import render_html
from diagnose.fleet.search import explain
from diagnose.fleet.sources import Passed, pieces
from diagnose.text import Language
from tests.unit.fleet_samples import PLANTED, Fleet, parts_and_labels, result_json

ROOT = Path(__file__).resolve().parents[2]
SIZES = (1_000, 10_000, 100_000)
NOISE = 225
"""Facts without meaning, so that a result has 20 KB."""
_A_FOLDER = 1_000


def make_results(folder: Path, count: int) -> int:
    """Files as a share would hold them; the bytes of all of them."""
    fleet, total = Fleet(1, NOISE), 0
    for number, row in enumerate(fleet.rows(count)):
        causes = [cause for cause in PLANTED if fleet.affected(row, cause)]
        part = folder / f"{number // _A_FOLDER:03d}"
        if not number % _A_FOLDER:
            part.mkdir()
        data = result_json(fleet.lose_some(row), f"PC-{number:06d}", causes)
        (part / f"PC-{number:06d}.json").write_bytes(data)
        total += len(data)
    return total


def measure(folder: Path) -> dict[str, object]:
    """Ingest, compare and page of one process; seconds of wall and CPU time, MB of memory at most."""
    start, cpu = time.perf_counter(), time.process_time()
    found = Collector().collect(pieces([folder], Passed()))
    ingested, ingested_cpu = time.perf_counter(), time.process_time()
    question = Question(None, None, None, 1e9, frozenset())
    report, _ = compare(found, question, datetime.now().astimezone(), "bench")
    compared, compared_cpu = time.perf_counter(), time.process_time()
    render_html(report, Language.JA)
    right = {
        one.cause: {condition.name.removeprefix("facts.") for condition in one.differences[0].conditions}
        == PLANTED[one.cause]
        for one in report.comparisons
        if one.differences
    }
    return {
        "results": len(found.rows),
        "ingest": ingested - start,
        "ingest_cpu": ingested_cpu - cpu,
        "compare": compared - ingested,
        "compare_cpu": compared_cpu - ingested_cpu,
        "page": time.perf_counter() - compared,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "right": sum(right.values()),
    }


def scale(sizes: tuple[int, ...]) -> None:
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="diagnose-bench-") as name:
            total = make_results(Path(name), size)
            times = [_in_a_process(name) for _ in range(3 if size <= 10_000 else 1)]
        median = {key: statistics.median(float(one[key]) for one in times) for key in times[0]}
        print(
            f"{size:7,} results, {total / size / 1024:.1f} KB each: "
            f"ingest {median['ingest']:6.1f} s (CPU {median['ingest_cpu']:5.1f}), "
            f"compare {median['compare']:5.1f} s (CPU {median['compare_cpu']:5.1f}), page {median['page']:.1f} s, "
            f"{median['memory']:.0f} MB, planted causes on top {median['right']:.0f} of {len(PLANTED)}   "
            f"load {os.getloadavg()[0]:.1f}",
            flush=True,
        )


def _in_a_process(folder: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.fleet", "measure", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def trials(count: int, hosts: int = 300, affected: int = 30) -> None:
    """How often the first claim has exactly the planted facts, and how often random labels give a claim."""
    print(f"{count} trials of each, {hosts} computers, {affected} affected, {NOISE + 13} facts")
    for cause in (*PLANTED, "nothing"):
        exact = claims = 0
        times = []
        for seed in range(count):
            rows, labels = Fleet(seed, NOISE).sample(cause, affected, hosts - affected)
            parts, sick, well = parts_and_labels(rows, labels)
            start = time.perf_counter()
            found = explain(parts, sick, well)
            times.append(time.perf_counter() - start)
            claims += bool(found.claims)
            first = {atom.name for atom in found.claims[0].atoms} if found.claims else set()
            exact += first == PLANTED.get(cause)
        right = f"exactly the planted facts {exact:3d}" if cause in PLANTED else "random labels           "
        print(
            f"  {cause:8s} {right}, any claim {claims:3d} of {count}; median {statistics.median(times):.2f} s",
            flush=True,
        )


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["measure"]:
        print(json.dumps(measure(Path(arguments[1]))))
        return
    print(f"load {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores, Python {sys.version.split()[0]}; medians")
    if arguments[:1] == ["trials"]:
        trials(int(arguments[1]))
        return
    scale(tuple(map(int, arguments)) or SIZES)
    if not arguments:
        trials(20)
    print(f"load {os.getloadavg()[0]:.2f} at the end")


if __name__ == "__main__":
    main(sys.argv[1:])
