"""The portable program on a Windows with an agent, a server and a planted fault: whole runs, as a helpdesk makes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path, PureWindowsPath
from typing import Any

import pytest
import yaml

from tests.lab import netlab
from tests.lab.internet import RESOLVER
from tests.windows.planting import plant
from tests.windows.wine import Program, Windows, open_windows

PROJECT = Path(__file__).parents[2]
SCENARIOS = PROJECT / "tests" / "scenarios" / "apex-one"
OUTPUT = r"C:\診断 結果"
PLANTED = (
    "healthy-windows-10",
    "scope-blocks-programs",
    "scope-blocks-programs-as-text",
    "service-stopped",
    "signing-root-missing-update-off",
    "reboot-pending",
    "conflicting-security-software",
    "log-failure-lines-utf-16",
)


@contextmanager
def planted(program: Program, scenario: Path) -> Iterator[Windows]:
    """A Windows with this scenario's computer, in a network with its server."""
    with (
        netlab.open_lab() as lab,
        open_windows(program=program, network=lab.client, resolv_conf=f"nameserver {RESOLVER}\n") as windows,
    ):
        plant(windows, scenario / "machine")
        yield windows


def answers_of(scenario: Path) -> list[str]:
    """The operator's answers as options; a license that was valid when the scenario was written still is."""
    answers: Mapping[str, Any] = yaml.safe_load((scenario / "case.yaml").read_text(encoding="utf-8"))["answers"]
    later = {"license_expires_on": f"{datetime.now(UTC) + timedelta(days=300):%Y-%m-%d}"}
    return [f"--answer={name}={later.get(name, value)}" for name, value in answers.items()]


def run(
    windows: Windows, *options: str, target: str = "apex-one", launcher: str = "diagnose.exe"
) -> subprocess.CompletedProcess[bytes]:
    assert windows.program is not None
    argv: list[str | PureWindowsPath] = [
        windows.program.folder / launcher,
        "run",
        target,
        "--no-input",
        "--lang",
        "ja",
        "--format",
        "json",
        *options,
    ]
    return windows.run(argv, timeout_s=120)


def verdicts(result: Mapping[str, Any]) -> dict[str, Any]:
    steps = {step["id"]: (step["status"], step["cause"]) for step in result["steps"]}
    return {"outcome": result["outcome"], "primary": result["primary_cause"], "steps": steps}


def replayed(folder: Path) -> Any:
    argv = [sys.executable, "-m", "diagnose", "replay", str(folder), "--format", "json"]
    done = subprocess.run(argv, cwd=PROJECT, capture_output=True, check=False)
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", PLANTED)
def test_the_planted_cause_is_named_and_the_recording_replays_on_linux(
    program: Program, name: str, tmp_path: Path
) -> None:
    scenario = SCENARIOS / name
    expected = yaml.safe_load((scenario / "case.yaml").read_text(encoding="utf-8"))["expect"]
    with planted(program, scenario) as windows:
        before = windows.snapshot()
        done = run(windows, *answers_of(scenario), "--output", OUTPUT)
        result = json.loads(done.stdout)
        shutil.copytree(windows.path(OUTPUT), tmp_path / "run")
        shutil.rmtree(windows.path(OUTPUT))
        changes = before.differences(windows.snapshot())
    found = {cause["id"] for cause in result["causes"] if cause["status"] in ("warn", "fail")}
    assert (result["outcome"], result["primary_cause"], found) == (
        expected["outcome"],
        expected["primary_cause"],
        set(expected["causes"]),
    ), done.stderr.decode()
    assert done.returncode == (0 if expected["outcome"] == "pass" else 1)
    assert result["machine"]["platform"] == "windows"
    assert result["machine"]["recorded"] is False
    report = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert 'lang="ja"' in report
    assert all(cause["title"]["ja"] in report for cause in result["causes"])
    assert json.loads((tmp_path / "run" / "result.json").read_bytes()) == result
    assert verdicts(replayed(tmp_path / "run")) == verdicts(result)
    assert changes == []
