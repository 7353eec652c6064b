"""The portable program on a Windows with an agent, a server and a planted fault: whole runs, as a helpdesk makes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path, PureWindowsPath
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from diagnose.bundle.age_keys import public_text, secret_text
from diagnose.bundle.encryption import decrypt_file
from diagnose.bundle.verify import verify
from tests.lab import netlab
from tests.lab.internet import RESOLVER
from tests.windows.planting import plant
from tests.windows.wine import Drive, Program, Windows, open_windows

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
    return diagnose(
        windows, "run", target, "--no-input", "--lang", "ja", "--format", "json", *options, launcher=launcher
    )


def diagnose(windows: Windows, *words: str, launcher: str = "diagnose.exe") -> subprocess.CompletedProcess[bytes]:
    assert windows.program is not None
    argv: list[str | PureWindowsPath] = [windows.program.folder / launcher, *words]
    # Real pipes, as a script has them.
    command, environment = windows.command(argv), windows.environment()
    return subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False
    )


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
        done = run(windows, *answers_of(scenario), "--output", OUTPUT)
        result = json.loads(done.stdout)
        shutil.copytree(windows.path(OUTPUT), tmp_path / "run")
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


def test_the_screens_come_to_the_same_result_as_a_run_without_them(program: Program, tmp_path: Path) -> None:
    scenario = SCENARIOS / "signing-root-missing-update-off"
    case = yaml.safe_load((scenario / "case.yaml").read_text(encoding="utf-8"))
    answers = {name: value for name, value in case["answers"].items() if value != "unknown"}
    with open_windows(program=program) as windows:
        shutil.copytree(scenario / "machine", windows.path(r"C:\記録"))
        screens = Path(__file__).with_name("flow_on_screens.py")
        done = windows.python(screens, r"C:\記録", json.dumps(answers, default=str))
        assert done.returncode == 0, done.stderr.decode()
        verdict, folder = done.stdout.decode().splitlines()
        assert verdict == "結論 True"
        on_screens = json.loads(windows.path(folder + r"\result.json").read_bytes())
        given = [f"--answer={one['id']}={one['answer']}" for one in on_screens["questions"]]
        headless = json.loads(run(windows, "--machine", r"C:\記録", *given).stdout)
    assert verdicts(on_screens) == verdicts(headless)
    assert on_screens["primary_cause"] == headless["primary_cause"] == "signing-root-missing"


def test_a_bundle_made_on_windows_is_verified_and_judged_alike_on_linux(program: Program, tmp_path: Path) -> None:
    scenario = SCENARIOS / "log-failure-lines-utf-16"
    bundle = tmp_path / "ticket.zip"
    with planted(program, scenario) as windows:
        assert windows.program is not None
        result = json.loads(run(windows, *answers_of(scenario), "--output", OUTPUT).stdout)
        target = OUTPUT + r"\サポート.zip"
        made = diagnose(windows, "bundle", OUTPUT, "--output", target, "--incident", "affected_count=3")
        assert made.returncode == 0, made.stderr.decode()
        assert diagnose(windows, "verify", target).returncode == 0
        shutil.copy(windows.path(target), bundle)
        secret = X25519PrivateKey.generate()
        key = public_text(secret.public_key().public_bytes_raw())
        sealed = diagnose(windows, "bundle", OUTPUT, "--output", f"{target}.age", "--encrypt-to", key)
        assert sealed.returncode == 0, sealed.stderr.decode()
        shutil.copy(windows.path(f"{target}.age"), tmp_path)
    identity = tmp_path / "key.txt"
    identity.write_text(secret_text(secret.private_bytes_raw()), encoding="ascii")
    decrypt_file(tmp_path / "サポート.zip.age", tmp_path / "opened.zip", identity=identity)
    assert verify(tmp_path / "opened.zip").ok
    host = result["machine"]["hostname"].lower()
    with zipfile.ZipFile(bundle) as opened:
        texts = {name: opened.read(name).decode(errors="replace") for name in opened.namelist()}
    assert any(name.startswith("logs/C/") and "\r\n" in text for name, text in texts.items())
    assert not [name for name, text in texts.items() if re.search(rf"(?<![a-z0-9]){host}(?![a-z0-9])", text.lower())]
    assert (
        subprocess.run([sys.executable, "-m", "diagnose", "verify", bundle], cwd=PROJECT, check=False).returncode == 0
    )
    assert verdicts(replayed(bundle)) == verdicts(result)


@pytest.mark.parametrize("name", ["healthy-windows-10", "service-stopped"])
def test_a_run_changes_nothing_but_its_own_output(program: Program, name: str) -> None:
    scenario = SCENARIOS / name
    with planted(program, scenario) as windows:
        before = windows.snapshot()
        assert run(windows, *answers_of(scenario), "--output", OUTPUT).returncode in (0, 1)
        shutil.rmtree(windows.path(OUTPUT))
        assert before.differences(windows.snapshot()) == []


def test_an_agent_that_guards_its_folder_is_never_taken_for_a_broken_one(program: Program) -> None:
    """What self-defence hides is told as hidden: no cause, no "not installed", no error of ours."""
    scenario = SCENARIOS / "healthy-windows-10"
    with planted(program, scenario) as windows:
        windows.deny(r"C:\Program Files (x86)\Trend Micro\Security Agent")
        done = run(windows, *answers_of(scenario), launcher="diagnose.cmd")
    result = json.loads(done.stdout)
    assert (done.returncode, result["outcome"], result["causes"]) == (3, "unknown", [])
    statuses = {step["id"]: step["status"] for step in result["steps"]}
    assert "blocked" in statuses.values()
    assert not {"error", "fail", "warn"} & set(statuses.values()), statuses


def test_facts_are_read_however_an_agent_stores_them(program: Program, tmp_path: Path) -> None:
    """ESET's ways: text in binary, numbers as text, an empty text for "never", both sides of the registry."""
    (tmp_path / "rules").mkdir()
    shutil.copytree(PROJECT / "tests" / "windows" / "rules", tmp_path / "rules", dirs_exist_ok=True)
    with open_windows(program=program, drives=[Drive(tmp_path / "rules", r"\\server\rules")]) as windows:
        _install_eset_client(windows)
        done = run(windows, "--rules", r"\\server\rules", target="eset-client")
    result = json.loads(done.stdout)
    facts = {name: fact["value"] for name, fact in result["steps"][0]["facts"].items()}
    assert facts == {
        "agent.folder": r"C:\Program Files\ESET\ESET Security",
        "agent.version": "11.0.2044.0",
        "engine.date": "2026-05-20T00:00:00+09:00",
        "engine.activated": True,
        "update.server": "http://ミラー.example.co.jp:2221",
        "update.last_success": None,
        "update.last_attempt": "2026-05-20T12:04:05+09:00",
        "mirror.newest": "20260520",
        "log.last_error": "サーバに接続できません",
    }, done.stderr.decode()
    assert (done.returncode, result["primary_cause"]) == (1, "service-not-running")


def _install_eset_client(windows: Windows) -> None:
    root = r"HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\ESET\ESET Security\CurrentVersion"
    url = ",".join(f"{byte:02x}" for byte in "http://ミラー.example.co.jp:2221\0".encode())
    attempt = int(datetime(2026, 5, 20, 3, 4, 5, tzinfo=UTC).timestamp())
    windows.import_registry(
        rf"""
[{root}\Info]
"InstallDir"="C:\\Program Files\\ESET\\ESET Security\\"
"ProductVersion"="11.0.2044.0"
"ScannerVersion"="31234P (20260520)"
"WebActivationState"="1"
[{root}\Plugins\01000400\Settings]
"LastSuccessfulUpdate"=""
"LastUpdateAttempt"=dword:{attempt:08x}
[{root}\Config\plugins\01000400\profile\profile\@マイプロファイル\settings\UPDATE_CFG]
"UpdateUrl"=hex:{url}
"""
    )
    windows.write_file(r"C:\ProgramData\ESET\ミラー\update.ver", b"[ENGINE2]\r\ndate=20260520\r\n")
    log = "開始\r\n更新エラー: サーバに接続できません\r\n終了\r\n"
    windows.write_file(r"C:\ProgramData\ESET\ログ\更新.log", b"\xff\xfe" + log.encode("utf-16-le"))
    windows.create_service("ekrn", "ESET サービス", r"C:\Program Files\ESET\ESET Security\ekrn.exe")
    windows.create_service(
        "EraAgentSvc",
        "ESET 管理エージェント",
        r"C:\Program Files\ESET\RemoteAdministrator\ERAAgent.exe",
        exit_code=1067,
    )
