"""Which computers the console manages, what is asked about them in which order, and what never reaches a report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from diagnose.machine.recorded import RecordedMachine
from diagnose.resources import rules_folder
from diagnose.rules.folders import open_rule_folders
from diagnose.run.choosing import choose, detect
from tests.unit.command_line import Cli, isolated_cli

SCENARIOS = Path(__file__).parents[1] / "scenarios"
OURS = SCENARIOS / "kaspersky-cloud"
FOLDERS = open_rule_folders(rules_folder())
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def roles(folder: Path) -> tuple[tuple[str, ...], bool]:
    detected = detect(FOLDERS, "kaspersky-cloud", RecordedMachine.open(folder), NOW)
    return tuple(role.id for role in detected.roles), detected.undecided


@pytest.mark.parametrize(
    ("scenario", "found"),
    [
        ("kaspersky-cloud/healthy-unattended", ("agent", "protection")),
        ("kaspersky-cloud/healthy-older-product-key", ("agent", "protection")),
        ("kaspersky-cloud/healthy-distribution-point-without-protection", ("agent",)),
        ("kaspersky-cloud/agent-not-installed", ("protection",)),
        ("kaspersky-cloud/healthy-linux-direct", ("agent", "protection")),
        ("kaspersky-cloud/healthy-linux-distribution-point-only", ("agent",)),
        ("kaspersky-cloud/linux-agent-not-installed", ("protection",)),
        ("machine/fit-linux", ()),
        ("defender/healthy-windows-11", ()),
        ("apex-one/healthy-windows-10", ()),
    ],
)
def test_a_managed_device_is_known_by_its_agent_or_its_protection(scenario: str, found: tuple[str, ...]) -> None:
    assert roles(SCENARIOS / scenario / "machine")[0] == found


def test_a_computer_of_which_nothing_was_seen_stays_undecided() -> None:
    assert roles(OURS / "nothing-recorded" / "machine") == ((), True)


def test_a_product_for_homes_is_no_managed_device(tmp_path: Path) -> None:
    (tmp_path / "registry").mkdir()
    (tmp_path / "machine.yaml").write_text("platform: windows\nsecurity_products: [{name: Kaspersky, state: 266240}]\n")
    key = r"[HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\KasperskyLab\protected\AVP21.20\environment]"
    (tmp_path / "registry" / "home.reg").write_text(
        f'Windows Registry Editor Version 5.00\r\n\r\n{key}\r\n"ProductName"="Kaspersky Standard"\r\n', newline=""
    )
    assert roles(tmp_path)[0] == ()


def test_a_run_without_a_product_takes_the_flow() -> None:
    machine = RecordedMachine.open(OURS / "healthy-linux-direct" / "machine")
    assert choose(FOLDERS, None, machine, NOW) == ("kaspersky-cloud", "definitions")


@pytest.fixture
def cli(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    yield from isolated_cli(tmp_path, capsysbinary, monkeypatch)


@pytest.mark.parametrize("format_", ["text", "json", "html"])
def test_a_password_in_the_address_of_a_folder_stays_out_of_result_and_report(cli: Cli, format_: str) -> None:
    machine, output = OURS / "linux-folder-is-an-address" / "machine", cli.folder / "result"
    assert "himitsu" in (machine / "commands.yaml").read_text()
    done = cli(
        *("run", "kaspersky-cloud", "--machine", machine, "--no-input"), *("--output", output, "--format", format_)
    )
    assert (done.code, "himitsu" in done.out) == (1, False)
    written = [path for path in output.iterdir() if path.is_file()]
    assert written
    assert all("himitsu" not in path.read_text() for path in written)
