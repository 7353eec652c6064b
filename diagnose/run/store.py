"""A run folder: `result.json`, `report.html` and `machine/`, each written aside and renamed, so none is ever half."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from diagnose.errors import InputError, Place
from diagnose.input_files import folder_entries, is_folder, is_there, read_input
from diagnose.machine.recorder import Recorder
from diagnose.machine.recording_format import (
    CERTIFICATES_FOLDER,
    COMMANDS_FILE,
    EVENTS_FILE,
    FILES_FOLDER,
    MACHINE_FILE,
    NETWORK_FILE,
    REGISTRY_FOLDER,
    STORED_FOLDER,
)
from diagnose.messages import message
from diagnose.report.html import render_html
from diagnose.report.json_format import LARGEST_RESULT, parse_result, render_json
from diagnose.run.result import RunResult
from diagnose.text import Language
from diagnose.whole_file import write_whole_file
from diagnose.yaml_file import load_yaml

RESULT = "result.json"
REPORT = "report.html"
MACHINE = "machine"
RECORDING_LIMIT = 16_000_000
"""Bytes of a machine.yaml that is looked at before its folder is replaced."""
RECORDING_NAMES = frozenset(
    {
        MACHINE_FILE,
        COMMANDS_FILE,
        EVENTS_FILE,
        NETWORK_FILE,
        REGISTRY_FOLDER,
        FILES_FOLDER,
        STORED_FOLDER,
        CERTIFICATES_FOLDER,
    }
)


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where one run is kept."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> RunFolder:
        """Raises InputError when the folder cannot be made or written to, or holds what is not ours to replace."""
        check_recording_target(path / MACHINE)
        make_folder(path)
        clear_recording(path / MACHINE)
        return cls(path)

    def save_result(self, result: RunResult) -> None:
        write_whole_file(self.path / RESULT, render_json(result))

    def save_report(self, result: RunResult, language: Language) -> None:
        write_whole_file(self.path / REPORT, render_html(result, language).encode())

    def save_machine(self, recorder: Recorder) -> None:
        folder = self.path / MACHINE
        folder.mkdir(mode=0o700, exist_ok=True)
        recorder.write(folder)


@dataclass(frozen=True, slots=True)
class SavedRun:
    """A run that can be judged again."""

    result: RunResult
    recording: Path
    """The folder with what the run saw."""


def make_folder(path: Path) -> None:
    """Make sure that the folder is there and can be written to. Raises InputError."""
    try:
        # The record names people and computers: for its owner only.
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, probe = tempfile.mkstemp(dir=path)
    except (OSError, ValueError) as error:
        raise InputError(message("folder-unwritable", error=_in_words(error)), Place(str(path))) from None
    os.close(handle)
    Path(probe).unlink()


def check_recording_target(folder: Path) -> None:
    """A recording goes into an empty folder or over an earlier one of ours, over nothing else. Raises InputError."""
    names = {path.name for path in folder_entries(folder)} if is_there(folder) else set[str]()
    if names and not (names <= RECORDING_NAMES and _is_recording(folder)):
        raise InputError(message("not-our-recording"), Place(str(folder)))


def clear_recording(folder: Path) -> None:
    """Remove an earlier run's recording, which would mix with the new one; `check_recording_target` has allowed it."""
    try:
        for name in sorted(RECORDING_NAMES):
            path = folder / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(message("folder-unwritable", error=_in_words(error)), Place(str(folder))) from None


def _in_words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _is_recording(folder: Path) -> bool:
    try:
        data = load_yaml(folder / MACHINE_FILE, max_bytes=RECORDING_LIMIT).data
    except InputError:
        return False
    return isinstance(data, dict) and "recording" in data


def open_result(path: Path) -> RunResult:
    """The result in a run folder, or the file itself. Raises InputError."""
    file = path / RESULT if is_folder(path) else path
    data = read_input(file, LARGEST_RESULT)
    return parse_result(data, str(file))


def saved_run(path: Path) -> SavedRun:
    """By its folder, or by the result in it. Raises InputError, also when nothing was recorded beside the result."""
    result = open_result(path)
    recording = (path if is_folder(path) else path.parent) / MACHINE
    if not is_folder(recording):
        raise InputError(message("no-recording"), Place(str(recording)))
    return SavedRun(result, recording)
