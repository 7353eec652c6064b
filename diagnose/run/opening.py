"""What a run needs before it begins, for every front end: computer, rules, flow, and the folder that keeps it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from diagnose.input_files import is_there
from diagnose.machine.interface import Machine
from diagnose.machine.live import open_live_machine
from diagnose.machine.recorded import RecordedMachine
from diagnose.machine.recorder import Recorder
from diagnose.machine.recording_format import MACHINE_FILE
from diagnose.messages import Message, message
from diagnose.resources import rules_folder
from diagnose.rules.compiled import CompiledFlow
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import RuleFolders, open_rule_folders
from diagnose.run.choosing import detect
from diagnose.run.clock import Clock, SystemClock
from diagnose.run.events import Event, RunFinished, RunStarted, StepJudged
from diagnose.run.result import RunResult
from diagnose.run.store import MACHINE, RunFolder
from diagnose.text import Language


@dataclass(frozen=True, slots=True)
class Computer:
    """The computer that is looked at, and the rules it is judged by."""

    recorder: Recorder
    folders: RuleFolders
    clock: Clock
    now: datetime
    """The computer's own time."""
    rules: tuple[Path, ...] = ()
    """Folders with more rules."""

    def flow(self, product: str, flow: str) -> CompiledFlow:
        """Raises InputError."""
        # Folders of its own: the digest of a flow's rules must not tell which others were looked at before.
        return compile_flow(open_rule_folders(rules_folder(), self.rules), product, flow)

    def role(self, product: str) -> str | None:
        roles = detect(self.folders, product, self.recorder, self.now).roles
        return roles[0].id if roles else None

    def new_run_id(self) -> str:
        return f"{self.clock.wall():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def open_computer(recording: Path | None, rules: tuple[Path, ...]) -> Computer:
    """This computer, or a recorded one. Raises InputError."""
    clock = SystemClock()
    recorder = Recorder(open_machine(recording, clock))
    folders = open_rule_folders(rules_folder(), rules)
    return Computer(recorder, folders, clock, recorder.now(), rules)


def open_machine(recording: Path | None, clock: Clock) -> Machine:
    return open_live_machine(clock.wall) if recording is None else RecordedMachine.open(recording_in(recording))


def recording_in(folder: Path) -> Path:
    """The folder itself, or the recording inside a run folder or a scenario."""
    inside = folder / MACHINE
    return inside if not is_there(folder / MACHINE_FILE) and is_there(inside / MACHINE_FILE) else folder


def state_folder() -> Path:
    """Where runs without --output are kept: the user's own state folder, never beside the program."""
    import platformdirs

    return platformdirs.user_state_path("diagnose", appauthor=False) / "runs"


class Keeper:
    """Saves the run as it goes, so that a killed run keeps what it had. `tell` says what could not be saved."""

    def __init__(self, recorder: Recorder, folder: RunFolder | None, tell: Callable[[Message], None]) -> None:
        self._recorder = recorder
        self._tell = tell
        self.folder = folder
        """None when nothing is kept, or nothing can be any more."""

    def keep(self, event: Event) -> None:
        if self.folder is None:
            return
        if isinstance(event, RunStarted | StepJudged | RunFinished):
            try:
                self.folder.save_result(event.result)
                self.folder.save_machine(self._recorder)
            except OSError as error:
                self._give_up(self.folder.path, error)

    def finish(self, result: RunResult, language: Language) -> None:
        """With the report."""
        if self.folder is not None:
            try:
                self.folder.save_report(result, language)
                self._tell(message("saved", folder=self.folder.path))
            except OSError as error:
                self._give_up(self.folder.path, error)

    def record(self, folder: Path) -> None:
        """The recording once more, where the operator wants it."""
        try:
            self._recorder.write(folder)
            self._tell(message("recorded", folder=folder))
        except OSError as error:
            self._give_up(folder, error)

    def _give_up(self, folder: Path, error: OSError) -> None:
        """A full disk may be the very fault that is looked for: the run goes on, and its result is still shown."""
        self.folder = None
        self._tell(message("not-saved", folder=folder, error=error.strerror or str(error)))
