"""`diagnose fleet run` beside bare OpenSSH: the same program on the same six hosts, by `xargs -P 6` and one ssh each.

    python -m tests.bench.fleet_run      (as root; needs what tests/lab/test_fleet_run.py needs)

Target: within twice. Bare OpenSSH sends the same file over one connection a host, unpacks, runs, brings the answer back
and removes everything; it looks at no answer, knows no deadline and shows nothing. Both begin with the program packed.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from diagnose.fleet.ansible_run import find_ansible
from diagnose.fleet.linux_program import linux_program, with_order
from diagnose.remote.order import Order
from diagnose.text import Language
from tests.lab.hosts import MACHINE, PROJECT, HostLab, HostSpec, open_hosts, why_not

HOSTS = tuple(f"pc-{number}" for number in range(1, 7))
FLOW = "clamav/definitions"
SCENARIO = PROJECT / "tests" / "scenarios" / "clamav" / "fit-service" / "machine"
REPEATS = 5
ONE_HOST = "d=$(mktemp -d) && cd $d && gzip -dc | tar -xof - && sh ./start >log 2>&1; cat answer.zip; cd / && rm -rf $d"


def seconds(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def bare(lab: HostLab, folder: Path) -> None:
    for name in HOSTS:
        (folder / f"{name}.zip").unlink(missing_ok=True)
    script = f"ssh -F {lab.ssh_config} {{}} '{ONE_HOST}' < {folder}/both.gz > {folder}/{{}}.zip"
    names = "\n".join(HOSTS)
    argv = lab.argv(["xargs", "-P", "6", "-I", "{}", "sh", "-c", script])
    subprocess.run(argv, input=names, encoding="ascii", env=lab.environment(), check=True)
    assert all((folder / f"{name}.zip").stat().st_size > 1000 for name in HOSTS)


def fleet(lab: HostLab, folder: Path) -> None:
    output = folder / "results"
    shutil.rmtree(output, ignore_errors=True)
    argv = [sys.executable, "-m", "diagnose", "fleet", "run", "-i", str(folder / "hosts.ini"), "--flow", FLOW]
    argv += ["--machine", str(MACHINE), "--output", str(output), "--format", "json", "--lang", "en"]
    ended = lab.run(argv, 120.0, ANSIBLE_CONFIG=str(folder / "ansible.cfg"))
    # 4 and 5: a host had no result.
    assert ended.returncode in {0, 1, 3}, (ended.returncode, ended.stderr[-800:])


def main() -> None:
    if reason := why_not():
        sys.exit(reason)
    find_ansible()
    specs = [HostSpec(name, machine=SCENARIO) for name in HOSTS]
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/run") as name, open_hosts(specs) as lab:
        folder = Path(name)
        (folder / "hosts.ini").write_text("\n".join(HOSTS), encoding="ascii")
        settings = f"[ssh_connection]\nssh_common_args = -F {lab.ssh_config}\n"
        (folder / "ansible.cfg").write_text(settings, encoding="ascii")
        program = linux_program(lab.folder / ".cache" / "diagnose", lambda: print("making the program"))
        order = Order(id="bench", target=FLOW, language=Language.EN, answers={}, machine=str(MACHINE))
        with_order(program, msgspec.json.encode(order), folder / "both.gz")
        print(
            f"load {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores; the file has {program.stat().st_size >> 20} MB"
        )
        times: dict[str, list[float]] = {"bare": [], "fleet": []}
        for _ in range(REPEATS):
            # In turns: both see the same load.
            times["bare"].append(seconds(lambda: bare(lab, folder)))
            times["fleet"].append(seconds(lambda: fleet(lab, folder)))
        one, other = statistics.median(times["bare"]), statistics.median(times["fleet"])
        ratio = statistics.median(b / a for a, b in zip(times["bare"], times["fleet"], strict=True))
        print(f"ssh and xargs        {one:6.1f} s")
        print(f"diagnose fleet run   {other:6.1f} s   {ratio:.2f} x      (target 2 x)")
        print(f"load {os.getloadavg()[0]:.2f} at the end")


if __name__ == "__main__":
    main()
