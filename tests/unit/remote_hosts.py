"""Hosts for tests of `diagnose remote`, all of them on this computer: a stand-in for ssh, and a small program."""

from __future__ import annotations

import platform
import sys
import time
import zipfile
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import structs

from diagnose.remote.hosts import Host, parse_host
from diagnose.remote.order import Order
from diagnose.remote.outcomes import HostRecord, Summary
from diagnose.remote.program import MANIFEST, Manifest, Program, open_program
from diagnose.remote.running import RemotePlan, run_remote
from diagnose.remote.ssh import SshSettings
from diagnose.remote.work import Limits, Phase
from diagnose.report.json_format import render_json
from diagnose.run.result import RunResult
from diagnose.text import Language
from tests.unit.sample_results import failing

HERE = Path(__file__).parent
LIMITS = Limits(stall_s=10, enter_s=10, remove_s=10, ways_s=40)


class Clock:
    def wall(self) -> datetime:
        return datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass
class Heard:
    """Everything that was told while a run went on."""

    phases: list[tuple[str, Phase]] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)

    def phase(self, host: Host, phase: Phase) -> None:
        self.phases.append((str(host), phase))

    def said(self, host: Host, line: str) -> None:
        self.lines.append((str(host), line))


@dataclass(frozen=True)
class Hosts:
    """`folder`: with a folder a host, and what ssh was called with beside it."""

    folder: Path
    settings: SshSettings
    programs: tuple[Program, ...]
    output: Path

    def plan(self, *names: str, act: str = "good", order: Order | None = None) -> RemotePlan:
        return RemotePlan(
            hosts=tuple(map(parse_host, names)),
            order=order or Order(id="", target=None, language=Language.EN, answers={"act": act}, timeout_s=5),
            settings=self.settings,
            output=self.output,
            language=Language.EN,
            clock=Clock(),
            programs=self.programs,
            limits=LIMITS,
        )

    def run(self, plan: RemotePlan, heard: Heard | None = None) -> Summary:
        self.output.mkdir(exist_ok=True)
        return run_remote(plan, heard or Heard(), lambda _: None, lambda _: None)

    def one(self, name: str, act: str = "good", heard: Heard | None = None, **limits: float) -> HostRecord:
        plan = self.plan(name, act=act)
        plan = replace(plan, limits=replace(plan.limits, **limits))
        (record,) = self.run(plan, heard).hosts
        return record

    def left_on(self, name: str) -> list[str]:
        """What is in a host's folder."""
        return sorted(path.name for path in (self.folder / name).iterdir())

    def calls(self, name: str) -> list[list[str]]:
        """The arguments of ssh and sftp, a list a call."""
        text = (self.folder / f"{name}.argv").read_text()
        return [line.split("\x1f") for line in text.splitlines()]


def make_hosts(folder: Path, result: RunResult | None = None) -> Hosts:
    home = folder / "hosts"
    home.mkdir()
    for kind in ("ssh", "sftp"):
        script = folder / kind
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{HERE}/fake_ssh.py" {kind} "{home}" "$@"\n')
        script.chmod(0o700)
    settings = SshSettings(ssh=str(folder / "ssh"), sftp=str(folder / "sftp"), connect_s=1)
    programs = (open_program(small_program(folder, result)), open_program(small_windows_program(folder, result)))
    return Hosts(home, settings, programs, folder / "output")


def small_program(folder: Path, result: RunResult | None = None, **manifest: object) -> Path:
    """For this computer; the stub in place of ours."""
    about = Manifest(
        version="0", platform=sys.platform, machine=platform.machine(), python=sys.version_info[:2], unpacked=1000
    )
    path = folder / "program.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MANIFEST, msgspec.json.encode(structs.replace(about, **manifest)))
        for name in ("diagnose/__init__.py", "diagnose/commands/__init__.py"):
            archive.writestr(name, "")
        archive.write(HERE / "stub_program.py", "diagnose/commands/remote_target.py")
        archive.writestr("diagnose/commands/result.json", render_json(result or failing()))
    return path


def small_windows_program(folder: Path, result: RunResult | None = None, python: str = sys.executable) -> Path:
    """Its Python is a script that calls one of the host's."""
    path = folder / "windows.zip"
    script = f'#!/bin/sh\nshift 6\nexec "{python}" diagnose/stub_program.py "$@"\n'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("diagnose/runtime/python.exe", script)
        archive.write(HERE / "stub_program.py", "diagnose/stub_program.py")
        archive.writestr("diagnose/result.json", render_json(result or failing()))
    return path
