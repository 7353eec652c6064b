"""Medians of what the user waits for, beside the bare interpreter and Google's CEL where they can be compared."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from diagnose.resources import rules_folder

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = next(iter(sorted((ROOT / "tests" / "scenarios" / "apex-one").glob("*healthy*"))), None)


def seconds(action: Callable[[], object], repeats: int) -> float:
    """Median wall time of one call."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def process(*arguments: str) -> Callable[[], object]:
    command = [sys.executable, *arguments]
    return lambda: subprocess.run(command, cwd=ROOT, capture_output=True, check=False)


def start_up() -> None:
    bare = seconds(process("-c", "pass"), 15)
    version = seconds(process("-m", "diagnose", "--version"), 15)
    print(f"python -c pass                 {bare * 1e3:8.1f} ms")
    print(f"diagnose --version             {version * 1e3:8.1f} ms   {version / bare:.2f} x bare      (target 3 x)")
    if SCENARIO is not None:
        run = process(
            "-m", "diagnose", "run", "apex-one/agent-upgrade", "--no-input", "--machine", str(SCENARIO / "machine")
        )
        took = seconds(run, 9)
        print(f"recorded apex-one run, process {took * 1e3:8.1f} ms   {took / bare:.1f} x bare      (target 600 ms)")


def lint_time() -> None:
    from diagnose.rules.folders import open_rule_folders
    from diagnose.rules.lint import lint

    took = seconds(lambda: lint(open_rule_folders(rules_folder())), 9)
    print(f"lint of all packs, in process  {took * 1e3:8.1f} ms                   (target 150 ms)")


def judging() -> None:
    """Evidence gathered once; then only judging and the record, as a fleet's re-judging would."""
    if SCENARIO is None:
        return
    from tests.bench.judging import prepared_run

    judge = prepared_run(SCENARIO)
    judge()
    took = seconds(judge, 200)
    print(f"judging alone, one run         {took * 1e3:8.2f} ms   {1 / took:.0f} runs/s       (target 300 runs/s)")


def conditions() -> None:
    from diagnose.expressions import INT, STRING, compile_expression

    source = 'a > 1 && b == "期限切れ" && a < 100'
    ours = compile_expression(source, {"a": INT, "b": STRING})
    values = {"a": 5, "b": "期限切れ"}
    mine = seconds(lambda: [ours.evaluate(values) for _ in range(10_000)], 9) / 10_000
    print(f"one condition                  {mine * 1e9:8.0f} ns")
    try:
        from cel_expr_python import cel
    except ImportError:
        return
    theirs = cel.NewEnv(variables={"a": cel.Type.INT, "b": cel.Type.STRING}).compile(source)
    took = seconds(lambda: [theirs.eval(data=values) for _ in range(2_000)], 9) / 2_000
    print(f"  the same, cel-expr-python    {took * 1e9:8.0f} ns   ours is {took / mine:.1f} x as fast")


def under_wine() -> None:
    from tests.bench.windows import windows_start_up

    windows_start_up(seconds, SCENARIO / "machine" if SCENARIO is not None else None)


def main() -> None:
    print(f"load {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores, Python {sys.version.split()[0]}; medians")
    for part in (start_up, lint_time, judging, conditions, under_wine):
        part()
    print(f"load {os.getloadavg()[0]:.2f} at the end")


if __name__ == "__main__":
    main()
