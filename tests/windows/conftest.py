from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

import pytest

from tests.windows.linux import Program, why_not
from tests.windows.wine import USER_ID, Windows, open_windows

ZIP = Path(os.environ.get("DIAGNOSE_WINDOWSZIP") or Path(__file__).parents[2] / "dist" / "diagnose-windows-x64.zip")
# As on a Japanese desktop.
_FOLDER = PureWindowsPath("C:\\診断 ツール\\diagnose")


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The portable program, unpacked once; every Windows sees it as its own."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    if not ZIP.is_file():
        pytest.skip(f"the Windows tests need {ZIP}, which packaging/windows builds")
    made = Program(tmp_path_factory.mktemp("program"), _FOLDER)
    target = made.layer_of(_FOLDER.parent)
    target.mkdir(parents=True)
    with zipfile.ZipFile(ZIP) as archive:
        archive.extractall(target)
    # Its user could write there, so that a snapshot would show it.
    for path in (target, *target.rglob("*")):
        os.chown(path, USER_ID, USER_ID)
    return made


@pytest.fixture(scope="module")
def windows(program: Program) -> Iterator[Windows]:
    """A Japanese Windows with the program, for all tests of a module."""
    with open_windows(program=program) as opened:
        yield opened
