"""A run folder: `result.json`, `report.html` and `machine/`, each written aside and renamed, so none is ever half."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from diagnose.errors import InputError, Place
from diagnose.machine.recorder import Recorder
from diagnose.messages import message
from diagnose.report.html import render_html
from diagnose.report.json_format import parse_result, render_json
from diagnose.run.result import RunResult
from diagnose.text import Language

RESULT = "result.json"
REPORT = "report.html"
MACHINE = "machine"


def write_aside(path: Path, data: bytes) -> None:
    """Write a file completely or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        # mkstemp gives 0600: a run record holds names of people and computers, so that is kept.
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where one run is kept."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> RunFolder:
        """Raises InputError when the folder cannot be made or written to."""
        try:
            path.mkdir(parents=True, exist_ok=True)
            handle, probe = tempfile.mkstemp(dir=path)
        except OSError as error:
            raise InputError(
                message("folder-unwritable", error=error.strerror or str(error)), Place(str(path))
            ) from None
        os.close(handle)
        Path(probe).unlink()
        return cls(path)

    def save_result(self, result: RunResult) -> None:
        write_aside(self.path / RESULT, render_json(result))

    def save_report(self, result: RunResult, language: Language) -> None:
        write_aside(self.path / REPORT, render_html(result, language).encode())

    def save_machine(self, recorder: Recorder) -> None:
        recorder.write(self.path / MACHINE)


def open_result(path: Path) -> RunResult:
    """The result in a run folder, or the file itself. Raises InputError."""
    file = path / RESULT if path.is_dir() else path
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise InputError(message("file-not-found"), Place(str(file))) from None
    except OSError as error:
        raise InputError(message("file-unreadable", error=error.strerror or str(error)), Place(str(file))) from None
    return parse_result(data, str(file))
