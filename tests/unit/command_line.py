"""The command line in tests: in this process and as a process of its own, over a small product on a recorded PC."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from diagnose.cli import run_command_line
from tests.unit.small_rules import FILES, write_files

ROOT = Path(__file__).parents[2]

MACHINE_YAML = """\
platform: windows
now: 2026-11-21T09:00:00+09:00
hostname: 経理-01
os: {name: Windows 10 Pro, version: 10.0.19045, build: 19045}
disks: [{path: 'C:\\', total_mb: 120000, free_mb: 9000}]
"""


def write_rules(folder: Path, files: Mapping[str, str] = FILES) -> Path:
    """A folder for `--rules` with the product `demo`; the computer's own product is the built-in one."""
    write_files(folder, {name: text for name, text in files.items() if not name.startswith("machine/")})
    return folder


def write_machine(folder: Path, no_upgrade: str | None = "1", machine: str = MACHINE_YAML) -> Path:
    """A recorded PC on which `demo` is installed; its update scope is blocked (1), allowed (0) or not recorded."""
    (folder / "registry").mkdir(parents=True)
    (folder / "machine.yaml").write_text(machine, encoding="utf-8")
    lines = ["Windows Registry Editor Version 5.00", "", "[HKEY_LOCAL_MACHINE\\SOFTWARE\\デモ]", '"Version"="v14.0.1"']
    lines += [f'"NoUpgrade"="{no_upgrade}"'] if no_upgrade is not None else []
    (folder / "registry" / "デモ.reg").write_bytes("\r\n".join([*lines, ""]).encode("utf-16"))
    return folder


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What was said on stderr."""
        return self.err.splitlines()


class Cli:
    """Runs `diagnose` in this process."""

    def __init__(self, captured: pytest.CaptureFixture[bytes], folder: Path) -> None:
        self._captured = captured
        self.folder = folder
        self.rules = write_rules(folder / "規則")
        self.machine = write_machine(folder / "機械")

    def __call__(self, *argv: str | Path) -> Ran:
        self._captured.readouterr()
        code = run_command_line([str(word) for word in argv])
        out, err = self._captured.readouterr()
        return Ran(code, out.decode(), err.decode())

    def run(self, *argv: str | Path, machine: Path | None = None) -> Ran:
        """`diagnose run demo/update` on the recorded PC."""
        return self(
            "run", "demo/update", "--rules", self.rules, "--machine", machine or self.machine, "--no-input", *argv
        )


def isolated_cli(
    folder: Path, captured: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cli]:
    """For a fixture: English unless a test says otherwise, and nothing outside of `folder` is written."""
    for name in ("DIAGNOSE_LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    monkeypatch.chdir(folder)
    before = signal.getsignal(signal.SIGTERM)
    yield Cli(captured, folder)
    signal.signal(signal.SIGTERM, before)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """For a process: English, and its state below `folder`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "DIAGNOSE"))}
    return {**kept, "LANG": "C.UTF-8", "XDG_STATE_HOME": str(folder / "state"), "PYTHONPATH": str(ROOT), **more}


def command(*argv: str | Path) -> list[str]:
    return [sys.executable, "-m", "diagnose", *map(str, argv)]


def process(argv: Sequence[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        argv,
        env=environment(folder, **variables),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=30,
        check=False,
        cwd=folder,
    )
