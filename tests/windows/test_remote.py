"""What `diagnose remote` does on a Windows, under Wine: its two lines as cmd reads them, with the portable program.

Wine has neither an SSH server nor a tar, and its PowerShell is a stub: here the program is unpacked beforehand.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from diagnose.bundle.layout import read_layout
from diagnose.bundle.limits import Limits
from diagnose.remote.order import ANSWER, BUNDLE, MAP, BundleOrder, Order
from diagnose.remote.windows import remove_line, run_line
from diagnose.report.json_format import parse_result
from diagnose.text import Language
from tests.windows.linux import Drive, Program
from tests.windows.program import ZIP
from tests.windows.wine import Windows, open_windows

NAME = "diagnose-remote-0123456789abcdef"
RECORDING = Path(__file__).parents[1] / "scenarios" / "apex-one" / "scope-blocks-programs" / "machine"
HOME, CASE = "f:", r"\\server\case"


@pytest.fixture(scope="module")
def home(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Windows, Path]]:
    """A Windows, and the folder of the account in which sftp and the shell begin."""
    folder = tmp_path_factory.mktemp("home")
    folder.chmod(0o777)
    drives = [Drive(folder, HOME, writable=True), Drive(RECORDING, CASE)]
    with open_windows(program=program, drives=drives) as windows:
        yield windows, folder


def _put(folder: Path, order: Order) -> Path:
    """What sftp puts there, and what tar makes of it."""
    target = folder / NAME
    target.mkdir()
    (target / "order.json").write_bytes(msgspec.json.encode(order))
    with zipfile.ZipFile(ZIP) as archive:
        archive.extractall(target)
    for path in (target, *target.rglob("*")):
        path.chmod(0o777)
    return target


def _shell(windows: Windows, folder: Path, line: str) -> tuple[int, bytes]:
    (folder / "line.cmd").write_bytes(f"@{line}\r\n@exit /b %ERRORLEVEL%\r\n".encode("ascii"))
    done = windows.run(["cmd.exe", "/d", "/c", "f:\\line.cmd"], cwd="f:\\")
    return done.returncode, done.stderr


def test_an_order_is_carried_out_and_everything_removed(home: tuple[Windows, Path]) -> None:
    windows, folder = home
    order = Order(
        id="0123",
        target="apex-one/agent-upgrade",
        language=Language.JA,
        answers={"license_status": "active"},
        machine=CASE,
        bundle=BundleOrder(),
    )
    target = _put(folder, order)
    code, said = _shell(windows, folder, run_line(NAME))
    assert code == 1, said.decode("utf-8", "replace")
    assert "アップデート設定権限の確認" in said.decode("utf-8", "replace")
    assert not (target / "order.json").exists()
    assert all((target / name).is_file() for name in (ANSWER, BUNDLE, MAP))
    with (target / ANSWER).open("rb") as stream:
        assert read_layout(stream, Limits()).problems == ()
    with zipfile.ZipFile(target / ANSWER) as archive:
        assert json.loads(archive.read("about.json"))["order"] == "0123"
        result = parse_result(archive.read("result.json"), "result.json")
    assert result.primary_cause == "update-scope-excludes-program"
    assert _shell(windows, folder, remove_line(NAME)) == (0, b"")
    assert not target.exists()
