"""`diagnose fleet run` on real SSH servers, then `fleet compare`: Ansible, ssh, and the program with its own Python.

Each computer looks at a recorded machine of its own, so what is wrong with whom is known exactly.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from diagnose.errors import InputError
from diagnose.fleet.ansible_run import find_ansible
from tests.lab.hosts import MACHINE, PROJECT, HostLab, HostSpec, open_hosts, why_not

pytestmark = pytest.mark.lab

SCENARIOS = PROJECT / "tests" / "scenarios" / "clamav"
HEALTHY = ("pc-01", "pc-02", "pc-03", "pc-04", "pc-05", "pc-06")
SICK = ("pc-11", "pc-12", "pc-13", "pc-14")
OTHERWISE_SICK = ("pc-21",)
SILENT, ABSENT = "pc-31", "pc-32"
CAUSE, OTHER = "disk-below-minimum", "clamav-not-configured"
SOURCES = {**dict.fromkeys(HEALTHY, "fit-service"), **dict.fromkeys(SICK, "disk-full"), "pc-21": "example-left-in"}
OLD = ("(bookworm)", "version: '12'"), ("(bullseye)", "version: '11'")
"""What the computers with the cause have in common besides: nobody is told."""
NO_PYTHON = "pc-06"
TEMPORARY = "/srv/home/.ansible/tmp"
"""Where Ansible puts things on hosts."""


@dataclass(frozen=True)
class Ran:
    lab: HostLab
    output: Path
    code: int
    said: str
    summary: dict[str, Any]

    @property
    def records(self) -> dict[str, dict[str, Any]]:
        return {record["host"]: record for record in self.summary["hosts"]}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    if reason := why_not():
        pytest.skip(reason)
    try:
        find_ansible()
    except InputError:
        pytest.skip("the lab of fleet runs needs Ansible (requirements-dev.lock has it)")
    folder = tmp_path_factory.mktemp("fleet-lab")
    (nothing := folder / "nothing").mkdir()
    masked = {"/srv/python": nothing} | {str(python): Path("/dev/null") for python in Path("/usr/bin").glob("python3*")}
    specs = [
        HostSpec(name, machine=_machine(name, folder), mounts=masked if name == NO_PYTHON else {})
        for name in (*HEALTHY, *SICK, *OTHERWISE_SICK)
    ]
    with open_hosts([*specs, HostSpec(SILENT, silent=True)]) as lab:
        output = folder / "results"
        ended = _run(lab, folder, output)
        yield Ran(lab, output, ended.returncode, ended.stderr, json.loads(ended.stdout or "{}"))


def _machine(name: str, folder: Path) -> Path:
    """The recorded machine of one computer, under its own name."""
    machine = folder / "machines" / name
    shutil.copytree(SCENARIOS / SOURCES[name] / "machine", machine)
    about = machine / "machine.yaml"
    lines = [line for line in about.read_text(encoding="utf-8").splitlines() if not line.startswith("hostname:")]
    text = "\n".join([*lines, f"hostname: {name}", ""])
    if name in SICK:
        for before, after in zip(*OLD, strict=True):
            assert before in text
            text = text.replace(before, after)
    about.write_text(text, encoding="utf-8")
    return machine


def _run(lab: HostLab, folder: Path, output: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return lab.run(_argv(lab, folder, output, *more), 120.0, ANSIBLE_CONFIG=str(folder / "ansible.cfg"))


def _environment(lab: HostLab, folder: Path) -> dict[str, str]:
    return lab.environment(ANSIBLE_CONFIG=str(folder / "ansible.cfg"))


def _argv(lab: HostLab, folder: Path, output: Path, *more: str) -> list[str]:
    inventory = folder / "hosts.ini"
    inventory.write_text("\n".join(["[clients]", *lab.hosts, ABSENT, ""]), encoding="utf-8")
    settings = f"[defaults]\ntimeout = 4\n[ssh_connection]\nssh_common_args = -F {lab.ssh_config}\n"
    (folder / "ansible.cfg").write_text(settings, encoding="utf-8")
    argv = [sys.executable, "-m", "diagnose", "fleet", "run", "-i", str(inventory)]
    argv += ["--flow", "clamav/definitions", "--machine", str(MACHINE), "--output", str(output)]
    return [*argv, "--format", "json", "--lang", "en", "--timeout", "30", *more]


def test_every_computer_is_judged_or_says_why_not(ran: Ran) -> None:
    records = ran.records
    outcomes = {name: record["verdict"] and record["verdict"]["outcome"] for name, record in records.items()}
    assert outcomes == {
        **dict.fromkeys(HEALTHY, "pass"),
        **dict.fromkeys(SICK, "warn"),
        **dict.fromkeys(OTHERWISE_SICK, "fail"),
        SILENT: None,
        ABSENT: None,
    }, ran.said
    assert {records[name]["verdict"]["primary_cause"]["id"] for name in SICK} == {CAUSE}
    assert records["pc-21"]["verdict"]["primary_cause"]["id"] == OTHER
    assert (records[SILENT]["state"], records[ABSENT]["state"]) == ("unreachable", "unreachable")
    assert records[ABSENT]["reason"] == "name-not-resolved"
    assert ran.code == 4


def test_nothing_is_left_on_any_computer(ran: Ran) -> None:
    assert {record["left"] for record in ran.records.values()} == {""}
    for name in (*HEALTHY, *SICK):
        host = ran.lab.hosts[name]
        assert host.left() == []
        assert host.left(TEMPORARY) == []


def test_missing_computers_are_listed_for_another_run(ran: Ran) -> None:
    missing = (ran.output / "missing.txt").read_text(encoding="utf-8").split()
    assert sorted(missing) == [SILENT, ABSENT]
    assert f"--limit @{ran.output / 'missing.txt'}" in ran.said
    assert "<html" in (ran.output / "index.html").read_text(encoding="utf-8")


def test_compare_names_the_planted_difference(ran: Ran) -> None:
    inventory = ran.output.parent / "hosts.ini"
    argv = [sys.executable, "-m", "diagnose", "fleet", "compare", str(ran.output), "--inventory", str(inventory)]
    compared = ran.lab.run([*argv, "--format", "json", "--lang", "en"])
    assert compared.returncode == 1, compared.stderr
    told = json.loads(compared.stdout)
    assert told["counts"] == {"total": 13, "affected": 5, "healthy": 6, "unknown": 0, "missing": 2}
    (first, *_) = told["causes"]
    assert (first["id"], first["affected"], first["hosts"]) == (CAUSE, len(SICK), list(SICK))
    (difference,) = _claims(told)
    assert (difference["affected_with"], difference["healthy_with"]) == (len(SICK), 0)
    named = [difference["conditions"], *difference["also"]]
    assert {condition["name"] for conditions in named for condition in conditions} == {
        "machine.os.name",
        "machine.os.version",
    }


def test_computers_without_a_result_can_be_run_again(ran: Ran) -> None:
    missing = ran.output / "missing.txt"
    missing.write_text(f"pc-01\n{ABSENT}\n", encoding="utf-8")
    again = _run(ran.lab, ran.output.parent, ran.output, "--limit", f"@{missing}")
    records = {record["host"]: record for record in json.loads(again.stdout)["hosts"]}
    before = ran.records
    assert {name for name, record in records.items() if record != before[name]} == {"pc-01", ABSENT}
    assert records["pc-01"]["verdict"]["run"] != before["pc-01"]["verdict"]["run"]


def test_hosts_clean_up_themselves_when_nobody_is_there_any_more(ran: Ran) -> None:
    argv = ran.lab.argv(_argv(ran.lab, ran.output.parent, ran.output, "--limit", ",".join(SICK)))
    with subprocess.Popen(argv, cwd=PROJECT, env=_environment(ran.lab, ran.output.parent)) as working:
        _until(lambda: _at_work(ran.lab) or working.poll() is not None)
        began = _at_work(ran.lab)
        _cut_the_power(ran.lab)
    assert began
    _until(lambda: not began & {name for name in SICK if ran.lab.hosts[name].left(TEMPORARY)})


def _at_work(lab: HostLab) -> set[str]:
    """Computers on which the program runs."""
    return {name for name in SICK if any((lab.hosts[name].root / TEMPORARY.lstrip("/")).glob("*/pid"))}


def _cut_the_power(lab: HostLab) -> None:
    """Of the computer from which hosts are worked on: no process there says goodbye."""
    there = subprocess.run(["ip", "netns", "pids", lab.control], capture_output=True, encoding="ascii", check=True)
    for pid in there.stdout.split():
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


def _until(seen: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _claims(told: Any) -> list[Any]:
    """Wherever they stand in the document."""
    if isinstance(told, dict):
        own = [told] if told.get("strength") == "claim" else []
        return own + [one for value in told.values() for one in _claims(value)]
    return [one for value in told for one in _claims(value)] if isinstance(told, list) else []
