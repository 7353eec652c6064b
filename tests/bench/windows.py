"""How long the portable program takes to start under Wine, beside the bare interpreter that it ships."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path, PureWindowsPath

from tests.windows.linux import Drive, why_not
from tests.windows.program import ZIP, unpack
from tests.windows.wine import open_windows

_CASE = r"\\server\case"

Seconds = Callable[[Callable[[], object], int], float]


def windows_start_up(seconds: Seconds, recording: Path | None) -> None:
    """Prints medians; `seconds` measures the median wall time of an action over some repeats."""
    reason = why_not() or (None if ZIP.is_file() else f"no {ZIP.name}; ./do portable builds it")
    if reason or recording is None:
        print(f"under Wine                     not measured: {reason}")
        return
    drives = [Drive(recording, _CASE)]
    with tempfile.TemporaryDirectory() as folder:
        program = unpack(Path(folder))
        with open_windows(program=program, drives=drives) as windows:

            def timed(*argv: str | PureWindowsPath) -> float:
                return seconds(lambda: windows.run(argv), 9)

            launcher = program.folder / "diagnose.exe"
            bare = timed(program.interpreter, "-I", "-c", "pass")
            for what, took in (
                ("Wine: python -c pass", bare),
                ("Wine: diagnose --version", timed(launcher, "--version")),
                ("Wine: diagnose flows", timed(launcher, "flows")),
                ("Wine: recorded apex-one run", timed(launcher, "run", "apex-one", "--no-input", "--machine", _CASE)),
            ):
                print(f"{what:30} {took * 1e3:8.1f} ms   {took / bare:.1f} x bare")
