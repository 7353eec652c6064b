"""Logins and licences in settings of products: planted, and found in no report and in nothing of a bundle."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnose.diagnostics import Exit
from tests.unit.command_line import ROOT, Cli, isolated_cli

SCENARIOS = ROOT / "tests" / "scenarios"
PUBLIC_ID, SEAT, PASSWORD, USER = "3QX-K7W-9ZD", "受付カウンタ 3号機", "Ge7heim-Wort", "mirroruser"
UUID = "7d3f0b1e-5a6c-4e2d-9b8a-0c1d2e3f4a5b"


@pytest.fixture
def cli(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    yield from isolated_cli(tmp_path, capfdbinary, monkeypatch)


def copied(tmp_path: Path, scenario: str) -> Path:
    machine = tmp_path / "recorded"
    shutil.copytree(SCENARIOS / scenario / "machine", machine)
    return machine


def report_and_bundle(cli: Cli, tmp_path: Path, machine: Path, flow: str) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """What the run said of the computer, apart from the recording, and all members of the bundle, by name."""
    run, archive = tmp_path / "run", tmp_path / "ticket.zip"
    ran = cli("run", flow, "--machine", machine, "--output", run, "--no-input")
    assert ran.code in (Exit.PASS, Exit.FOUND, Exit.UNKNOWN), ran.err
    made = cli("bundle", run, "--output", archive)
    assert made.code == Exit.PASS, made.err
    said = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    with zipfile.ZipFile(archive) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    assert {"result.json", "report.html", "ticket.ja.txt"} <= members.keys()
    return {**said, "the terminal": ran.out.encode() + ran.err.encode()}, members


def holders(members: dict[str, bytes], *secrets: str) -> list[tuple[str, str]]:
    """Where a secret stands, in any letters and in the encodings of .reg files and of the console."""
    found = []
    for name, data in members.items():
        low = data.lower() + b"\n" + name.lower().encode()
        for secret in secrets:
            spellings = {secret.lower().encode(code, "replace") for code in ("utf-8", "utf-16-le", "cp932")}
            hexed = {spelling.hex(",") for spelling in spellings}
            if any(one in low for one in (*spellings, *(one.encode() for one in hexed))):
                found.append((name, secret))
    return found


@pytest.mark.parametrize("stored", ["hex", "text"])
@pytest.mark.parametrize(
    "url",
    [
        "http://{user}:{password}@192.168.10.5:2221",
        "http//{user}:{password}@192.168.10.5:2221",
        "http:\\{user}:{password}@192.168.10.5:2221",
        "http://{user}:{password} {password}@192.168.10.5:2221",
        "http://{user}:{password}/{password}@192.168.10.5:2221",
        "{user}:{password}@192.168.10.5:2221",
        "http://{user}:{password}@{password}@192.168.10.5:2221",
        "http://{user}:{password}＠192.168.10.5:2221",
    ],
)
def test_a_login_in_the_address_of_a_mirror(cli: Cli, tmp_path: Path, url: str, stored: str) -> None:
    machine = copied(tmp_path, "eset/fit-license-date-known")
    written = url.format(user=USER, password=PASSWORD)
    shown = written.encode().hex(",") if stored == "hex" else written.replace("\\", "\\\\")
    registry = machine / "registry" / "eset.reg"
    lines = registry.read_text(encoding="utf-16").splitlines()
    value = f'"UpdateUrl"=hex:{shown}' if stored == "hex" else f'"UpdateUrl"="{shown}"'
    lines = [value if line.startswith('"UpdateUrl"=') else line for line in lines]
    assert value in lines
    registry.write_text("\n".join([*lines, ""]), encoding="utf-16")
    said, members = report_and_bundle(cli, tmp_path, machine, "eset/client-update")
    assert holders(said, PASSWORD) == []
    assert holders(members, PASSWORD, USER) == []


def test_whose_licence_it_is(cli: Cli, tmp_path: Path) -> None:
    machine = copied(tmp_path, "eset/fit-license-date-known")
    registry = machine / "registry" / "eset.reg"
    text = registry.read_text(encoding="utf-16").replace("33A-BCD-EFG", PUBLIC_ID)
    registry.write_text(text, encoding="utf-16")
    commands = machine / "commands.yaml"
    told = commands.read_text(encoding="utf-8").replace("33A-BCD-EFG", PUBLIC_ID).replace('"keiri"', f'"{SEAT}"')
    assert SEAT in told
    commands.write_text(told, encoding="utf-8")
    _, members = report_and_bundle(cli, tmp_path, machine, "eset/client-update")
    assert holders(members, PUBLIC_ID, SEAT) == []
    registries = b"".join(data for name, data in members.items() if name.endswith(".reg"))
    assert b"WebLicensePublicId" in registries.replace(b"\0", b"")
    assert b"lic-" in registries.replace(b"\0", b"")
    assert b"expiration_date" in members["machine/commands.yaml"]


@pytest.mark.parametrize("line", ["HTTPProxyPassword {}", '  HTTPProxyPassword   "{}"', "#HTTPProxyPassword {}"])
def test_the_proxys_password_in_freshclams_settings(cli: Cli, tmp_path: Path, line: str) -> None:
    machine = copied(tmp_path, "clamav/block-page-and-old")
    settings = machine / "files" / "etc" / "clamav" / "freshclam.conf"
    with settings.open("a", encoding="utf-8") as file:
        file.write(f"HTTPProxyServer proxy.example.org\nHTTPProxyUsername {USER}\n{line.format(PASSWORD)}\n")
    known = machine / "files" / "var" / "lib" / "clamav" / "freshclam.dat"
    state = known.read_bytes()
    assert state[17:53].count(b"-") == 4
    known.write_bytes(state[:17] + UUID.encode() + state[53:])
    said, members = report_and_bundle(cli, tmp_path, machine, "clamav/definitions")
    assert holders(said, PASSWORD, USER) == []
    assert holders(members, PASSWORD, USER, UUID) == []
    kept = next(data for name, data in members.items() if name.endswith("freshclam.conf"))
    assert b"HTTPProxyPassword" in kept
