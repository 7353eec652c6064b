"""`diagnose remote` against real SSH servers: healthy, sick, unreachable, hanging, lying ones."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from diagnose.machine.recorded import RecordedMachine
from diagnose.run.store import open_result
from tests.lab.hosts import HOME, MACHINE, PASSWORD, PROJECT, TEMPORARY, HostLab, HostSpec, open_hosts, why_not
from tests.unit.remote_hosts import small_windows_program

pytestmark = pytest.mark.lab

SCENARIOS = PROJECT / "tests" / "scenarios" / "clamav"
JUDGED = {
    "pc-1": ("fit-service", "pass", None),
    "pc-2": ("fit-timer", "pass", None),
    "pc-3": ("disk-full", "warn", "disk-below-minimum"),
    "pc-4": ("dns-name-missing", "fail", "dns-name-not-resolved"),
    "pc-5": ("engine-ended", "warn", "engine-unsupported"),
    "pc-6": ("databases-not-recorded", "unknown", None),
}
NOISY = "echo 'Welcome to this host'; exec sh -c \"$SSH_ORIGINAL_COMMAND\""
DEAD = "10.78.0.250"
WINDOWS_PYTHON = "/srv/python/bin/python3"


def _specs() -> Iterator[HostSpec]:
    for name, (scenario, _, _) in JUDGED.items():
        noisy = NOISY if name == "pc-6" else ""
        shell = "/bin/bash" if name == "pc-2" else "/bin/sh"
        yield HostSpec(name, machine=SCENARIOS / scenario / "machine", force=noisy, shell=shell)
    yield HostSpec("live")
    yield HostSpec("key-unknown", known=False)
    yield HostSpec("key-changed", changed=True)
    yield HostSpec("password", machine=SCENARIOS / "disk-full" / "machine", password=True)
    yield HostSpec("hangs", force="sleep 1000")
    yield HostSpec("floods", force="cat /dev/zero")
    yield HostSpec("full", room="1M")
    yield HostSpec("silent", silent=True)


@dataclass(frozen=True)
class Ran:
    code: int
    summary: dict[str, Any]
    err: str
    output: Path

    @property
    def hosts(self) -> dict[str, dict[str, Any]]:
        return {record["host"]: record for record in self.summary["hosts"]}


@dataclass(frozen=True)
class Remote:
    """Runs the command in the lab, as somebody whose ssh knows the lab's hosts."""

    lab: HostLab
    program: Path

    def argv(self, *argv: str | Path) -> list[str | Path]:
        ssh = ("--ssh-config", self.lab.ssh_config, "--program", self.program, "--connect-timeout", "3")
        return [sys.executable, "-m", "diagnose", "remote", *ssh, *argv]

    def __call__(self, output: Path, *argv: str | Path) -> Ran:
        done = self.lab.run(self.argv("--format", "json", "--output", output, *argv))
        assert done.returncode in (0, 1, 3, 4, 5), done.stderr
        return Ran(done.returncode, json.loads(done.stdout), done.stderr, output)


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    reason = why_not()
    if reason:
        pytest.skip(reason)
    program = tmp_path_factory.mktemp("program") / "program.zip"
    saved: list[str | Path] = [sys.executable, "-m", "diagnose", "remote", "--save-program", program]
    with open_hosts(list(_specs())) as lab:
        subprocess.run(saved, cwd=PROJECT, check=True, capture_output=True)
        yield Remote(lab, program)


NO_RESULT = {
    "key-unknown": ("unreachable", {"host-key-unknown"}),
    "key-changed": ("unreachable", {"host-key-changed"}),
    "silent": ("unreachable", {"timeout"}),
    f"root@{DEAD}": ("unreachable", {"no-route", "timeout"}),  # whoever gives up first, the kernel or ssh
    "pc-1:2222": ("unreachable", {"refused"}),
    "hangs": ("tool_failed", {"no-answer"}),
    "floods": ("tool_failed", {"garbage"}),
    "full": ("tool_failed", {"no-space"}),
}
COUNTS = {"pass": 2, "warn": 2, "fail": 1, "unknown": 1, "unreachable": 5, "tool_failed": 3, "not_run": 0}


def test_one_run_tells_the_healthy_the_sick_and_those_without_a_result_apart(remote: Remote, tmp_path: Path) -> None:
    """One test, because one run serves all of its questions."""
    output, hosts = tmp_path / "結果", tmp_path / "hosts.txt"
    names = [*JUDGED, *NO_RESULT]
    hosts.write_text("\n".join(["# 全台", *names, "pc-1  # 二回目"]), encoding="utf-8")
    ran = remote(output, "--hosts", hosts, "--flow", "clamav/definitions", "--machine", MACHINE, "--at-once", "20")
    assert (ran.code, ran.summary["totals"]) == (5, {"hosts": 14, **COUNTS}), ran.err
    for name, (_, outcome, cause) in JUDGED.items():
        _check_verdict(ran, name, outcome, cause)
    for name, (state, reasons) in NO_RESULT.items():
        record = ran.hosts[name]
        assert (record["state"], record["folder"], record["left"]) == (state, None, ""), record
        assert record["reason"] in reasons, record
    _check_fingerprint(ran, remote.lab)
    _check_files(ran)
    left = {name: host.left(folder) for name, host in remote.lab.hosts.items() for folder in TEMPORARY}
    assert not any(left.values()), left
    _check_second_run(ran, remote, tmp_path)


def _check_verdict(ran: Ran, name: str, outcome: str, cause: str | None) -> None:
    record = ran.hosts[name]
    assert (record["state"], record["left"]) == ("done", ""), record
    assert (record["verdict"]["outcome"], (record["verdict"]["primary_cause"] or {}).get("id")) == (outcome, cause)
    folder = ran.output / record["folder"]
    assert open_result(folder).run.id == record["verdict"]["run"]
    assert RecordedMachine.open(folder / "machine").platform == "linux"
    assert (folder / "report.html").is_file()


def _check_fingerprint(ran: Ran, lab: HostLab) -> None:
    """Of the key that was refused, as `ssh-keygen` shows it."""
    file = lab.folder / "key-unknown.host-key.pub"
    told = subprocess.run(["ssh-keygen", "-lf", file], capture_output=True, encoding="utf-8", check=True).stdout
    assert told.split()[1] in ran.hosts["key-unknown"]["detail"]


def _check_files(ran: Ran) -> None:
    missing = (ran.output / "missing.txt").read_text(encoding="utf-8").split()
    assert set(missing) == set(NO_RESULT)
    page = (ran.output / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{name}/report.html"' in page for name in JUDGED)


def _check_second_run(ran: Ran, remote: Remote, tmp_path: Path) -> None:
    """Only what is named is run again; the others stay in the summary."""
    file = tmp_path / "some.txt"
    file.write_text("pc-1:2222\n", encoding="utf-8")
    again = remote(ran.output, "--hosts", file)
    assert again.code == 5
    assert again.hosts.keys() == ran.hosts.keys()
    assert again.hosts["pc-3"] == ran.hosts["pc-3"]


def test_a_live_host_is_looked_at_itself_with_a_bundle(remote: Remote, tmp_path: Path) -> None:
    ran = remote(tmp_path / "out", "live", "--flow", "machine/health", "--timeout", "6", "--bundle", "--lang", "ja")
    record = ran.hosts["live"]
    assert record["verdict"]["hostname"] == "live"
    assert not open_result(ran.output / "live").machine.recorded
    assert "live: 診断しています" in ran.err
    with zipfile.ZipFile(ran.output / "live" / "bundle.zip") as bundle:
        assert "manifest.json" in bundle.namelist()
    maps = list((remote.lab.folder / "state").rglob("private/*.json"))
    assert len(maps) == 1
    assert remote.lab.hosts["live"].left() == []


def test_over_ipv6_through_a_jump_host_and_by_a_key_file(remote: Remote, tmp_path: Path) -> None:
    lab = remote.lab
    config = tmp_path / "ssh_config"
    jump = "Host far\n  HostName 10.78.0.12\n  HostKeyAlias pc-3\n  ProxyJump pc-1\n"
    config.write_text(jump + lab.ssh_config.read_text(encoding="ascii"), encoding="ascii")
    address = f"root@[{lab.hosts['pc-4'].address6}]:22"
    own = ("--known-hosts", lab.known_hosts, "--identity", lab.key)
    argv = ("--flow", "clamav/definitions", "--machine", MACHINE, "--ssh-config", config, *own)
    ran = remote(tmp_path / "out", "far", address, *argv)
    causes = {host: record["verdict"]["primary_cause"]["id"] for host, record in ran.hosts.items()}
    assert causes == {"far": "disk-below-minimum", address: "dns-name-not-resolved"}
    assert ran.code == 1


def test_a_password_comes_from_a_descriptor(remote: Remote, tmp_path: Path) -> None:
    argv = ("password", "--flow", "clamav/definitions", "--machine", MACHINE)
    assert remote(tmp_path / "out", *argv).hosts["password"]["reason"] == "denied"
    for password, state in (("wrong", "unreachable"), (PASSWORD, "done")):
        reader, writer = os.pipe()
        os.write(writer, f"{password}\n".encode())
        os.close(writer)
        command = remote.argv(*argv, "--output", tmp_path / "out", "--format", "json", "--password-fd", str(reader))
        done = subprocess.run(
            remote.lab.argv(command),
            cwd=PROJECT,
            env=remote.lab.environment(),
            capture_output=True,
            pass_fds=(reader,),
            timeout=60,
            check=False,
        )
        os.close(reader)
        (record,) = json.loads(done.stdout)["hosts"]
        assert record["state"] == state, done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing_behind(remote: Remote, tmp_path: Path, number: signal.Signals) -> None:
    host = remote.lab.hosts["live"]
    output = tmp_path / "out"
    command = remote.lab.argv(remote.argv("live", "pc-1", "--flow", "machine/health", "--output", output))
    environment = remote.lab.environment()
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        assert run.stderr is not None
        for line in run.stderr:
            if line == b"live: running\n":
                break
        assert len(host.left()) == 1
        run.send_signal(number)
        assert run.wait(20) == 130
    assert host.left() == []
    summary = json.loads((output / "summary.json").read_bytes())
    assert summary["interrupted"] is True
    (record,) = (record for record in summary["hosts"] if record["host"] == "live")
    assert (record["state"], record["reason"], record["left"]) == ("not_run", "interrupted", "")


def test_a_killed_run_leaves_nothing_behind_either(remote: Remote, tmp_path: Path) -> None:
    host = remote.lab.hosts["live"]
    command = remote.lab.argv(remote.argv("live", "--flow", "machine/health", "--output", tmp_path / "out"))
    with subprocess.Popen(command, cwd=PROJECT, env=remote.lab.environment(), stderr=subprocess.PIPE) as run:
        assert run.stderr is not None
        for line in run.stderr:
            if line == b"live: running\n":
                break
        run.kill()
    _end_of_ssh(remote.lab)
    deadline = time.monotonic() + 15
    while host.left() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert host.left() == []


def _end_of_ssh(lab: HostLab) -> None:
    """Their input has ended with their starter; wait for the connections to be gone."""
    deadline = time.monotonic() + 15
    pids = ["ip", "netns", "pids", lab.control]
    while subprocess.run(pids, capture_output=True, check=True).stdout.strip() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_what_passes_for_a_windows_is_reached_by_sftp(remote: Remote, tmp_path: Path) -> None:
    program = small_windows_program(tmp_path, python=WINDOWS_PYTHON)
    script = tmp_path / "cmd"
    script.write_text(f'#!/bin/sh\nexec {WINDOWS_PYTHON} /srv/shell.py "$@"\n', encoding="ascii")
    script.chmod(0o755)
    mounts = {"/srv/shell.py": PROJECT / "tests" / "lab" / "windows_shell.py", "/srv/shell": script}
    claim = "VersionAddendum OpenSSH_for_Windows"
    spec = HostSpec("win", shell="/srv/shell", mounts=mounts, settings=(claim,))
    with open_hosts([spec]) as lab:
        ran = Remote(lab, program)(tmp_path / "out", "win")
        assert (ran.hosts["win"]["state"], ran.hosts["win"]["left"]) == ("done", ""), ran.err
        assert lab.hosts["win"].left(HOME) == []
        refused = Remote(lab, remote.program)(tmp_path / "out-2", "win")
        assert refused.hosts["win"]["reason"] == "no-program"
