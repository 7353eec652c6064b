"""How long it takes to look at 20 endpoints in the fault lab, beside curl: `python -m tests.bench.connectivity` (root).

Targets: 20 healthy endpoints within twice the time of curl, which asks one after the other, and under 1.2 s; 20 blocked
ones within 1.3 times the time of the slowest single one. Medians, alternating.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml

from tests.lab.addresses import MANY
from tests.lab.fault import DROPPED
from tests.lab.lab_rules import PRODUCT, write_rules
from tests.lab.offices import Office, Setup
from tests.lab.world import follow_input, in_new_namespaces, open_world, why_not

ENDPOINTS, REPEATS = 20, 7
INSIDE = "--inside"
_HOSTS = [f"host-{number:03}.{MANY}" for number in range(ENDPOINTS)]


def rules_for(hosts: list[str], folder: Path) -> Path:
    """Rules whose flow looks at these hosts and at nothing else."""
    folder.mkdir()
    rules = write_rules(folder)
    product, flow = rules / PRODUCT / "product.yaml", rules / PRODUCT / "updates.yaml"
    changed = yaml.safe_load(product.read_text(encoding="utf-8"))
    changed["endpoints"] = [
        {"id": f"e{number}", "host": host, "port": 443, "url": f"https://{host}/version.txt", "source": "bench"}
        for number, host in enumerate(hosts)
    ]
    product.write_text(yaml.safe_dump(changed, allow_unicode=True), encoding="utf-8")
    steps = yaml.safe_load(flow.read_text(encoding="utf-8"))
    steps["steps"] = [step for step in steps["steps"] if step["id"] == "connectivity"]
    flow.write_text(yaml.safe_dump(steps, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return rules


def diagnose(office: Office, setup: Setup, rules: Path) -> tuple[float, float]:
    """Wall seconds of the process, and of the step alone."""
    output = rules.parent / "result"
    shown: list[str | Path] = ["--format", "json", "--rules", rules, "--output", output]
    start = time.perf_counter()
    ran = office.run([sys.executable, "-m", "diagnose", "run", PRODUCT, "--no-input", *shown], setup)
    took = time.perf_counter() - start
    if not ran.stdout:
        raise RuntimeError(ran.stderr)
    (step,) = json.loads(ran.stdout)["steps"]
    shutil.rmtree(output)
    return took, float(step["duration_s"])


def curl(office: Office, setup: Setup) -> float:
    """One process a host, one after the other, as a script of a helpdesk does it."""
    store = office.environment(setup)["SSL_CERT_FILE"]
    each = f"curl -sS -o /dev/null -m 10 --cacert {store} https://$host/version.txt || true"
    start = time.perf_counter()
    office.run(["sh", "-c", f"for host in {' '.join(_HOSTS)}; do {each}; done"], setup, timeout_s=300)
    return time.perf_counter() - start


def compare(office: Office, folder: Path) -> None:
    many, one = rules_for(_HOSTS, folder / "many"), rules_for(_HOSTS[:1], folder / "one")
    good = Setup()
    office.switch(good)
    healthy = _medians({"run": lambda: diagnose(office, good, many), "curl": lambda: (curl(office, good), 0.0)})
    office.switch(DROPPED)
    blocked = _medians({"run": lambda: diagnose(office, DROPPED, many), "one": lambda: diagnose(office, DROPPED, one)})
    (run, step), (asked, _) = healthy["run"], healthy["curl"]
    print(f"{ENDPOINTS} healthy: run {run:.2f} s, its step {step:.2f} s; curl, one by one {asked:.2f} s")
    print(f"  run / curl {run / asked:.2f}, step / curl {step / asked:.2f}   (target 2, and under 1.2 s)")
    (all_, all_step), (single, single_step) = blocked["run"], blocked["one"]
    print(
        f"{ENDPOINTS} blocked: run {all_:.2f} s, step {all_step:.2f} s; one: {single:.2f} s, step {single_step:.2f} s"
    )
    print(f"  all / one {all_ / single:.2f}, steps {all_step / single_step:.2f}   (target 1.3)")


def _medians(ways: Mapping[str, Callable[[], tuple[float, float]]]) -> dict[str, tuple[float, float]]:
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(REPEATS):
        for name, way in ways.items():
            times[name].append(way())
    return {
        name: (statistics.median(wall for wall, _ in found), statistics.median(step for _, step in found))
        for name, found in times.items()
    }


def main() -> None:
    if INSIDE in sys.argv:
        follow_input()
        with open_world(1) as world:
            compare(world.offices[0], world.folder)
        return
    reason = why_not() or (None if shutil.which("curl") else "the comparison needs curl")
    if reason:
        sys.exit(reason)
    print(f"load {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores; medians of {REPEATS}")
    with in_new_namespaces("tests.bench.connectivity", INSIDE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="")
    print(f"load {os.getloadavg()[0]:.2f} at the end")


if __name__ == "__main__":
    main()
