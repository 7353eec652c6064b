"""The portable program, unpacked for a Windows of the tests."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path, PureWindowsPath

from tests.windows.linux import Program
from tests.windows.wine import USER_ID

ZIP = Path(os.environ.get("DIAGNOSE_WINDOWS_ZIP") or Path(__file__).parents[2] / "dist" / "diagnose-windows-x64.zip")
# As on a Japanese desktop.
_FOLDER = PureWindowsPath("C:\\診断 ツール\\diagnose")


def unpack(layer: Path) -> Program:
    """Unpacks the zip below `layer`, owned by the user of Windows, so that a snapshot shows what it writes there."""
    program = Program(layer, _FOLDER)
    target = program.layer_of(_FOLDER.parent)
    target.mkdir(parents=True)
    with zipfile.ZipFile(ZIP) as archive:
        archive.extractall(target)
    for path in (target, *target.rglob("*")):
        os.chown(path, USER_ID, USER_ID)
    return program
